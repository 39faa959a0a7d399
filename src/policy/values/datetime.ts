import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../base/duration.ts';
import { fault } from './fault.ts';
import { add, divide, type Long, subtract, toLong } from './integers.ts';

/** Milliseconds since 1970-01-01T00:00:00Z, 64 bits. */
export class Datetime {
  readonly ms: Long;
  constructor(ms: Long) {
    this.ms = ms;
  }
  key(): string {
    return `t${this.ms}`;
  }
}

/** Milliseconds, 64 bits. */
export class Duration {
  readonly ms: Long;
  constructor(ms: Long) {
    this.ms = ms;
  }
  key(): string {
    return `p${this.ms}`;
  }
}

const UNITS: readonly (readonly [string, bigint])[] = [
  ['d', 86_400_000n],
  ['h', 3_600_000n],
  ['m', 60_000n],
  ['s', 1000n],
  ['ms', 1n],
];

/** As `duration("…")` takes it: `1d2h`, `-5ms`, `0ms`. */
export function durationText({ ms }: Duration): string {
  let rest = BigInt(ms);
  const sign = rest < 0n ? '-' : '';
  if (rest < 0n) rest = -rest;
  const parts = UNITS.map(([unit, length]) => {
    const count = rest / length;
    rest %= length;
    return count === 0n ? '' : `${count}${unit}`;
  });
  return `${sign}${parts.join('') || '0ms'}`;
}

const DATETIME =
  /^(\d{4})-(\d{2})-(\d{2})(?:T(\d{2}):(\d{2}):(\d{2})(?:\.(\d{3}))?(?:Z|([+-])(\d{2})(\d{2})))?$/;

export function parseDatetime(text: string): Datetime {
  const parts = DATETIME.exec(text);
  if (parts === null) return fault('this is not a datetime');
  const [year, month, day, hour, minute, second, milli] = parts.slice(1, 8).map((part) => Number(part ?? 0));
  const offsetHours = Number(parts[9] ?? 0);
  const offsetMinutes = Number(parts[10] ?? 0);
  const ms = instant(year ?? 0, month ?? 0, day ?? 0);
  if (
    ms === undefined ||
    (hour ?? 0) > 23 ||
    (minute ?? 0) > 59 ||
    (second ?? 0) > 59 ||
    offsetHours > 23 ||
    offsetMinutes > 59
  )
    return fault('this is not a datetime');
  const timeMs = (((hour ?? 0) * 60 + (minute ?? 0)) * 60 + (second ?? 0)) * 1000 + (milli ?? 0);
  const offsetMs = (offsetHours * 60 + offsetMinutes) * MINUTE_MS * (parts[8] === '-' ? -1 : 1);
  return new Datetime(ms + timeMs - offsetMs);
}

/** Midnight UTC of a date of the proleptic Gregorian calendar; undefined where there is no such day. */
function instant(year: number, month: number, day: number): number | undefined {
  if (month < 1 || month > 12 || day < 1) return undefined;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  if (day > (lengths[month - 1] ?? 0)) return undefined;
  // Date.UTC takes the years 0 to 99 for 1900 to 1999; 400 years are a whole number of days (146,097).
  return Date.UTC(year + 400, month - 1, day) - 146_097 * DAY_MS;
}

const DURATION = /^(-?)(?=\d)(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
const UNITS_MS = [DAY_MS, HOUR_MS, MINUTE_MS, 1000, 1].map(BigInt);
const LONGEST = 120;

export function parseDuration(text: string): Duration {
  const parts = text.length > LONGEST ? null : DURATION.exec(text);
  if (parts === null) return fault('this is not a duration');
  let magnitude = 0n;
  for (const [i, unitMs] of UNITS_MS.entries()) magnitude += BigInt(parts[i + 2] ?? 0) * unitMs;
  const ms = toLong(parts[1] === '-' ? -magnitude : magnitude);
  return ms === undefined ? fault('this is not a duration') : new Duration(ms);
}

export function offset(from: Datetime, by: Duration): Datetime {
  return new Datetime(add(from.ms, by.ms));
}

export function durationSince(later: Datetime, earlier: Datetime): Duration {
  return new Duration(subtract(later.ms, earlier.ms));
}

/** Midnight of the day, towards the past. */
export function toDate(at: Datetime): Datetime {
  return new Datetime(subtract(at.ms, msOfDay(at)));
}

export function toTime(at: Datetime): Duration {
  return new Duration(msOfDay(at));
}

function msOfDay(at: Datetime): number {
  const rest = typeof at.ms === 'number' ? at.ms % DAY_MS : Number(at.ms % BigInt(DAY_MS));
  return (rest < 0 ? rest + DAY_MS : rest) + 0;
}

/** Whole units of this many milliseconds, towards zero. */
export function wholeUnits(duration: Duration, unitMs: number): Long {
  return divide(duration.ms, unitMs);
}
