import { setTimeout as pause } from 'node:timers/promises';
import type { Scope } from '../src/containment/levels.ts';
import { HaltSwitch } from '../src/pipeline/stop/halt-switch.ts';
import { BrakeGround } from '../tests/brake/ground.ts';
import { trees } from './trees.ts';

const LOOKS = 2_000_000;
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 10);
const AGENTS = 200;
const CALLS = 1000;

/** The stop: what a look at the switch costs a decision, and how long a gesture takes to the end of 1,000 calls in flight. */
export async function run(): Promise<string[]> {
  return [...looks(), '', ...(await cuts()), '', ...(await trees())];
}

const AGENT = { id: 'writer', owner: 'ada', level: 'live' } as const;
const ACTION = {
  session: '01JD0000000000000000000000',
  operation: 'mcp:files/write_file',
  upstream: 'files',
  targets: [
    { id: '/srv/w/docs/a.txt', ancestors: ['/srv/w/docs', '/srv/w', '/srv', '/'].map((id) => ({ id })) },
  ],
};

function looks(): string[] {
  const kinds = ['agent:x', 'owner:x', 'session:x', 'operation:mcp:x/y', 'upstream:x', 'target:/x'] as const;
  const many = kinds.flatMap((kind) => Array.from({ length: 200 }, (_, i) => `${kind}${i}` as Scope));
  const lines = ['| levels set | one look |', '|---|---|'];
  for (const [what, scopes] of [
    ['none', []],
    ['one, of an agent', ['agent:x']],
    ['one of each kind', kinds],
    ['1,200', many],
  ] as const)
    lines.push(`| ${what} | ${median(Array.from({ length: 7 }, () => look(scopes))).toFixed(3)} µs |`);
  return lines;
}

function look(scopes: readonly Scope[]): number {
  const halt = new HaltSwitch();
  for (const scope of scopes) halt.set(scope, 'frozen');
  let held = 0;
  const began = performance.now();
  for (let i = 0; i < LOOKS; i++) if (halt.refusal(AGENT, ACTION) !== null) held++;
  const tookMs = performance.now() - began;
  if (held > 0) throw new Error('what is not stopped was held');
  return (tookMs * 1000) / LOOKS;
}

interface Cut {
  /** From the gesture to its return: every signal is aborted by then. */
  readonly tickMs: number;
  /** To the last call that has ended here, and to the last connection that the server has seen close. */
  readonly lastMs: number;
  readonly closedMs: number;
  /** The last call that the server has read, from the gesture; negative: before it. */
  readonly readMs: number;
}

async function cuts(): Promise<string[]> {
  const ground = await BrakeGround.start(AGENTS);
  const rounds: Cut[] = [];
  try {
    for (let i = 0; i < ROUNDS; i++) rounds.push(await cutAll(ground, `b${i}`));
  } finally {
    await ground.stop();
  }
  const row = (what: string, of: (cut: Cut) => number) => {
    const all = rounds.map(of).sort((a, b) => a - b);
    return `| ${what} | ${median(all).toFixed(1)} ms | ${(all.at(-1) ?? 0).toFixed(1)} ms |`;
  };
  return [
    `${CALLS} calls of ${AGENTS} agents in flight at an HTTP server, client and server in the same process; ${ROUNDS} stops`,
    '| from the gesture to | median | worst |',
    '|---|---|---|',
    row('all aborted (its own tick)', ({ tickMs }) => tickMs),
    row('the last call read by the server', ({ readMs }) => readMs),
    row('the last of the calls ended here', ({ lastMs }) => lastMs),
    row('the last connection closed at the server', ({ closedMs }) => closedMs),
  ];
}

async function cutAll(ground: BrakeGround, name: string): Promise<Cut> {
  const { halt } = ground.instance.house;
  let [read, closed] = [0, 0];
  let [lastRead, lastClosed] = [0, 0];
  ground.modern.onCall = () => {
    read++;
    lastRead = performance.now();
  };
  ground.modern.onClosed = () => {
    closed++;
    lastClosed = performance.now();
  };
  const replies = Array.from({ length: CALLS }, (_, i) =>
    ground.call(ground.agents[i % AGENTS] ?? '', 0, 'hold', `${name}-${i}`),
  );
  while (read < CALLS) await pause(5);
  await pause(200);
  const began = performance.now();
  const { things, settled } = halt.tighten('all', 'frozen');
  const tickMs = performance.now() - began;
  await settled;
  await Promise.all(replies);
  while (closed < CALLS) await pause(1);
  halt.set('all', 'live');
  const lastMs = Math.max(...things.map(({ ms }) => ms ?? Number.POSITIVE_INFINITY));
  return { tickMs, lastMs, closedMs: lastClosed - began, readMs: lastRead - began };
}

function median(all: readonly number[]): number {
  const sorted = [...all].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}
