import type { Command } from './command.ts';
import { hanging } from './wrap.ts';

interface OptionHelp {
  /** What stands for the value; absent: it takes none. */
  readonly value?: string;
  readonly says: string;
}

/** What each option means and what it may be given, in one place, for an option means the same wherever it stands. */
export const OPTION_HELP: Readonly<Record<string, OptionHelp>> = {
  agent: { value: 'ID', says: 'an agent, as ./lanyard agent list names it' },
  against: {
    value: 'CHECKPOINT',
    says: "a file with a signed checkpoint kept elsewhere, or a witness's directory",
  },
  all: { says: 'everything that waits to be confirmed' },
  bundle: { value: 'FILE', says: 'a bundle of ./lanyard log export, in place of the log of this state' },
  changes: { value: 'TEXT', says: 'what changes, so that it does not happen again' },
  config: {
    value: 'FILE',
    says: 'the configuration; else LANYARD_CONFIG, ./lanyard.yaml, or home/lanyard.yaml of this checkout',
  },
  deep: { says: 'reads what the entries mean as well, and what was governed when' },
  'dry-run': { says: 'only shows what would be done' },
  follow: { says: 'goes on with what comes, until it is interrupted' },
  format: {
    value: 'bundle|ocsf',
    says: 'bundle: anyone can verify it (the default); ocsf: events for a SIEM',
  },
  from: { value: 'FILE', says: 'a tools/list result, in place of what the upstream is pinned with' },
  happened: { value: 'TEXT', says: 'what happened' },
  help: { says: 'this' },
  json: { says: 'one JSON document; streams: one object a line' },
  keep: { says: 'leaves its directory behind, to be looked at' },
  key: { value: 'FILE', says: 'a file with the verifier key to hold it to, one line: <name>+<id>+<base64>' },
  level: {
    value: 'LEVEL',
    says: 'watched (all but reads need a person), frozen (nothing runs; the default) or killed (tokens gone too)',
  },
  'no-cgroup': { says: 'does without a control group of its own' },
  'no-namespaces': { says: 'does without bubblewrap: its network and files are then not held' },
  record: { says: 'writes each decision into the log; needs a running instance' },
  session: { value: 'ID', says: 'a session, as the entries of the log name it' },
  since: { value: 'TIME', says: 'a date such as 2026-11-20T20:00:00Z, or a span such as 2h or 7d' },
  terminal: { says: 'gives the program a terminal of its own' },
  test: { value: 'PERSON', says: 'asks this person the test question and nothing else' },
  ttl: {
    value: 'SPAN',
    says: 'how long it is good: a number and s, m, h or d, up to 3650d; 90d where nothing is said',
  },
  upstream: { value: 'ID', says: 'a server, as the configuration names it' },
  verbose: { says: 'each try, with what was done and seen' },
  why: { value: 'TEXT', says: 'the reason; people read it in the log' },
  yes: { value: 'DIGEST', says: 'takes exactly what was shown under this digest, without asking' },
};

/** What `./lanyard COMMAND --help` says. */
export function commandHelp(command: Command): string {
  const names = [...Object.keys(command.options ?? {}).sort(), 'config'];
  const rows = names.map((name): [string, string] => {
    const { value, says } = OPTION_HELP[name] ?? { says: '' };
    const flag = name === 'config' ? '-c' : `--${name}`;
    return [value === undefined ? flag : `${flag} ${value}`, says];
  });
  const width = Math.max(...rows.map(([flag]) => flag.length));
  const lines = rows.map(([flag, says]) => `${hanging(`  ${flag.padEnd(width)}  `, says)}\n`);
  return `${`./lanyard ${command.name} ${command.usage}`.trimEnd()}\n${hanging('  ', command.does)}\n\n${lines.join('')}`;
}

/** What `./lanyard GROUP --help` says: the commands that begin with that word. */
export function groupHelp(group: string, commands: readonly Command[]): string {
  const lines = commands.map(
    ({ name, usage, does }) => `${`./lanyard ${name} ${usage}`.trimEnd()}\n${hanging('  ', does)}\n`,
  );
  return `${lines.join('')}\n./lanyard ${group} COMMAND --help says what its options may be given.\n`;
}
