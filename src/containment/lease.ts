import { LIMITS } from '../base/limits.ts';
import type { Level } from '../model/level.ts';

/**
 * The dead man's cord: an agent acts by itself only so long after its owner or backup has looked at what it did. A pure
 * rule of time, so that no timer has to fire for it to hold, and a machine that slept or was off wakes to it.
 */
export const STAGES = ['live', 'warned', 'watched', 'frozen'] as const;
export type Stage = (typeof STAGES)[number];

export interface LeaseTimes {
  /** Epoch milliseconds from which owner and backup are warned, all but reads need a person, and nothing runs. */
  readonly warnedMs: number;
  readonly watchedMs: number;
  readonly frozenMs: number;
}

export function timesOf(sinceMs: number, cadenceMs: number): LeaseTimes {
  return {
    warnedMs: sinceMs + cadenceMs * (1 - LIMITS.leaseWarnPart),
    watchedMs: sinceMs + cadenceMs,
    frozenMs: sinceMs + cadenceMs * LIMITS.leaseFrozenCadences,
  };
}

/**
 * `sinceMs`: the last look, or the beginning. One in the future comes from a clock that was wrong and counts for
 * nothing: `watched`.
 */
export function stageAt(sinceMs: number, cadenceMs: number, nowMs: number): Stage {
  if (!(sinceMs <= nowMs + LIMITS.leaseClockToleranceMs)) return 'watched';
  const { warnedMs, watchedMs, frozenMs } = timesOf(sinceMs, cadenceMs);
  if (nowMs >= frozenMs) return 'frozen';
  if (nowMs >= watchedMs) return 'watched';
  return nowMs >= warnedMs ? 'warned' : 'live';
}

export const levelOfStage = (stage: Stage): Level => (stage === 'warned' ? 'live' : stage);

export function isStage(text: unknown): text is Stage {
  return (STAGES as readonly unknown[]).includes(text);
}

export const isFurther = (stage: Stage, than: Stage): boolean => STAGES.indexOf(stage) > STAGES.indexOf(than);
