import { MINUTE_MS, minuteOf } from './duration.ts';

export const DAY_MINUTES = 24 * 60;

/** `22:30` → 1350, minutes after midnight; null for what is no time of day. */
export function minutesOf(text: string): number | null {
  const [, hours = '', minutes = ''] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  return hours === '' ? null : Number(hours) * 60 + Number(minutes);
}

/** Whether the runtime knows this as an IANA time zone. */
export function isZone(text: string): boolean {
  try {
    formatOf(text);
    return true;
  } catch {
    return false;
  }
}

const FORMATS = new Map<string, Intl.DateTimeFormat>();
/** The quarter of an hour that a zone was asked about last: offsets change on such a one at the finest. */
const OFFSETS = new Map<string, { readonly quarter: number; readonly offset: number }>();
const QUARTER_MS = 15 * MINUTE_MS;

/** The wall clock of a zone: the day of the week (1 is Monday), and the minutes after midnight. */
export function localTime(zone: string, nowMs: number): { readonly day: number; readonly minute: number } {
  const quarter = Math.floor(nowMs / QUARTER_MS);
  let known = OFFSETS.get(zone);
  if (known?.quarter !== quarter) {
    known = { quarter, offset: offsetOf(zone, quarter * QUARTER_MS) };
    OFFSETS.set(zone, known);
  }
  const minutes = minuteOf(nowMs) + known.offset;
  const days = Math.floor(minutes / DAY_MINUTES);
  // 1 January 1970 was a Thursday.
  return { day: ((days + 3) % 7) + 1, minute: minutes - days * DAY_MINUTES };
}

/** Minutes that a zone is ahead of UTC. */
function offsetOf(zone: string, atMs: number): number {
  const parts = formatOf(zone).formatToParts(atMs);
  const part = Object.fromEntries(parts.map(({ type, value }) => [type, Number(value)]));
  const { year = 1970, month = 1, day = 1, hour = 0, minute = 0 } = part;
  return Math.round((Date.UTC(year, month - 1, day, hour, minute) - atMs) / MINUTE_MS);
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(zone);
  if (known !== undefined) return known;
  const numeric = {
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  } as const;
  const made = new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', ...numeric });
  FORMATS.set(zone, made);
  return made;
}
