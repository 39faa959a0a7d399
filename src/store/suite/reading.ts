import { expect, test } from 'vitest';
import { collect, hex, makeBatch, makeEntry, seqs, type Workbench } from './workbench.ts';

export function testReading(bench: Workbench): void {
  test('text and leaf come back as they went in, byte for byte', async () => {
    const texts = [
      '{"a":"é 😀 \u2028 \uffff","b":"\\u0000\\u001f"}',
      `{"long":"${'ü'.repeat(300_000)}"}`,
      '{"quote":"\\"\'`; DROP TABLE entries; --"}',
      '{}',
    ];
    await bench.store.append({ ...makeBatch(0, 0), entries: texts.map((text, i) => makeEntry(i, { text })) });
    const read = await collect((await bench.reopen()).entries(0, 10));
    expect(read.map((e) => e.text)).toEqual(texts);
    for (const [i, text] of texts.entries())
      expect(hex(read[i]?.leaf)).toBe(hex(makeEntry(i, { text }).leaf));
  });

  test('ranges are half open, in order, and end where the log does', async () => {
    await bench.store.append(makeBatch(0, 10));
    expect(await seqs(bench.store.entries(3, 7))).toEqual([3, 4, 5, 6]);
    expect(await seqs(bench.store.entries(8, 1000))).toEqual([8, 9]);
    expect(await seqs(bench.store.entries(4, 4))).toEqual([]);
    expect(await seqs(bench.store.entries(10, 20))).toEqual([]);
    expect(await seqs(bench.store.entries(7, 3))).toEqual([]);
  });

  test('a range of many pages has no gap and no repetition', async () => {
    for (let first = 0; first < 3000; first += 500) await bench.store.append(makeBatch(first, 500));
    expect(await seqs(bench.store.entries(1, 2999))).toEqual(Array.from({ length: 2998 }, (_, i) => i + 1));
  });

  test('appending between two pages disturbs no reader, and a reader no append', async () => {
    await bench.store.append(makeBatch(0, 2000));
    let next = 2000;
    const read: number[] = [];
    for await (const page of bench.store.entries(0, 2000)) {
      read.push(...page.map((e) => e.seq));
      await bench.store.append(makeBatch(next++, 1));
    }
    expect(read).toEqual(Array.from({ length: 2000 }, (_, i) => i));
    expect(await bench.store.size()).toBe(next);
  });

  test('a reader may stop early, and two may read at once', async () => {
    await bench.store.append(makeBatch(0, 2000));
    for await (const page of bench.store.entries(0, 2000)) if (page[0]?.seq === 0) break;
    const both = await Promise.all([
      seqs(bench.store.entries(0, 2000)),
      seqs(bench.store.find({ kinds: ['instance.gap'] })),
    ]);
    expect(both[0]).toEqual(both[1]);
    expect(both[0].length).toBe(2000);
  });

  test('large entries come in pages of bounded size', async () => {
    const text = `{"x":"${'y'.repeat(400_000)}"}`;
    const entries = Array.from({ length: 12 }, (_, i) => makeEntry(i, { text }));
    await bench.store.append({ ...makeBatch(0, 0), entries });
    let read = 0;
    for await (const page of bench.store.entries(0, 12)) {
      expect(page.reduce((sum, e) => sum + e.text.length, 0)).toBeLessThan(4 * 1024 * 1024);
      read += page.length;
    }
    expect(read).toBe(12);
  });
}
