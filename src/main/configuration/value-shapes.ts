import { z } from 'zod';
import { isZone, minutesOf } from '../../base/local-time.ts';
import { ID_PATTERN } from '../../model/agent.ts';

/** What the values of several keys of lanyard.yaml are, with the words for one that is not. */

export const id = z.string().regex(ID_PATTERN, 'must match [a-z][a-z0-9-]{0,31}');
export const text = z.string().min(1, 'must not be empty');
export const count = z.int().positive('must be a whole number above 0');
export const time = z
  .string()
  .refine((value) => minutesOf(value) !== null, 'must be a time of day, such as 22:30');
export const zone = z.string().refine(isZone, 'must be a time zone, such as Europe/Berlin');

/** A span of time (base/duration.ts) that is not 0. `such`: one that makes sense there. */
export const duration = (such = '30d') =>
  z.string().regex(/^[1-9]\d{0,5}[smhd]$/, `must be a number and s, m, h or d, such as ${such}`);

/** To here alone may what is sent travel in the clear. */
export function isLoopbackUrl(url: string): boolean {
  return URL.canParse(url) && /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(new URL(url).hostname);
}
