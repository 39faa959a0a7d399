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

/**
 * When the quiet that holds at `nowMs` ends; null where it is not quiet. Where `to` lies in an hour that the clocks skip, up
 * to an hour late.
 */
export function quietUntil(hours: QuietHours, nowMs: number): number | null {
  if (!isQuiet(hours, nowMs)) return null;
  const { to, zone } = hours;
  const left = (to - localTime(zone, nowMs).minute + DAY_MINUTES) % DAY_MINUTES;
  const endMs = (minuteOf(nowMs) + left) * MINUTE_MS;
  // A night in which the clocks change is as much shorter or longer.
  const shown = localTime(zone, endMs).minute - to;
  const over = ((shown + 1.5 * DAY_MINUTES) % DAY_MINUTES) - DAY_MINUTES / 2;
  const changedMs = endMs - over * MINUTE_MS;
  return isQuiet(hours, changedMs) ? endMs : changedMs;
}

function isQuiet({ from, to, zone }: QuietHours, atMs: number): boolean {
  const { minute } = localTime(zone, atMs);
  return from <= to ? minute >= from && minute < to : minute >= from || minute < to;
}
