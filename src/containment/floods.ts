import { DAY_MS, minuteOf } from '../base/duration.ts';
import { type Problem, problem } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import type { AgentLimits } from '../model/agent.ts';

/** How much one agent has done lately. Mutable and small: one per agent, for as long as the process runs. */
export interface Tally {
  inFlight: number;
  minute: number;
  attempts: number;
  /** In that minute: requests that were no attempts, and refusals. */
  looks: number;
  refusals: number;
  day: number;
  logBytes: number;
}

export function newTally(): Tally {
  return { inFlight: 0, minute: 0, attempts: 0, looks: 0, refusals: 0, day: 0, logBytes: 0 };
}

/** Counts one attempt. A Problem says which limit it exceeds; then it does not count as in flight. */
export function enter(tally: Tally, limits: AgentLimits, nowMs: number): Problem | null {
  turnMinute(tally, nowMs);
  turnDay(tally, nowMs);
  tally.attempts++;
  if (tally.attempts > limits.attemptsPerMinute)
    return problem('TOO_MANY_ATTEMPTS', { limit: limits.attemptsPerMinute });
  if (tally.inFlight >= limits.inFlight) return problem('TOO_MANY_IN_FLIGHT', { limit: limits.inFlight });
  if (tally.logBytes >= limits.logBytesPerDay) return problem('LOG_QUOTA', { limit: limits.logBytesPerDay });
  tally.inFlight++;
  return null;
}

/** Counts one request that is no attempt; a Problem says that there were too many. */
export function look(tally: Tally, limits: AgentLimits, nowMs: number): Problem | null {
  turnMinute(tally, nowMs);
  const limit = asidesOf(limits);
  return ++tally.looks > limit ? problem('TOO_MANY_LOOKS', { limit }) : null;
}

/** Counts one refusal. */
export function addRefusal(tally: Tally, nowMs: number): void {
  turnMinute(tally, nowMs);
  tally.refusals++;
}

/** Whether there were too many refusals; counts nothing. */
export function refusedTooOften(tally: Tally, limits: AgentLimits, nowMs: number): Problem | null {
  turnMinute(tally, nowMs);
  const limit = asidesOf(limits);
  return tally.refusals > limit ? problem('TOO_MANY_REFUSALS', { limit }) : null;
}

/** Whoever may attempt more may also look more, and be wrong more often. */
const asidesOf = (limits: AgentLimits): number => Math.max(LIMITS.asidesPerMinute, limits.attemptsPerMinute);

/** Ends what `enter` let in. */
export function leave(tally: Tally): void {
  tally.inFlight--;
}

export function addLogBytes(tally: Tally, bytes: number, nowMs: number): void {
  turnDay(tally, nowMs);
  tally.logBytes += bytes;
}

function turnMinute(tally: Tally, nowMs: number): void {
  const minute = minuteOf(nowMs);
  if (minute === tally.minute) return;
  tally.minute = minute;
  tally.attempts = 0;
  tally.looks = 0;
  tally.refusals = 0;
}

function turnDay(tally: Tally, nowMs: number): void {
  const day = Math.floor(nowMs / DAY_MS);
  if (day === tally.day) return;
  tally.day = day;
  tally.logBytes = 0;
}
