export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;

/** Which minute of the epoch an instant lies in. */
export const minuteOf = (atMs: number): number => Math.floor(atMs / MINUTE_MS);

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** A span as people write it: digits and one of s, m, h, d, such as `15m` or `90d`. In milliseconds; null for anything else. */
export function readDuration(text: string): number | null {
  const parts = /^(\d{1,6})([smhd])$/.exec(text);
  return parts === null ? null : Number(parts[1]) * (UNIT_MS[parts[2] ?? ''] ?? 0);
}

/** The same of a text whose form was checked before, in milliseconds. Anything else is a mistake of ours and throws. */
export function durationMs(text: string): number {
  const ms = readDuration(text);
  if (ms === null) throw new RangeError(`not a span of time: ${text}`);
  return ms;
}
