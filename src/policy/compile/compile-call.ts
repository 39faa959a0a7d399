import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../base/duration.ts';
import {
  Datetime,
  Duration,
  durationSince,
  offset,
  parseDatetime,
  parseDuration,
  toDate,
  toTime,
  wholeUnits,
} from '../values/datetime.ts';
import { Decimal, parseDecimal } from '../values/decimal.ts';
import { fault } from '../values/fault.ts';
import { Ip, parseIp } from '../values/ip.ts';
import type { Value } from '../values/values.ts';
import { ORDER } from './compile-order.ts';
import { asString, build, type Compiled } from './evaluation.ts';

type Function = (first: Value, second: Value) => Value;
interface Entry {
  readonly arity: 1 | 2;
  readonly apply: Function;
}

const one = (apply: (first: Value) => Value): Entry => ({ arity: 1, apply });
const two = (apply: Function): Entry => ({ arity: 2, apply });

const decimal = (v: Value) => (v instanceof Decimal ? v : fault('a decimal was expected'));
const ip = (v: Value) => (v instanceof Ip ? v : fault('an ipaddr was expected'));
const datetime = (v: Value) => (v instanceof Datetime ? v : fault('a datetime was expected'));
const duration = (v: Value) => (v instanceof Duration ? v : fault('a duration was expected'));
const units = (unitMs: number) => one((a) => wholeUnits(duration(a), unitMs));

/** Every function and method of Cedar's extension types. */
const FUNCTIONS = new Map<string, Entry>([
  ['decimal', one((a) => parseDecimal(asString(a)))],
  ['lessThan', two((a, b) => ORDER['<'](decimal(a).units, decimal(b).units))],
  ['lessThanOrEqual', two((a, b) => ORDER['<='](decimal(a).units, decimal(b).units))],
  ['greaterThan', two((a, b) => ORDER['>'](decimal(a).units, decimal(b).units))],
  ['greaterThanOrEqual', two((a, b) => ORDER['>='](decimal(a).units, decimal(b).units))],
  ['ip', one((a) => parseIp(asString(a)))],
  ['isIpv4', one((a) => ip(a).bits === 32)],
  ['isIpv6', one((a) => ip(a).bits === 128)],
  ['isLoopback', one((a) => ip(a).isLoopback())],
  ['isMulticast', one((a) => ip(a).isMulticast())],
  ['isInRange', two((a, b) => ip(a).isInRange(ip(b)))],
  ['datetime', one((a) => parseDatetime(asString(a)))],
  ['offset', two((a, b) => offset(datetime(a), duration(b)))],
  ['durationSince', two((a, b) => durationSince(datetime(a), datetime(b)))],
  ['toDate', one((a) => toDate(datetime(a)))],
  ['toTime', one((a) => toTime(datetime(a)))],
  ['duration', one((a) => parseDuration(asString(a)))],
  ['toMilliseconds', units(1)],
  ['toSeconds', units(1000)],
  ['toMinutes', units(MINUTE_MS)],
  ['toHours', units(HOUR_MS)],
  ['toDays', units(DAY_MS)],
]);

/** Throws for a function Cedar has and this room has not: such a rule is not loaded. */
export function compileCall(name: string, operands: readonly Compiled[]): Compiled {
  const entry = FUNCTIONS.get(name);
  const [first, second] = operands;
  if (entry === undefined || first === undefined || operands.length !== entry.arity)
    throw new TypeError(`the function ${name} is not understood`);
  const { apply } = entry;
  if (second === undefined) return build(operands, (scene) => apply(first.evaluate(scene), false));
  return build(operands, (scene) => apply(first.evaluate(scene), second.evaluate(scene)));
}
