import { type Command, ONE_WORD } from './command.ts';

/** Questions that wait for people, and their standing answers. */
export const APPROVAL_COMMANDS: readonly Command[] = [
  {
    name: 'approvals list',
    usage: '[--json]',
    does: 'Questions that wait for people, and those that ran out.',
    options: { json: 'boolean' },
    load: () => import('./commands/approvals-list.ts'),
  },
  {
    name: 'approvals show',
    usage: 'ID [--json]',
    does: 'One question in full: what would happen, to whom, why you are asked.',
    words: ONE_WORD,
    options: { json: 'boolean' },
    load: () => import('./commands/approvals-show.ts'),
  },
  {
    name: 'approvals approve',
    usage: 'ID',
    does: 'Shows the question and the link where a passkey answers it.',
    words: ONE_WORD,
    load: () => import('./commands/approvals-show.ts'),
  },
  {
    name: 'approvals less',
    usage: 'ID [--yes DIGEST] [--json]',
    does: 'How its rules would ask less, and what that would have let pass; with --yes takes it.',
    words: ONE_WORD,
    options: { yes: 'string', json: 'boolean' },
    judges: true,
    load: () => import('./commands/approvals-less.ts'),
  },
  {
    name: 'approvals deny',
    usage: 'ID --why W',
    does: 'Takes a question back at once; needs no passkey.',
    words: ONE_WORD,
    options: { why: 'string' },
    load: () => import('./commands/approvals-deny.ts'),
  },
  {
    name: 'grants list',
    usage: '[--json]',
    does: 'Standing approvals: for what, of whom, how often used, until when.',
    options: { json: 'boolean' },
    load: () => import('./commands/grants-list.ts'),
  },
  {
    name: 'grants revoke',
    usage: 'ID',
    does: 'Takes a standing approval back at once; needs no passkey.',
    words: ONE_WORD,
    load: () => import('./commands/grants-revoke.ts'),
  },
];
