import { randomBytes } from 'node:crypto';
import { CROCKFORD } from './crockford.ts';

/** A secret that people copy from paper: 20 random bits in each group, as XXXX-XXXX-…. */
export function makePaperCode(groups: number): string {
  const text = [...randomBytes(4 * groups)].map((byte) => CROCKFORD[byte & 31]).join('');
  return inGroups(text);
}

/** As it was made, however it was typed. */
export function normalizePaperCode(typed: string): string {
  const text = typed
    .toUpperCase()
    .replace(/[^0-9A-Z]/g, '')
    .replace(/[IL]/g, '1')
    .replace(/O/g, '0');
  return inGroups(text);
}

function inGroups(text: string): string {
  return text.replace(/(.{4})(?!$)/g, '$1-');
}
