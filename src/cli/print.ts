/** One JSON document on stdout. */
export function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

/** Rows under headings, columns as wide as their widest cell; the last one as long as it is. */
export function table(headings: readonly string[], rows: readonly (readonly unknown[])[]): void {
  const cells = [headings, ...rows.map((row) => row.map(cellOf))];
  const widths = headings.map((_, i) => Math.max(...cells.map((row) => (row[i] ?? '').length)));
  for (const row of cells) {
    const line = row.map((cell, i) => (i === row.length - 1 ? cell : cell.padEnd(widths[i] ?? 0))).join('  ');
    process.stdout.write(`${line.trimEnd()}\n`);
  }
}

function cellOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  return (Array.isArray(value) ? value.join(', ') : String(value)).replace(/\p{Cc}/gu, '\ufffd');
}
