import { setTimeout as pause } from 'node:timers/promises';
import { LIMITS } from '../../base/limits.ts';
import type { Level } from '../../model/level.ts';

export type DrillLevel = Extract<Level, 'frozen' | 'killed'>;

/**
 * One thing that the stop had to end. `ms`: from the gesture to its last effect, as its canary, its client or the table of
 * processes showed it; null: it had not ended, or no time belongs to it.
 */
export type DrilledThing = {
  readonly kind: 'call' | 'door' | 'token' | 'tunnel' | 'process' | 'approval' | 'secret' | 'release';
  readonly name: string;
  readonly ms: number | null;
  /** Whether the stop held there. */
  readonly held: boolean;
};

/** What a drill did not try, and why. */
export type NotTried = { readonly what: string; readonly why: string };

/** Looks again and again; false where it is not so within that time. */
export async function until(now: () => number, withinMs: number, holds: () => boolean): Promise<boolean> {
  const endMs = now() + withinMs;
  while (!holds()) {
    if (now() > endMs) return false;
    await pause(LIMITS.drillPulseMs);
  }
  return true;
}

export const round = (ms: number): number => Math.round(ms * 1000) / 1000;
