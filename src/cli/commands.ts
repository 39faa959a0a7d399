import { AGENT_COMMANDS } from './agent-commands.ts';
import { APPROVAL_COMMANDS } from './approval-commands.ts';
import { CASE_COMMANDS } from './case-commands.ts';
import { type Command, ONE_WORD } from './command.ts';
import { LOG_COMMANDS } from './log-commands.ts';
import { PEOPLE_COMMANDS } from './people-commands.ts';
import { RULE_COMMANDS } from './rule-commands.ts';
import { hanging } from './wrap.ts';

/** Every command, in the order in which `./lanyard help` shows them. */
export const COMMANDS: readonly Command[] = [
  {
    name: 'up',
    usage: '[-c FILE]',
    does: 'Runs in the foreground; prints `ready <url>` once every door accepts.',
    load: () => import('./commands/up.ts'),
  },
  {
    name: 'start',
    usage: '[-c FILE]',
    does: 'Like up; without a configuration it writes a starter one into ./home first.',
    load: () => import('./commands/start.ts'),
  },
  {
    name: 'demo',
    usage: '[-c FILE] [--keep]',
    does: 'Plays an attack of a coding agent on a maintainer through real doors, and shows what is stopped.',
    options: { keep: 'boolean' },
    load: () => import('./commands/demo.ts'),
  },
  {
    name: 'apply',
    usage: '[--dry-run] [--json]',
    does: 'Shows how the files differ from what is in force, and takes them.',
    options: { 'dry-run': 'boolean', json: 'boolean' },
    load: () => import('./commands/apply.ts'),
  },
  {
    name: 'run',
    usage: '--agent A [--terminal] [--no-namespaces] [--no-cgroup] -- CMD…',
    does: 'Runs a program for an agent, held by the kill cord; its token comes from LANYARD_TOKEN.',
    words: { least: 1, most: 10_000 },
    options: { agent: 'string', terminal: 'boolean', 'no-namespaces': 'boolean', 'no-cgroup': 'boolean' },
    load: () => import('./commands/run.ts'),
  },
  ...AGENT_COMMANDS,
  ...RULE_COMMANDS,
  {
    name: 'drill',
    usage: 'agent:ID [--level killed] [--json]',
    does: 'Rehearses a stop on canaries of the running instance and measures it; exits 3 where it did not hold.',
    words: ONE_WORD,
    options: { level: 'string', json: 'boolean' },
    judges: true,
    load: () => import('./commands/drill.ts'),
  },
  {
    name: 'drill check',
    usage: 'FILE --key FILE [--json]',
    does: 'Verifies a signed report of a drill; exits 3 where it does not count, or the stop did not hold.',
    words: ONE_WORD,
    options: { key: 'string', json: 'boolean' },
    judges: true,
    load: () => import('./commands/drill-check.ts'),
  },
  {
    name: 'doctor',
    usage: '[--verbose] [--json]',
    does: 'Fires every control on purpose, in throwaway siblings; exits 3 where one did not fire.',
    options: { verbose: 'boolean', json: 'boolean' },
    judges: true,
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'inventory',
    usage: '[--agent A] [--upstream U] [--json]',
    does: 'What each agent could do with which credential, what lacks a limit first.',
    options: { agent: 'string', upstream: 'string', json: 'boolean' },
    load: () => import('./commands/inventory.ts'),
  },
  ...LOG_COMMANDS,
  {
    name: 'decide',
    usage: '[--record]',
    does: 'AuthZEN requests on stdin, one a line → decisions; exits 3 if any is denied.',
    options: { record: 'boolean' },
    judges: true,
    load: () => import('./commands/decide.ts'),
  },
  {
    name: 'stop',
    usage:
      'all|agent:ID|owner:ID|session:ID|operation:NAME|upstream:ID|target:ID [--level watched|frozen|killed] [--why W] [--dry-run]',
    does: 'Stops it at once and says what was cut; with --dry-run only says what would be.',
    words: ONE_WORD,
    options: { level: 'string', why: 'string', 'dry-run': 'boolean' },
    load: () => import('./commands/stop.ts'),
  },
  {
    name: 'release',
    usage: 'all|agent:ID|owner:ID|session:ID|operation:NAME|upstream:ID|target:ID --why W',
    does: 'Takes a stop back; what was killed, once two people have signed.',
    words: ONE_WORD,
    options: { why: 'string' },
    load: () => import('./commands/release.ts'),
  },
  ...APPROVAL_COMMANDS,
  ...CASE_COMMANDS,
  {
    name: 'inbox',
    usage: '[--json]',
    does: 'What waits for whom: questions, alerts, what could not be delivered.',
    options: { json: 'boolean' },
    load: () => import('./commands/inbox.ts'),
  },
  {
    name: 'acknowledge',
    usage: 'ALERT|LANE [--why W]',
    does: 'Says that somebody has seen an alert, or undelivered messages; a page ends by it.',
    words: ONE_WORD,
    options: { why: 'string' },
    load: () => import('./commands/acknowledge.ts'),
  },
  ...PEOPLE_COMMANDS,
  {
    name: 'status',
    usage: '[--json]',
    does: 'What is in force, what is stopped, what is missing.',
    options: { json: 'boolean' },
    load: () => import('./commands/status.ts'),
  },
  {
    name: 'mcp',
    usage: 'UPSTREAM --agent ID',
    does: 'The MCP door over stdio; the token comes from LANYARD_TOKEN.',
    words: ONE_WORD,
    options: { agent: 'string' },
    load: () => import('./commands/mcp.ts'),
  },
];

const WIDTH = Math.max(...COMMANDS.map((command) => command.name.length));

/** What `./lanyard help` says, as wide as the terminal. */
export function usage(): string {
  const rows = COMMANDS.map(({ name, does }) => hanging(`  ${name.padEnd(WIDTH)}  `, does));
  return `Lanyard stands between autonomous agents and what they can touch.

${hanging('', 'Usage: ./lanyard COMMAND [-c FILE] …   (FILE: LANYARD_CONFIG, ./lanyard.yaml, or home/lanyard.yaml of this checkout)')}

${rows.join('\n')}

${hanging('', 'Exit codes: 0 done, 1 failed, 2 wrong usage, 3 denied or a check that did not hold, 4 the instance cannot be reached.')}
`;
}
