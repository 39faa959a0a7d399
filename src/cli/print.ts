import { hanging } from './wrap.ts';

/** One JSON document on stdout. */
export function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
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

/** Without control, format and line-breaking characters; tabs stay. */
export function plain(text: string): string {
  return text.replace(/(?!\t)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return plain(Array.isArray(value) ? value.join(', ') : String(value));
}
