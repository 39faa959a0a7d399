import encodeQR from 'qr';

/**
 * A QR code for a terminal: two rows of it in one line of half blocks, dark on light whatever the terminal's own colours,
 * with the quiet zone of four that readers need.
 */
export function qrText(text: string): string {
  const bits = encodeQR(text, 'raw', { ecc: 'medium', border: 4 });
  const lines: string[] = [];
  for (let y = 0; y < bits.length; y += 2) {
    const row = (bits[y] ?? []).map((top, x) => BLOCKS[Number(top) + 2 * Number(bits[y + 1]?.[x] ?? false)]);
    lines.push(`\u001b[30;107m${row.join('')}\u001b[0m`);
  }
  return `${lines.join('\n')}\n`;
}

/** By the upper bit and twice the lower one. */
const BLOCKS = [' ', '\u2580', '\u2584', '\u2588'];
