import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LIMITS } from '../base/limits.ts';
import { forgetEngine } from '../policy/index.ts';

/** The young generation shrinks by a step with each whole collection, one a tick. */
const TICK_MS = 2500;
const COLLECTIONS = 3;

/**
 * V8 lets its heap grow while there is work and keeps it afterwards: some 100 MB resident that a laptop would rather
 * have back. When nothing was recorded for a while since the last work, the heap is collected, whole, a few times. Not
 * sooner: what was compiled for the calls goes with it, and the next some thousand cost twice as much (measured), so it is
 * soon only where there is much to give back. V8 would do it by itself after 8 s; `./lanyard` starts it with
 * `--no-memory-reducer`.
 */
export function restWhenIdle(work: () => number): { stop(): void } {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as (how: object) => void;
  // The last resort also gives back the pages that V8 keeps for its next growth.
  const collect = () => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  let seen = work();
  let idleMs = 0;
  let owed = 0;
  let isRested = false;
  const timer = setInterval(() => {
    const now = work();
    if (now !== seen) isRested = false;
    idleMs = now === seen ? idleMs + TICK_MS : 0;
    seen = now;
    if (idleMs === 0) owed = 0;
    if (!isRested && idleMs >= waitMs()) {
      isRested = true;
      owed = COLLECTIONS;
      forgetEngine();
    }
    if (owed === 0) return;
    owed--;
    collect();
  }, TICK_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

const waitMs = (): number =>
  process.memoryUsage.rss() > LIMITS.muchResidentBytes ? LIMITS.restSoonMs : LIMITS.restAfterMs;
