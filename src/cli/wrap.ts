/** A text in lines of at most `width` characters, broken between words; a longer word stands alone. */
export function wrap(sentence: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of sentence.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}

/** How wide what is written to a terminal may be, at least 60; null where it goes elsewhere, as long as it is. */
export function terminalWidth(): number | null {
  const { isTTY, columns } = process.stdout;
  return isTTY && columns > 0 ? Math.max(60, columns) : null;
}

/** `first` and a text in lines under one another, as wide as the terminal. */
export function hanging(first: string, text: string): string {
  const width = terminalWidth();
  if (width === null || first.length + text.length <= width) return `${first}${text}`;
  // Where next to nothing would be left beside it, the text stands below.
  const isBeside = width - first.length >= 24;
  const indent = ' '.repeat(isBeside ? first.length : 6);
  const [head = '', ...rest] = wrap(text, width - indent.length);
  return isBeside
    ? [`${first}${head}`, ...rest.map((line) => indent + line)].join('\n')
    : [first.trimEnd(), ...[head, ...rest].map((line) => indent + line)].join('\n');
}
