import { randomBytes } from 'node:crypto';

/** Without letters that are taken for one another on paper (Crockford base 32). */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** 80 random bits as XXXX-XXXX-XXXX-XXXX: short enough to be typed, long enough that its digest may stand in the log. */
export function makeCode(): string {
  const text = [...randomBytes(16)].map((byte) => ALPHABET[byte & 31]).join('');
  return text.replace(/(.{4})(?!$)/g, '$1-');
}

/** As it was made, however it was typed. */
export function normalizeCode(typed: string): string {
  const text = typed
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replace(/[IL]/g, '1')
    .replace(/O/g, '0');
  return text.replace(/(.{4})(?!$)/g, '$1-');
}
