import type { Json } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';

/**
 * The first key at any depth that begins with `__`, or null. Such keys are how Cedar's JSON form says entity, decimal
 * and other extension values (`__entity`, `__extn`), so they could make arguments mean something else to a rule; and
 * `__proto__` is among them.
 */
export function reservedKey(value: Json): string | null {
  if (typeof value !== 'object' || value === null) return null;
  if (Array.isArray(value)) {
    for (const item of value) {
      const found = reservedKey(item);
      if (found !== null) return found;
    }
    return null;
  }
  const object = value as { readonly [key: string]: Json };
  for (const key in object) {
    if (key.startsWith('__')) return key;
    const found = reservedKey(object[key] as Json);
    if (found !== null) return found;
  }
  return null;
}

export function hasControl(text: string): boolean {
  return /\p{Cc}/u.test(text);
}

/** A name that a caller may choose for something of its own. */
export function isCallerName(value: Json | undefined): value is string {
  return (
    typeof value === 'string' && value !== '' && value.length <= LIMITS.callerNameLength && !hasControl(value)
  );
}
