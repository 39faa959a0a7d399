import { type Command, ONE_WORD } from './command.ts';

/** What is done with cases, the trace of every stop. */
export const CASE_COMMANDS: readonly Command[] = [
  {
    name: 'cases list',
    usage: '[--json]',
    does: 'What stops and trips left to look into: open cases, then closed ones.',
    options: { json: 'boolean' },
    load: () => import('./commands/cases-list.ts'),
  },
  {
    name: 'cases show',
    usage: 'ID [--json]',
    does: 'What stopped it, what has an unknown end, and what was done since an owner last looked.',
    words: ONE_WORD,
    options: { json: 'boolean' },
    load: () => import('./commands/cases-show.ts'),
  },
  {
    name: 'cases close',
    usage: 'ID --happened W --changes W',
    does: 'Closes it with a debrief that is kept: what happened, and what changes.',
    words: ONE_WORD,
    options: { happened: 'string', changes: 'string' },
    load: () => import('./commands/cases-close.ts'),
  },
];
