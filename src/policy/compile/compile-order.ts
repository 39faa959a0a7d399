import { Datetime, Duration } from '../values/datetime.ts';
import { fault } from '../values/fault.ts';
import { isLong, type Long } from '../values/integers.ts';
import type { Value } from '../values/values.ts';
import { build, type Compiled } from './evaluation.ts';

/** `<`, `<=`, `>`, `>=`: between two Longs, two datetimes or two durations; anything else is an error. */
export function compileOrder(op: '<' | '<=' | '>' | '>=', left: Compiled, right: Compiled): Compiled {
  const holds = ORDER[op];
  return build([left, right], (scene) => compare(holds, left.evaluate(scene), right.evaluate(scene)));
}

// JavaScript compares number and bigint by value.
export const ORDER = {
  '<': (a: Long, b: Long) => a < b,
  '<=': (a: Long, b: Long) => a <= b,
  '>': (a: Long, b: Long) => a > b,
  '>=': (a: Long, b: Long) => a >= b,
};

function compare(holds: (a: Long, b: Long) => boolean, a: Value, b: Value): boolean {
  if (isLong(a) && isLong(b)) return holds(a, b);
  if (a instanceof Datetime && b instanceof Datetime) return holds(a.ms, b.ms);
  if (a instanceof Duration && b instanceof Duration) return holds(a.ms, b.ms);
  return fault('these two cannot be compared by order');
}
