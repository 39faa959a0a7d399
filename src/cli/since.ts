import { CommandFailure, EXIT } from './exit-code.ts';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `2h` is two hours ago; anything else is a date. */
export function sinceMsOf(text: string): number {
  const ago = /^(\d{1,6})([smhd])$/.exec(text);
  if (ago !== null)
    return performance.timeOrigin + performance.now() - Number(ago[1]) * (UNIT_MS[ago[2] ?? ''] ?? 0);
  const date = Date.parse(text);
  if (Number.isNaN(date))
    throw new CommandFailure(
      EXIT.usage,
      '--since is a date such as 2026-11-20T20:00:00Z, or a span such as 2h.',
    );
  return date;
}
