import type { ExitCode } from './exit-code.ts';
import type { Arguments } from './read-arguments.ts';

/** One command: how it is called, and where its code is; loaded only when it is run, so that each starts quickly. */
export interface Command {
  readonly name: string;
  readonly usage: string;
  readonly does: string;
  readonly words: { readonly least: number; readonly most: number };
  readonly options: Readonly<Record<string, 'string' | 'boolean'>>;
  load(): Promise<{ run(args: Arguments): Promise<ExitCode> }>;
}

const none = { least: 0, most: 0 };
const one = { least: 1, most: 1 };

export const COMMANDS: readonly Command[] = [
  {
    name: 'up',
    usage: '[-c FILE]',
    does: 'Runs in the foreground; prints `ready <url>` once every door accepts.',
    words: none,
    options: {},
    load: () => import('./commands/up.ts'),
  },
  {
    name: 'start',
    usage: '[-c FILE]',
    does: 'Like up; without a configuration it writes a starter one into ./home first.',
    words: none,
    options: {},
    load: () => import('./commands/start.ts'),
  },
  {
    name: 'demo',
    usage: '[-c FILE] [--keep]',
    does: 'Plays an attack of a coding agent on a maintainer through real doors, and shows what is stopped.',
    words: none,
    options: { keep: 'boolean' },
    load: () => import('./commands/demo.ts'),
  },
  {
    name: 'apply',
    usage: '[--dry-run]',
    does: 'Shows how the files differ from what is in force, and takes them.',
    words: none,
    options: { 'dry-run': 'boolean', json: 'boolean' },
    load: () => import('./commands/apply.ts'),
  },
  {
    name: 'agent list',
    usage: '[--json]',
    does: 'Agents, owners and levels.',
    words: none,
    options: { json: 'boolean' },
    load: () => import('./commands/agent-list.ts'),
  },
  {
    name: 'agent show',
    usage: 'ID [--json]',
    does: 'One agent.',
    words: one,
    options: { json: 'boolean' },
    load: () => import('./commands/agent-list.ts'),
  },
  {
    name: 'agent token',
    usage: 'ID [--ttl 90d]',
    does: 'Prints a new bearer token once; the old ones keep working until revoked.',
    words: one,
    options: { ttl: 'string' },
    load: () => import('./commands/agent-token.ts'),
  },
  {
    name: 'agent revoke',
    usage: 'ID',
    does: 'Ends every token of an agent.',
    words: one,
    options: {},
    load: () => import('./commands/agent-revoke.ts'),
  },
  {
    name: 'point list',
    usage: '[--json]',
    does: 'Programs that ask at the check door, and for which agents.',
    words: none,
    options: { json: 'boolean' },
    load: () => import('./commands/point-list.ts'),
  },
  {
    name: 'point token',
    usage: 'ID [--ttl 90d]',
    does: 'Prints a new bearer token of a point once; it is good at the check door alone.',
    words: one,
    options: { ttl: 'string' },
    load: () => import('./commands/point-token.ts'),
  },
  {
    name: 'point revoke',
    usage: 'ID',
    does: 'Ends every token of a point.',
    words: one,
    options: {},
    load: () => import('./commands/point-revoke.ts'),
  },
  {
    name: 'policy check',
    usage: '[--json]',
    does: 'Checks the rules in the files; exits 3 where one has a problem.',
    words: none,
    options: { json: 'boolean' },
    load: () => import('./commands/policy-check.ts'),
  },
  {
    name: 'policy test',
    usage: '[FILE…] [--json]',
    does: 'Runs golden cases against the rules in the files; exits 3 where one fails.',
    words: { least: 0, most: 1000 },
    options: { json: 'boolean' },
    load: () => import('./commands/policy-test.ts'),
  },
  {
    name: 'policy show',
    usage: '[--json]',
    does: 'The rules in force.',
    words: none,
    options: { json: 'boolean' },
    load: () => import('./commands/policy-show.ts'),
  },
  {
    name: 'policy explain',
    usage: 'ACTION-ID [--json]',
    does: 'Which rules decided an action, and what each condition evaluated to.',
    words: one,
    options: { json: 'boolean' },
    load: () => import('./commands/policy-explain.ts'),
  },
  {
    name: 'policy suggest',
    usage: '--agent A --since T [--json]',
    does: 'The narrowest rules that would have passed what an agent was denied; changes nothing.',
    words: none,
    options: { agent: 'string', since: 'string', json: 'boolean' },
    load: () => import('./commands/policy-suggest.ts'),
  },
  {
    name: 'catalog list',
    usage: '[--json]',
    does: 'Every operation, its class, and how it stands to its pin.',
    words: none,
    options: { json: 'boolean' },
    load: () => import('./commands/catalog-list.ts'),
  },
  {
    name: 'catalog show',
    usage: 'UPSTREAM[/TOOL] [--json]',
    does: 'One upstream or operation in full.',
    words: one,
    options: { json: 'boolean' },
    load: () => import('./commands/catalog-list.ts'),
  },
  {
    name: 'catalog accept',
    usage: 'UPSTREAM[/TOOL] [--yes DIGEST]',
    does: 'Shows what changed behind a pin, and takes it once you say so.',
    words: one,
    options: { yes: 'string' },
    load: () => import('./commands/catalog-accept.ts'),
  },
  {
    name: 'catalog draft',
    usage: 'UPSTREAM [--from FILE]',
    does: 'Proposes a catalog for what an upstream lists, the dangerous reading where unsure; changes nothing.',
    words: one,
    options: { from: 'string' },
    load: () => import('./commands/catalog-draft.ts'),
  },
  {
    name: 'doctor',
    usage: '[--verbose] [--json]',
    does: 'Fires every control on purpose, in throwaway siblings; exits 3 where one did not fire.',
    words: none,
    options: { verbose: 'boolean', json: 'boolean' },
    load: () => import('./commands/doctor.ts'),
  },
  {
    name: 'inventory',
    usage: '[--agent A] [--upstream U] [--json]',
    does: 'What each agent could do with which credential, what lacks a limit first.',
    words: none,
    options: { agent: 'string', upstream: 'string', json: 'boolean' },
    load: () => import('./commands/inventory.ts'),
  },
  {
    name: 'log show',
    usage: '[--agent A] [--session S] [--since T] [--follow] [--json]',
    does: 'The log, oldest first.',
    words: none,
    options: { agent: 'string', session: 'string', since: 'string', follow: 'boolean', json: 'boolean' },
    load: () => import('./commands/log-show.ts'),
  },
  {
    name: 'log verify',
    usage: '[--key FILE] [--bundle FILE] [--against CHECKPOINT] [--deep] [--json]',
    does: 'Verifies the log, or a bundle with no instance and no network; exits 3 where it does not hold.',
    words: none,
    options: { key: 'string', bundle: 'string', against: 'string', deep: 'boolean', json: 'boolean' },
    load: () => import('./commands/log-verify.ts'),
  },
  {
    name: 'log trace',
    usage: 'ACTION-ID|ENTRY [--json]',
    does: 'What led to an action: its session, what that had read, denials, the rules of then.',
    words: one,
    options: { json: 'boolean' },
    load: () => import('./commands/log-trace.ts'),
  },
  {
    name: 'log export',
    usage: 'FILE [--format bundle|ocsf]',
    does: 'Writes a bundle that anyone can verify, or OCSF events; - is stdout.',
    words: one,
    options: { format: 'string' },
    load: () => import('./commands/log-export.ts'),
  },
  {
    name: 'log checkpoint',
    usage: '',
    does: 'Prints the newest signed checkpoint.',
    words: none,
    options: {},
    load: () => import('./commands/log-checkpoint.ts'),
  },
  {
    name: 'decide',
    usage: '[--record]',
    does: 'AuthZEN requests on stdin, one a line → decisions; exits 3 if any is denied.',
    words: none,
    options: { record: 'boolean' },
    load: () => import('./commands/decide.ts'),
  },
  {
    name: 'stop',
    usage: 'all|agent:ID [--level watched|frozen|killed] [--why W]',
    does: 'Stops an agent, or everything, at once.',
    words: one,
    options: { level: 'string', why: 'string' },
    load: () => import('./commands/stop.ts'),
  },
  {
    name: 'release',
    usage: 'all|agent:ID --why W',
    does: 'Takes a stop back.',
    words: one,
    options: { why: 'string' },
    load: () => import('./commands/release.ts'),
  },
  {
    name: 'approvals list',
    usage: '[--json]',
    does: 'Questions that wait for people, and those that ran out.',
    words: none,
    options: { json: 'boolean' },
    load: () => import('./commands/approvals-list.ts'),
  },
  {
    name: 'approvals show',
    usage: 'ID [--json]',
    does: 'One question in full: what would happen, to whom, why you are asked.',
    words: one,
    options: { json: 'boolean' },
    load: () => import('./commands/approvals-show.ts'),
  },
  {
    name: 'approvals approve',
    usage: 'ID',
    does: 'Shows the question and the link where a passkey answers it.',
    words: one,
    options: {},
    load: () => import('./commands/approvals-show.ts'),
  },
  {
    name: 'approvals deny',
    usage: 'ID --why W',
    does: 'Takes a question back at once; needs no passkey.',
    words: one,
    options: { why: 'string' },
    load: () => import('./commands/approvals-deny.ts'),
  },
  {
    name: 'inbox',
    usage: '[--json]',
    does: 'What waits for whom: questions, alerts, what could not be delivered.',
    words: none,
    options: { json: 'boolean' },
    load: () => import('./commands/inbox.ts'),
  },
  {
    name: 'acknowledge',
    usage: 'ALERT|LANE [--why W]',
    does: 'Says that somebody has seen an alert, or undelivered messages; a page ends by it.',
    words: one,
    options: { why: 'string' },
    load: () => import('./commands/acknowledge.ts'),
  },
  {
    name: 'enrol',
    usage: '[PERSON]',
    does: 'A code for the first passkey, on your terminal alone; from then on people sign what widens.',
    words: { least: 0, most: 1 },
    options: {},
    load: () => import('./commands/enrol.ts'),
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
    name: 'status',
    usage: '[--json]',
    does: 'What is in force, what is stopped, what is missing.',
    words: none,
    options: { json: 'boolean' },
    load: () => import('./commands/status.ts'),
  },
  {
    name: 'mcp',
    usage: 'UPSTREAM --agent ID',
    does: 'The MCP door over stdio; the token comes from LANYARD_TOKEN.',
    words: one,
    options: { agent: 'string' },
    load: () => import('./commands/mcp.ts'),
  },
];

const WIDTH = Math.max(...COMMANDS.map((command) => command.name.length));

export const USAGE = `Lanyard stands between autonomous agents and what they can touch.

Usage: ./lanyard COMMAND [-c FILE] …   (FILE: LANYARD_CONFIG, ./lanyard.yaml, or home/lanyard.yaml of this checkout)

${COMMANDS.map((command) => `  ${command.name.padEnd(WIDTH)}  ${command.does}`).join('\n')}

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 denied or a check that did not hold, 4 the instance cannot be reached.
`;
