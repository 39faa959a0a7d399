import { useSyncExternalStore } from 'react';
import { systemClock } from '../../../src/base/clock.ts';

/** The time by which ages are told; it moves every few seconds, for the whole page at once. */
const STEP_MS = 5000;
let now = systemClock.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function listen(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = systemClock.now();
    for (const each of listeners) each();
  }, STEP_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

export function useNow(): number {
  return useSyncExternalStore(listen, () => now);
}
