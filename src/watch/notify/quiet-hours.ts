import { MINUTE_MS, minuteOf } from '../../base/duration.ts';
import { DAY_MINUTES, localTime } from '../../base/local-time.ts';

/** When a person is not to be disturbed, by the wall clock of where she lives. Pages do not ask. */
export interface QuietHours {
  /** Minutes after midnight; where `from` is later than `to`, the night lies between. */
  readonly from: number;
  readonly to: number;
  /** An IANA time zone. */
  readonly zone: string;
}

/** When the quiet that holds at `nowMs` ends; null where it is not quiet. In the hour of a clock change, an hour off at most. */
export function quietUntil({ from, to, zone }: QuietHours, nowMs: number): number | null {
  const now = localTime(zone, nowMs).minute;
  const within = from <= to ? now >= from && now < to : now >= from || now < to;
  if (!within) return null;
  const left = (to - now + DAY_MINUTES) % DAY_MINUTES;
  return (minuteOf(nowMs) + left) * MINUTE_MS;
}
