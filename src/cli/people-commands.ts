import { type Command, ONE_WORD } from './command.ts';

/** Who signs, where they are signed in, and how a phone of theirs is set up. */
export const PEOPLE_COMMANDS: readonly Command[] = [
  {
    name: 'enrol',
    usage: '[PERSON]',
    does: 'A code for the first passkey, on your terminal alone; from then on people sign what widens.',
    words: { least: 0, most: 1 },
    load: () => import('./commands/enrol.ts'),
  },
  {
    name: 'phone',
    usage: '[PERSON] [--test PERSON]',
    does: 'Sets a phone up: checks that it gets in, shows the code that takes it there, asks a test question.',
    words: { least: 0, most: 1 },
    options: { test: 'string' },
    load: () => import('./commands/phone.ts'),
  },
  {
    name: 'confirm',
    usage: '[ENTRY… | --all] [--json]',
    does: 'What was done while nobody could sign, and has it confirmed.',
    words: { least: 0, most: 1000 },
    options: { all: 'boolean', json: 'boolean' },
    load: () => import('./commands/confirm.ts'),
  },
  {
    name: 'people sessions',
    usage: '[--json]',
    does: 'Who is signed in at the console, from where, and since when.',
    options: { json: 'boolean' },
    load: () => import('./commands/people-sessions.ts'),
  },
  {
    name: 'people sign-out',
    usage: 'SESSION|PERSON',
    does: 'Ends a session of a person, or all of hers, at once; needs no passkey.',
    words: ONE_WORD,
    load: () => import('./commands/people-sign-out.ts'),
  },
];
