import { readDuration } from '../base/duration.ts';
import { CommandFailure, EXIT } from './exit-code.ts';

/** `2h` is two hours ago; anything else is a date. */
export function sinceMsOf(text: string): number {
  const agoMs = readDuration(text);
  if (agoMs !== null) return performance.timeOrigin + performance.now() - agoMs;
  const date = Date.parse(text);
  if (Number.isNaN(date))
    throw new CommandFailure(
      EXIT.usage,
      '--since is a date such as 2026-11-20T20:00:00Z, or a span such as 2h.',
    );
  return date;
}
