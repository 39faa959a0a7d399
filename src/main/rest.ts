import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { forgetEngine } from '../policy/index.ts';

/** A wait is told by its ticks; the young generation shrinks by a step with each whole collection, one a tick. */
const TICKS = 4;
const COLLECTIONS = 3;

/**
 * V8 lets its heap grow while there is work and keeps it afterwards: some 200 MB resident that a laptop would rather
 * have back. When nothing was recorded for a while since the last work, the heap is collected, whole, a few times. Not
 * sooner: what was compiled for the calls goes with it, and the next some thousand cost twice as much (measured).
 */
export function restWhenIdle(work: () => number, idleMs: number): { stop(): void } {
  setFlagsFromString('--expose-gc');
  // V8 would do the same by itself, within seconds.
  setFlagsFromString('--no-memory-reducer');
  const gc = runInNewContext('gc') as (how: object) => void;
  // The last resort also gives back the pages that V8 keeps for its next growth.
  const collect = () => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  let seen = work();
  let quiet = TICKS + COLLECTIONS;
  const timer = setInterval(() => {
    const now = work();
    quiet = now === seen ? quiet + 1 : 0;
    if (quiet === TICKS) forgetEngine();
    if (quiet >= TICKS && quiet < TICKS + COLLECTIONS) collect();
    seen = now;
  }, idleMs / TICKS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
