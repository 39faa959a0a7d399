import { escapeInvisible, withoutInvisible } from '../base/invisible.ts';
import { hanging } from './wrap.ts';

/** One JSON document on stdout. */
export function print(value: unknown): void {
  process.stdout.write(`${forReader(JSON.stringify(value))}\n`);
}

/** JSON as it is for a program; for a terminal, which would obey or hide what agents wrote, with escapes. */
export function forReader(json: string): string {
  return process.stdout.isTTY ? escapeInvisible(json) : json;
}

/** One line on stdout: what agents and servers chose cannot steer the terminal, nor turn the line around. */
export function printLine(text: string): void {
  process.stdout.write(`${plain(text)}\n`);
}

/** Text of several lines on stdout, each as harmless. */
export function printText(text: string): void {
  for (const line of text.split('\n')) printLine(line);
}

/** Rows under headings, columns as wide as their widest cell; the last one as long as it is, on a terminal in lines below one another. */
export function table(headings: readonly string[], rows: readonly (readonly unknown[])[]): void {
  const cells = [headings, ...rows.map((row) => row.map(cellOf))];
  const widths = headings.map((_, i) => Math.max(...cells.map((row) => (row[i] ?? '').length)));
  for (const row of cells) {
    const before = row.slice(0, -1).map((cell, i) => `${cell.padEnd(widths[i] ?? 0)}  `);
    printText(hanging(before.join(''), row.at(-1) ?? '').trimEnd());
  }
}

/** Without what a terminal obeys, reorders or does not show; tabs stay. */
export function plain(text: string): string {
  return withoutInvisible(text, '\t');
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return plain(Array.isArray(value) ? value.join(', ') : String(value));
}
