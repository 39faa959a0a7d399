import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** The young generation shrinks by a step with each whole collection. */
const COLLECTIONS = 3;

/**
 * V8 lets its heap grow while there is work and keeps it afterwards: some 200 MB resident that a laptop would rather
 * have back. When nothing was recorded for a while since the last work, the heap is collected, whole, a few times.
 */
export function restWhenIdle(work: () => number, idleMs: number): { stop(): void } {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as (how: object) => void;
  // The last resort also gives back the pages that V8 keeps for its next growth.
  const collect = () => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
  let seen = work();
  let left = 0;
  const timer = setInterval(() => {
    const now = work();
    if (now !== seen) left = COLLECTIONS;
    else if (left > 0) {
      left--;
      collect();
    }
    seen = now;
  }, idleMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
