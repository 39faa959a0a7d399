import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { LIMITS } from '../base/limits.ts';
import { forgetEngine } from '../policy/index.ts';

/** The young generation shrinks by a step with each whole collection, one a tick. */
const TICK_MS = 2500;
const COLLECTIONS = 3;

/**
 * V8 lets its heap grow while there is work and keeps it afterwards: some 60 MB resident that a laptop would rather have
 * back. When nothing was recorded for a while since the last work, the heap is collected, whole, a few times. Not
 * sooner: what was compiled for the calls goes with it, and the next some thousand cost twice as much (measured), so it
 * is soon only behind long work. V8 would do it by itself after 8 s; `./lanyard` starts it with `--no-memory-reducer`.
 */
export function restWhenIdle(
  recorded: () => number,
  collect: () => void = wholeCollection(),
): { stop(): void } {
  let rested = recorded();
  let seen = rested;
  let idleMs = 0;
  let owed = COLLECTIONS;
  const timer = setInterval(() => {
    const now = recorded();
    idleMs = now === seen ? idleMs + TICK_MS : 0;
    if (now !== seen) owed = COLLECTIONS;
    seen = now;
    const waitMs = now - rested > LIMITS.longWorkEntries ? LIMITS.restSoonMs : LIMITS.restAfterMs;
    if (owed === 0 || idleMs < waitMs) return;
    if (owed === COLLECTIONS) forgetEngine();
    if (--owed === 0) rested = now;
    collect();
  }, TICK_MS);
  timer.unref();
  return { stop: () => clearInterval(timer) };
}

function wholeCollection(): () => void {
  setFlagsFromString('--expose-gc');
  const gc = runInNewContext('gc') as (how: object) => void;
  // The last resort also gives back the pages that V8 keeps for its next growth.
  return () => gc({ type: 'major', execution: 'sync', flavor: 'last-resort' });
}
