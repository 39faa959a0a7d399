import type { Json, JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Work } from './pattern-automaton.ts';

/** One walk over a value: what may still be spent on it, and what was found wrong last. */
export interface Walk extends Work {
  depth: number;
  /** While a schema is only asked whether it holds: what JSON Schema alone says then counts, so no object is closed. */
  isAsking: boolean;
  fault: Fault | null;
}

interface Fault {
  readonly what: string;
  /** From the value walked to the place of the fault, innermost first. */
  readonly at: (string | number)[];
}

/**
 * The members of one object that its schemas have looked at: by `properties`, `patternProperties`, `additionalProperties` or
 * `unevaluatedProperties`.
 */
export type Seen = Set<string>;

/** Whether the value fits; if not, `walk.fault` says why. */
export type Check = (value: Json, walk: Walk, seen: Seen) => boolean;

export function newWalk(): Walk {
  return { left: LIMITS.argumentWork, depth: 0, isAsking: false, fault: null };
}

/** Whether the walk was ended before its time, so that its answer means nothing. */
export function isSpent(walk: Walk): boolean {
  return walk.left <= 0;
}

export function newSeen(): Seen {
  return new Set();
}

/** Runs a check with a record of its own; what it saw counts only if the value fits. */
export function fits(check: Check, value: Json, walk: Walk, seen: Seen): boolean {
  const own = newSeen();
  const { depth } = walk;
  if (!check(value, walk, own)) {
    walk.depth = depth;
    return false;
  }
  for (const key of own) seen.add(key);
  return true;
}

/**
 * Whether a schema that decides about others ("if", "not", "contains", each of "oneOf") holds, as JSON Schema has it. An
 * object that is closed only here would answer no for a member that it does not name, and turn the answer round.
 */
export function holds(check: Check, value: Json, walk: Walk, seen: Seen): boolean {
  const before = walk.isAsking;
  walk.isAsking = true;
  const isHolding = fits(check, value, walk, seen);
  walk.isAsking = before;
  return isHolding;
}

/** Whether schemas have looked at every member of an object. */
export function hasOnlySeen(value: JsonObject, walk: Walk, seen: Seen): boolean {
  for (const key of Object.keys(value)) {
    walk.left--;
    if (seen.has(key)) continue;
    fail(walk, 'is not declared in the schema');
    return failBelow(walk, key);
  }
  return true;
}

export function fail(walk: Walk, what: string): false {
  walk.fault = { what, at: [] };
  return false;
}

/** Adds the place of a fault that was found in a member or element. */
export function failBelow(walk: Walk, key: string | number): false {
  walk.fault?.at.push(key);
  return false;
}
