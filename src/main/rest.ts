import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/**
 * V8 lets its heap grow while there is work and keeps it afterwards: some 200 MB resident that a laptop would rather
 * have back. When nothing was recorded for a while since the last work, the heap is collected once, whole.
 */
export function restWhenIdle(work: () => number, idleMs: number): { stop(): void } {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  let seen = work();
  let rested = true;
  const timer = setInterval(() => {
    const now = work();
    if (now === seen && !rested) collect();
    rested = now === seen;
    seen = now;
  }, idleMs);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}
