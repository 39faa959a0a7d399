import type { Json } from '../../../base/json.ts';
import { LIMITS } from '../../../base/limits.ts';

/**
 * A cursor is where the next page starts, in a list of so many. It opens nothing: whatever it says, the caller is
 * shown no more than its own list holds. A list that has changed in length since refuses it, so that nothing is
 * skipped silently.
 */
export function writeCursor(method: string, from: number, length: number): string {
  return Buffer.from(`${method} ${from} ${length}`).toString('base64url');
}

/** The offset, or null for anything but a cursor of ours for this list as it is now. */
export function readCursor(cursor: Json, method: string, length: number): number | null {
  if (typeof cursor !== 'string' || cursor.length > LIMITS.cursorLength) return null;
  const parts = Buffer.from(cursor, 'base64url').toString('latin1').split(' ');
  const from = Number(parts[1]);
  if (!Number.isSafeInteger(from) || from <= 0 || from >= length) return null;
  return cursor === writeCursor(method, from, length) ? from : null;
}
