import { readDuration } from '../base/duration.ts';
import { CommandFailure, EXIT } from './exit-code.ts';

/** `2h` is two hours ago; anything else is a date. */
export function sinceMsOf(text: string): number {
  const agoMs = readDuration(text);
  if (agoMs !== null) return performance.timeOrigin + performance.now() - agoMs;
  // The runtime takes much else for a date: "5" is one of the year 2001.
  const date = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(date))
    throw new CommandFailure(
      EXIT.usage,
      '--since is a date such as 2026-11-20T20:00:00Z, or a span such as 2h.',
    );
  return date;
}
