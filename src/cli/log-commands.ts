import { type Command, ONE_WORD } from './command.ts';

/** What is read of the log, verified and taken elsewhere. */
export const LOG_COMMANDS: readonly Command[] = [
  {
    name: 'log show',
    usage: '[--agent A] [--session S] [--since T] [--follow] [--json]',
    does: 'The log, oldest first.',
    options: { agent: 'string', session: 'string', since: 'string', follow: 'boolean', json: 'boolean' },
    load: () => import('./commands/log-show.ts'),
  },
  {
    name: 'log verify',
    usage: '[--key FILE] [--bundle FILE] [--against CHECKPOINT] [--deep] [--json]',
    does: 'Verifies the log, or a bundle with no instance and no network; exits 3 where it does not hold.',
    options: { key: 'string', bundle: 'string', against: 'string', deep: 'boolean', json: 'boolean' },
    judges: true,
    load: () => import('./commands/log-verify.ts'),
  },
  {
    name: 'log trace',
    usage: 'ACTION-ID|ENTRY [--json]',
    does: 'What led to an action: its session, what that had read, denials, the rules of then.',
    words: ONE_WORD,
    options: { json: 'boolean' },
    load: () => import('./commands/log-trace.ts'),
  },
  {
    name: 'log export',
    usage: 'FILE [--format bundle|ocsf]',
    does: 'Writes a bundle that anyone can verify, or OCSF events; - is stdout.',
    words: ONE_WORD,
    options: { format: 'string' },
    load: () => import('./commands/log-export.ts'),
  },
  {
    name: 'log checkpoint',
    usage: '',
    does: 'Prints the newest signed checkpoint.',
    load: () => import('./commands/log-checkpoint.ts'),
  },
];
