import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { measure, openLanyard } from './mcp.ts';

/**
 * What a long day leaves: 1,000,000 actions through a real instance, its resident memory once it is idle, and how long
 * the next start takes on that log. `BENCH_ACTIONS` sets another number.
 */
const ACTIONS = Number(process.env['BENCH_ACTIONS'] ?? 1_000_000);
const SLICE = 100_000;
const IDLE_MS = 25_000;
const LANYARD = join(import.meta.dirname, '../lanyard');

export async function run(): Promise<string[]> {
  const gateway = await openLanyard({ keep: true });
  const { pid, config } = gateway;
  if (pid === undefined || config === undefined) throw new Error('Lanyard did not start');
  const begun = residentMb(pid);
  for (let done = 0; done < ACTIONS; done += SLICE) {
    measure(gateway, 16, Math.min(SLICE, ACTIONS - done));
    console.error(`${Math.min(done + SLICE, ACTIONS)} actions, ${residentMb(pid)} MB resident`);
  }
  const busy = residentMb(pid);
  await pause(IDLE_MS);
  const idle = residentMb(pid);
  await gateway.stop();
  const startMs = await timeStart(config);
  execFileSync('rm', ['-rf', join(config, '..')]);
  return [
    `resident: ${begun} MB at start, ${busy} MB under load, ${idle} MB idle after ${ACTIONS} actions`,
    `start on that log (${2 * ACTIONS} entries) until ready: ${startMs.toFixed(0)} ms`,
  ];
}

function residentMb(pid: number): number {
  const kb = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Math.round(Number(kb) / 1000);
}

/** From the start of the process to its ready line, upstreams connected. */
async function timeStart(config: string): Promise<number> {
  const begun = performance.now();
  const child = spawn(LANYARD, ['up', '-c', config], { stdio: ['ignore', 'pipe', 'ignore'] });
  await new Promise((ready) => child.stdout.once('data', ready));
  const took = performance.now() - begun;
  child.kill('SIGTERM');
  await new Promise((ended) => child.once('exit', ended));
  return took;
}
