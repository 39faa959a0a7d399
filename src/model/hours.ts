/** The hours in which an agent is to work: some days of the week, from a time to a time, in one zone. */
export interface Hours {
  /** 1 is Monday, 7 is Sunday. */
  readonly days: readonly number[];
  /** Minutes since midnight; `to` below `from` goes over midnight, and belongs to the day on which it began. */
  readonly from: number;
  readonly to: number;
  readonly zone: string;
}

export const WEEKDAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
const DAY_MINUTES = 24 * 60;

export function isWithinHours(hours: Hours, nowMs: number): boolean {
  const { day, minute } = localTime(hours.zone, nowMs);
  const { from, to, days } = hours;
  if (from < to) return days.includes(day) && minute >= from && minute < to;
  const dayBefore = ((day + 5) % 7) + 1;
  return (days.includes(day) && minute >= from) || (days.includes(dayBefore) && minute < to);
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();
/** The quarter of an hour that a zone was asked about last: offsets change on such a one at the finest. */
const OFFSETS = new Map<string, { readonly quarter: number; readonly offset: number }>();
const QUARTER_MS = 15 * 60_000;

function localTime(zone: string, nowMs: number): { readonly day: number; readonly minute: number } {
  const quarter = Math.floor(nowMs / QUARTER_MS);
  let known = OFFSETS.get(zone);
  if (known?.quarter !== quarter) {
    known = { quarter, offset: offsetOf(zone, quarter * QUARTER_MS) };
    OFFSETS.set(zone, known);
  }
  const minutes = Math.floor(nowMs / 60_000) + known.offset;
  const days = Math.floor(minutes / DAY_MINUTES);
  // 1 January 1970 was a Thursday.
  return { day: ((days + 3) % 7) + 1, minute: minutes - days * DAY_MINUTES };
}

/** Minutes that a zone is ahead of UTC. */
function offsetOf(zone: string, atMs: number): number {
  let format = FORMATS.get(zone);
  if (format === undefined) {
    const numeric = {
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
    } as const;
    format = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...numeric });
    FORMATS.set(zone, format);
  }
  const part = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0 } = part;
  return Math.round((Date.UTC(year, month - 1, day, hour, minute) - atMs) / 60_000);
}
