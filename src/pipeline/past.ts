import type { JsonObject } from '../base/json.ts';
import type { Entry } from '../contract/log-entry.ts';
import { type Past, usedKey } from '../history/index.ts';
import type { Action } from '../model/action.ts';
import { NO_PAST, type PastFacts } from '../model/past.ts';
import type { CellChange } from '../store/store.ts';
import type { InForce } from './in-force.ts';
import type { DecidingRooms } from './rooms.ts';

/** Where what agents have been through meets the corridor: what a decision sees, and what counts for the next one. */

/** The class of an operation, as the catalog in force says. */
export function classOf(
  inForce: InForce,
  { upstream, method, name }: Pick<Action, 'upstream' | 'method' | 'name'>,
): string {
  const entry = inForce.upstreams.get(upstream)?.entryOf(method === 'tools/call' ? name : method);
  return entry?.risk ?? 'unclassified';
}

export function pastSeen(
  { past, clock }: Pick<DecidingRooms, 'past' | 'clock'>,
  inForce: InForce,
  action: Action,
): PastFacts {
  return past.facts(action, classOf(inForce, action), clock.now());
}

/** It is allowed: it counts from this tick on, so that calls side by side see each other. */
export function countAllowed(
  { past, clock }: Pick<DecidingRooms, 'past' | 'clock'>,
  inForce: InForce,
  action: Action,
): void {
  past.count(action, classOf(inForce, action), clock.now());
}

const NO_CELLS: readonly CellChange[] = [];

/** Kept together with the record of the first use of an operation. */
export function firstUseCells(past: Past, action: Action, nowMs: number): readonly CellChange[] {
  if (!past.isFirst(action)) return NO_CELLS;
  return [{ kind: 'used', key: usedKey(action), value: String(nowMs) }];
}

/** What of it stands in the log beside a decision: what differs from nothing at all. */
export function pastFields(facts: PastFacts): JsonObject {
  return Object.fromEntries(
    Object.entries(facts).filter(([name, value]) => value !== NO_PAST[name as keyof PastFacts]),
  );
}

/** What a decision of the log saw; where it does not say, nothing. */
export function pastOf({ past }: Entry): PastFacts {
  return typeof past === 'object' && past !== null && !Array.isArray(past)
    ? { ...NO_PAST, ...(past as Partial<PastFacts>) }
    : NO_PAST;
}
