import { DAY_MS } from '../base/duration.ts';
import { type Problem, problem } from '../base/errors.ts';
import type { AgentLimits } from '../model/agent.ts';

/** How much one agent has done lately. Mutable and small: one per agent, for as long as the process runs. */
export interface Tally {
  inFlight: number;
  minute: number;
  attempts: number;
  day: number;
  logBytes: number;
}

export function newTally(): Tally {
  return { inFlight: 0, minute: 0, attempts: 0, day: 0, logBytes: 0 };
}

const MINUTE_MS = 60_000;

/** Counts one attempt; a Problem says which limit it is over, and then it is not in flight. */
export function enter(tally: Tally, limits: AgentLimits, nowMs: number): Problem | null {
  const minute = Math.floor(nowMs / MINUTE_MS);
  if (minute !== tally.minute) {
    tally.minute = minute;
    tally.attempts = 0;
  }
  turnDay(tally, nowMs);
  tally.attempts++;
  if (tally.attempts > limits.attemptsPerMinute)
    return problem('TOO_MANY_ATTEMPTS', { limit: limits.attemptsPerMinute });
  if (tally.inFlight >= limits.inFlight) return problem('TOO_MANY_IN_FLIGHT', { limit: limits.inFlight });
  if (tally.logBytes >= limits.logBytesPerDay) return problem('LOG_QUOTA', { limit: limits.logBytesPerDay });
  tally.inFlight++;
  return null;
}

/** Ends what `enter` let in. */
export function leave(tally: Tally): void {
  tally.inFlight--;
}

export function addLogBytes(tally: Tally, bytes: number, nowMs: number): void {
  turnDay(tally, nowMs);
  tally.logBytes += bytes;
}

function turnDay(tally: Tally, nowMs: number): void {
  const day = Math.floor(nowMs / DAY_MS);
  if (day === tally.day) return;
  tally.day = day;
  tally.logBytes = 0;
}
