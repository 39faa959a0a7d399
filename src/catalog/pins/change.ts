import { canonicalize } from '../../base/canonical.ts';
import { digestOf } from '../../base/hash.ts';
import { isJsonObject, type Json } from '../../base/json.ts';
import { makeVisible } from '../visible.ts';
import type { Definition } from './definition.ts';
import { compareLines } from './line-difference.ts';
import { comparePins, type Pins } from './pins.ts';

/** What `catalog accept` shows, and what an answer to it is bound to. */
interface ShownChange {
  /** Escaped: safe for any terminal. Empty when nothing differs. */
  readonly lines: readonly string[];
  /**
   * `sha256:` over the digests before and after of every definition shown. An acceptance carries it, and holds only
   * while a new comparison still gives the same.
   */
  readonly digest: string;
}

/** Unchanged lines shown around a changed one. */
const AROUND = 2;

/** The difference between pins and what is listed now, for a person. */
export function showChange(pinned: Pins, listed: Iterable<Definition>): ShownChange {
  const { changed, added, removed } = comparePins(pinned, listed);
  const lines: string[] = [];
  const steps: Json[] = [];
  const show = (word: string, before: Definition | undefined, after: Definition | undefined) => {
    const shown = after ?? before;
    if (shown === undefined) return;
    lines.push(`${word} ${shown.kind} ${makeVisible(shown.name)}`, ...showDefinition(before, after));
    steps.push([shown.kind, shown.name, before?.digest ?? null, after?.digest ?? null]);
  };
  for (const { pinned: before, listed: after } of changed) show('changed', before, after);
  for (const definition of added) show('new', undefined, definition);
  for (const definition of removed) show('gone', definition, undefined);
  return { lines, digest: digestOf(canonicalize(steps.toSorted(byName))) };
}

function byName(a: Json, b: Json): number {
  const [x, y] = [canonicalize(a), canonicalize(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

function showDefinition(before: Definition | undefined, after: Definition | undefined): string[] {
  const difference = compareLines(linesOf(before), linesOf(after));
  const near = new Set<number>();
  for (const [i, { sign }] of difference.entries()) {
    if (sign === ' ') continue;
    for (let j = i - AROUND; j <= i + AROUND; j++) near.add(j);
  }
  const lines: string[] = [];
  let skipped = false;
  for (const [i, { sign, text }] of difference.entries()) {
    if (near.has(i)) lines.push(`  ${sign} ${text}`);
    else if (!skipped) lines.push('    …');
    skipped = !near.has(i);
  }
  return lines;
}

/**
 * A definition as lines to compare: members in canonical order, and a text of several lines as several, so that one
 * changed sentence of a long description shows as that. Equal definitions give equal lines and different ones
 * different lines: every text is quoted, and every line break in it is written out.
 */
function linesOf(definition: Definition | undefined): string[] {
  if (definition === undefined) return [];
  const lines: string[] = [];
  write(JSON.parse(definition.text), '', '', lines);
  return lines.map(makeVisible);
}

function write(value: Json, label: string, indent: string, lines: string[]): void {
  if (typeof value === 'string' && value.includes('\n')) {
    lines.push(`${indent}${label}`.trimEnd());
    for (const part of value.split(/(?<=\n)/)) lines.push(`${indent}  ${JSON.stringify(part)}`);
  } else if (Array.isArray(value) && value.length > 0) {
    lines.push(`${indent}${label}[`);
    for (const item of value) write(item, '', `${indent}  `, lines);
    lines.push(`${indent}]`);
  } else if (isJsonObject(value) && Object.keys(value).length > 0) {
    lines.push(`${indent}${label}{`);
    for (const [key, member] of Object.entries(value))
      write(member, `${JSON.stringify(key)}: `, `${indent}  `, lines);
    lines.push(`${indent}}`);
  } else {
    lines.push(`${indent}${label}${JSON.stringify(value)}`);
  }
}
