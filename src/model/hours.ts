import { localTime } from '../base/local-time.ts';

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

export function isWithinHours(hours: Hours, nowMs: number): boolean {
  const { day, minute } = localTime(hours.zone, nowMs);
  const { from, to, days } = hours;
  if (from < to) return days.includes(day) && minute >= from && minute < to;
  const dayBefore = ((day + 5) % 7) + 1;
  return (days.includes(day) && minute >= from) || (days.includes(dayBefore) && minute < to);
}
