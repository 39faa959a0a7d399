/** When a person is not to be disturbed, by the wall clock of where she lives. Pages do not ask. */
export interface QuietHours {
  /** Minutes after midnight; where `from` is later than `to`, the night lies between. */
  readonly from: number;
  readonly to: number;
  /** An IANA time zone. */
  readonly zone: string;
}

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;

/** `22:30` → 1350; null for what is no time of day. */
export function minutesOf(text: string): number | null {
  const [, hours = '', minutes = ''] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? [];
  return hours === '' ? null : Number(hours) * 60 + Number(minutes);
}

export function isZone(text: string): boolean {
  try {
    clockOf(text);
    return true;
  } catch {
    return false;
  }
}

/** When the quiet that holds at `nowMs` ends; null where it is not quiet. In the hour of a clock change, an hour off at most. */
export function quietUntil({ from, to, zone }: QuietHours, nowMs: number): number | null {
  const now = minuteOfDay(zone, nowMs);
  const within = from <= to ? now >= from && now < to : now >= from || now < to;
  if (!within) return null;
  const left = (to - now + DAY_MINUTES) % DAY_MINUTES;
  return Math.floor(nowMs / MINUTE_MS) * MINUTE_MS + left * MINUTE_MS;
}

const clocks = new Map<string, Intl.DateTimeFormat>();

function clockOf(zone: string): Intl.DateTimeFormat {
  const known = clocks.get(zone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat('en-GB', {
    timeZone: zone,
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  clocks.set(zone, made);
  return made;
}

function minuteOfDay(zone: string, ms: number): number {
  return minutesOf(clockOf(zone).format(ms)) ?? 0;
}
