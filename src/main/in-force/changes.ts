import { canonicalize } from '../../base/canonical.ts';
import { isJsonObject, type Json } from '../../base/json.ts';
import type { RuleSet } from './rule-set.ts';

/** How one rule set differs from another, a line each, for a person who is about to take it. */
export function changesBetween(now: RuleSet, next: RuleSet): string[] {
  const changes: string[] = [];
  compare('', now.configuration as Json & object, next.configuration as Json & object, changes);
  const before = new Map(now.files.map((file) => [`${file.role} ${file.name}`, file.text]));
  const after = new Map(next.files.map((file) => [`${file.role} ${file.name}`, file.text]));
  for (const [name, text] of after) {
    const old = before.get(name);
    if (old === undefined) changes.push(`+ ${name}`, ...text.split('\n').map((line) => `    + ${line}`));
    else if (old !== text) changes.push(`~ ${name}`, ...lineChanges(old, text));
  }
  for (const name of before.keys()) if (!after.has(name)) changes.push(`- ${name}`);
  return changes;
}

function compare(path: string, now: Json | undefined, next: Json | undefined, changes: string[]): void {
  // Not as they are written: what was recorded comes back with its keys in another order.
  if (now === next || (now !== undefined && next !== undefined && canonicalize(now) === canonicalize(next)))
    return;
  if (isJsonObject(now) && isJsonObject(next)) {
    for (const key of new Set([...Object.keys(now), ...Object.keys(next)])) {
      compare(path === '' ? key : `${path}.${key}`, now[key], next[key], changes);
    }
    return;
  }
  if (
    Array.isArray(now) &&
    Array.isArray(next) &&
    [...now, ...next].every((item) => isJsonObject(item) && 'id' in item)
  ) {
    const byId = (items: readonly Json[]) =>
      Object.fromEntries(items.map((item) => [isJsonObject(item) ? String(item['id']) : '', item]));
    compare(path, byId(now), byId(next), changes);
    return;
  }
  const show = (value: Json | undefined) => (value === undefined ? 'nothing' : JSON.stringify(value));
  changes.push(`~ ${path}: ${show(now)} → ${show(next)}`);
}

/** The same for a line or two of a start: what differs, without the texts, and bounded. */
export function placesThatDiffer(now: RuleSet, next: RuleSet): string[] {
  const places = changesBetween(now, next).filter((line) => !line.startsWith(' '));
  const [shown, more] = [places.slice(0, MOST_PLACES), places.length - MOST_PLACES];
  return more > 0 ? [...shown, `… and ${more} more`] : shown;
}

const MOST_PLACES = 20;

/** Lines that are only in one of two texts, in order; enough to see an edit, and bounded. */
function lineChanges(old: string, text: string): string[] {
  const [a, b] = [old.split('\n'), text.split('\n')];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end])
    end++;
  const gone = a.slice(start, a.length - end).map((line) => `    - ${line}`);
  const come = b.slice(start, b.length - end).map((line) => `    + ${line}`);
  return [`    @ line ${start + 1}`, ...gone, ...come].slice(0, 200);
}
