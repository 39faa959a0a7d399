import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Gateway, measure as measureCalls, openLanyard } from './mcp.ts';

/**
 * Questions to the check door, recorded before they are answered, with a raw client; and `./lanyard decide`, which
 * records nothing, from its start to its end, asking a running instance and deciding on the files of one that does not
 * run. Beside them MCP calls through the same instance, each recorded twice and sent on. Paired rounds, medians. Loopback
 * only.
 */
const CLIENT = join(import.meta.dirname, 'check/raw-client.mjs');
const LANYARD = join(import.meta.dirname, '..', 'lanyard');
const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 5);
const LINES = 40_000;

interface Load {
  readonly name: string;
  readonly callers: number;
  readonly requests: number;
  readonly batch: number;
}

/** At most 256 in flight together: that is what an agent may have. */
const LOADS: readonly Load[] = [
  { name: 'evaluation, 16 callers', callers: 16, requests: 8000, batch: 1 },
  { name: 'evaluation, 1 caller', callers: 1, requests: 1500, batch: 1 },
  { name: 'evaluations of 16, 16 callers', callers: 16, requests: 1500, batch: 16 },
  { name: 'evaluations of 64, 4 callers', callers: 4, requests: 400, batch: 64 },
];

interface Measured {
  readonly evaluationsPerSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export async function run(): Promise<string[]> {
  const loads = new Map<string, Measured[]>();
  const asked: number[] = [];
  const calls: number[] = [];
  const gateway = await openLanyard({ keep: true });
  try {
    for (const load of LOADS) measure(gateway, { ...load, requests: load.requests / 2 }); // warm-up
    for (let round = 0; round < ROUNDS; round++) {
      for (const load of LOADS)
        loads.set(load.name, [...(loads.get(load.name) ?? []), measure(gateway, load)]);
      calls.push(measureCalls(gateway, 16, 4000).callsPerSecond);
      asked.push(decide(gateway));
      console.error(`round ${round + 1} of ${ROUNDS}`);
    }
  } finally {
    await gateway.stop();
  }
  const onFiles = Array.from({ length: ROUNDS }, () => decide(gateway));
  rmSync(dirname(gateway.config ?? ''), { recursive: true, force: true });
  return report(loads, { asked, onFiles, calls });
}

function report(
  loads: ReadonlyMap<string, readonly Measured[]>,
  { asked, onFiles, calls }: Readonly<Record<'asked' | 'onFiles' | 'calls', readonly number[]>>,
): string[] {
  const row = (name: string, perSecond: number, rest: string) =>
    `${name.padEnd(36)}  ${perSecond.toFixed(0).padStart(8)}/s   ${rest}`;
  return [
    ...LOADS.map(({ name }) => {
      const runs = loads.get(name) ?? [];
      const of = (member: keyof Measured) => median(runs.map((one) => one[member]));
      const times = `p50 ${of('p50Ms').toFixed(2)} ms, p99 ${of('p99Ms').toFixed(2)} ms`;
      return row(name, of('evaluationsPerSecond'), `${times} (need 4,000/s with 16 callers)`);
    }),
    row('MCP calls, 16 callers', median(calls), 'for comparison'),
    row('decide, by a running instance', median(asked), `${LINES} lines, start included (need 10,000/s)`),
    row('decide, on files', median(onFiles), `${LINES} lines, start included (need 10,000/s)`),
  ];
}

function measure({ url, token = '' }: Gateway, { callers, requests, batch }: Load): Measured {
  const args = [CLIENT, url, String(callers), String(requests), String(batch), token];
  return JSON.parse(execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 300_000 })) as Measured;
}

/** Lines a second, from the start of the command to its end. */
function decide({ config = '' }: Gateway): number {
  const line = (id: number) =>
    `{"subject":{"type":"Agent","id":"bench"},"action":{"name":"mcp:up/echo"},"resource":{"type":"Target","id":"up"},"context":{"input":{"text":"question ${id}"}}}\n`;
  const input = Array.from({ length: LINES }, (_, i) => line(i)).join('');
  const begun = performance.now();
  const ended = spawnSync(LANYARD, ['decide', '-c', config], {
    input,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    timeout: 300_000,
  });
  const seconds = (performance.now() - begun) / 1000;
  const allowed = ended.stdout.split('"decision":true').length - 1;
  if (ended.status !== 0 || allowed !== LINES)
    throw new Error(`decide ended with ${ended.status}: ${ended.stderr}`);
  return LINES / seconds;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
