import { expect, test } from 'vitest';
import { hex, makeBatch, makeBody, type Workbench } from './workbench.ts';

/** What is kept beside the entries: bodies, cells, checkpoints. */

export function testBodies(bench: Workbench): void {
  test('arguments and result are kept apart, with their salts', async () => {
    const text = `{"big":"${'😀'.repeat(500_000)}"}`;
    const salt = Uint8Array.from({ length: 16 }, (_, i) => i * 16);
    const result = makeBody('A', { part: 'result', text, salt, expiresAtMs: 5 });
    await bench.store.append(makeBatch(0, 1, { bodies: [makeBody('A'), result] }));
    const read = await (await bench.reopen()).body('A', 'result');
    expect(read?.text === text).toBe(true);
    expect(hex(read?.salt)).toBe(hex(salt));
    expect(read).toMatchObject({ action: 'A', part: 'result', expiresAtMs: 5 });
    expect((await bench.store.body('A', 'arguments'))?.text).toBe('{"a":1}');
    expect(await bench.store.body('B', 'arguments')).toBeNull();
  });

  test('a second body for the same action and part replaces the first', async () => {
    await bench.store.append(makeBatch(0, 1, { bodies: [makeBody('A')] }));
    await bench.store.append(makeBatch(1, 1, { bodies: [makeBody('A', { text: '2', expiresAtMs: 7 })] }));
    expect(await bench.store.body('A', 'arguments')).toMatchObject({ text: '2', expiresAtMs: 7 });
  });

  test('S5 bodies go when their time is over, entries stay', async () => {
    const bodies = Array.from({ length: 700 }, (_, i) => makeBody(`A${i}`, { expiresAtMs: i }));
    await bench.store.append(makeBatch(0, 2, { bodies }));
    expect(await bench.store.expireBodies(599)).toBe(600);
    expect(await bench.store.body('A599', 'arguments')).toBeNull();
    expect(await bench.store.body('A600', 'arguments')).not.toBeNull();
    expect(await bench.store.expireBodies(599)).toBe(0);
    expect(await (await bench.reopen()).body('A599', 'arguments')).toBeNull();
    expect(await bench.store.size()).toBe(2);
  });
}

export function testCells(bench: Workbench): void {
  test('a cell is set, replaced and removed together with its entry', async () => {
    const change = (value: string | null) => [{ kind: 'level', key: 'writer', value }];
    await bench.store.append(makeBatch(0, 1, { cells: change('live') }));
    await bench.store.append(makeBatch(1, 1, { cells: change('frozen') }));
    expect(await bench.store.cell('level', 'writer')).toBe('frozen');
    await bench.store.append(makeBatch(2, 0, { cells: change('') }));
    expect(await bench.store.cell('level', 'writer')).toBe('');
    await bench.store.append(makeBatch(2, 1, { cells: change(null) }));
    expect(await bench.store.cell('level', 'writer')).toBeNull();
    await bench.store.append(makeBatch(3, 1, { cells: change(null) }));
    expect(await (await bench.reopen()).cell('level', 'writer')).toBeNull();
  });

  test('the last change of a cell within a batch is the one that holds', async () => {
    const values = ['a', null, 'b', null, 'c'];
    const cells = values.map((value) => ({ kind: 'k', key: 'x', value }));
    await bench.store.append(makeBatch(0, 0, { cells }));
    expect(await bench.store.cell('k', 'x')).toBe('c');
  });

  test('kinds are apart, and cells come in the order of UTF-16 code units', async () => {
    const names = ['b', 'a', '', 'A', 'é', '\uff5e', '😀', '10', '9', 'a b'];
    const cells = names.map((key) => ({ kind: 'pin', key, value: `v${key}` }));
    await bench.store.append(
      makeBatch(0, 1, { cells: [...cells, { kind: 'token', key: 'a', value: 'other' }] }),
    );
    const read = await bench.store.cells('pin');
    expect(read).toEqual([...names].sort().map((key) => ({ key, value: `v${key}` })));
    expect(await bench.store.cell('token', 'a')).toBe('other');
    expect(await bench.store.cells('none')).toEqual([]);
  });

  test('a large value comes back whole', async () => {
    const value = `rules ${'→ß'.repeat(1_000_000)}`;
    await bench.store.append(makeBatch(0, 0, { cells: [{ kind: 'in-force', key: 'policy', value }] }));
    expect((await (await bench.reopen()).cell('in-force', 'policy')) === value).toBe(true);
  });
}

export function testCheckpoints(bench: Workbench): void {
  const row = (size: number, note = `note ${size}\n`) => ({
    size,
    note,
    frontier: new Uint8Array(32).fill(size),
    open: [`A${size}`, 'B'],
  });

  test('the newest one is answered, whole', async () => {
    await bench.store.append(makeBatch(0, 5, { checkpoint: row(5) }));
    await bench.store.append(makeBatch(5, 5, { checkpoint: row(8, 'note — 8\n') }));
    const last = await (await bench.reopen()).lastCheckpoint();
    expect(last).toMatchObject({ size: 8, note: 'note — 8\n', open: ['A8', 'B'] });
    expect(hex(last?.frontier)).toBe('08'.repeat(32));
  });

  test('one may come alone, and again at the same size', async () => {
    await bench.store.append(makeBatch(0, 5));
    await bench.store.append(makeBatch(5, 0, { checkpoint: row(5) }));
    await bench.store.append(makeBatch(5, 0, { checkpoint: row(5, 'again\n') }));
    expect(await bench.store.lastCheckpoint()).toMatchObject({ size: 5, note: 'again\n' });
  });

  test('none goes back behind the last one or beyond the log', async () => {
    await bench.store.append(makeBatch(0, 5, { checkpoint: row(5) }));
    await expect(bench.store.append(makeBatch(5, 1, { checkpoint: row(4) }))).rejects.toBeInstanceOf(
      RangeError,
    );
    await expect(bench.store.append(makeBatch(5, 1, { checkpoint: row(7) }))).rejects.toBeInstanceOf(
      RangeError,
    );
    expect(await bench.store.lastCheckpoint()).toMatchObject({ size: 5 });
    expect(await bench.store.size()).toBe(5);
  });
}
