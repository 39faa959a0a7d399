import { describe, expect, it } from 'vitest';
import { qrText } from './qr-text.ts';

/** The code as bits again: what a reader sees. */
function bitsOf(text: string): boolean[][] {
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => line.replaceAll(/\u001b\[[0-9;]*m/g, ''));
  return lines.flatMap((line) => [
    [...line].map((block) => block === '\u2580' || block === '\u2588'),
    [...line].map((block) => block === '\u2584' || block === '\u2588'),
  ]);
}

describe('a QR code for a terminal', () => {
  it('has the three finders and a quiet zone, dark on light', () => {
    const text = qrText('https://lanyard.example.org/phone');
    const bits = bitsOf(text);
    const size = bits[0]?.length ?? 0;
    expect((size - 8 - 17) % 4).toBe(0);
    for (const row of bits.slice(0, 4)) expect(row.some(Boolean)).toBe(false);
    for (const row of bits) expect(row.slice(0, 4).some(Boolean)).toBe(false);
    const finder = (y: number, x: number) =>
      bits.slice(y, y + 7).map((row) =>
        row
          .slice(x, x + 7)
          .map(Number)
          .join(''),
      );
    const whole = ['1111111', '1000001', '1011101', '1011101', '1011101', '1000001', '1111111'];
    expect(finder(4, 4)).toEqual(whole);
    expect(finder(4, size - 11)).toEqual(whole);
    expect(finder(size - 11, 4)).toEqual(whole);
    expect(text).toContain('\u001b[30;107m');
  });
});
