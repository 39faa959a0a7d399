import { systemClock } from '../../../src/base/clock.ts';

/** The time by which ages are told; it moves every few seconds, for the whole page at once. */
const STEP_MS = 5000;
/** By less than this an answer may be late, or rounded; from there on it is this device's clock that is wrong. */
const NOTICED_MS = 60_000;

/** How far the instance is ahead of this device: what has minutes to be answered is told by its clock, whatever a phone takes for now. */
let aheadMs = 0;
let now = systemClock.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

function step(): void {
  now = systemClock.now() + aheadMs;
  for (const each of listeners) each();
}

export function listenToTime(listener: () => void): () => void {
  listeners.add(listener);
  // On a page that tells no ages it stood still, for however long she was there.
  if (timer === undefined) step();
  timer ??= setInterval(step, STEP_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

export const timeNow = (): number => now;

/** `date`: of an answer of the instance (RFC 9110, 6.6.1). */
export function hearTime(date: string | null): void {
  const offMs = Date.parse(date ?? '') - systemClock.now();
  if (Number.isNaN(offMs)) return;
  const heardMs = Math.abs(offMs) < NOTICED_MS ? 0 : offMs;
  const isNews = Math.abs(heardMs - aheadMs) > STEP_MS;
  aheadMs = heardMs;
  if (isNews) step();
}
