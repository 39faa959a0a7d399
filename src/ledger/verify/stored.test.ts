import { describe, expect, test } from 'vitest';
import { LIMITS } from '../../base/limits.ts';
import { createSigner } from '../signer.ts';
import { createTree } from '../tree.ts';
import { verifyStored } from './stored.ts';
import { checkpointOf, codes, key, keyOf, makeLog, ORIGIN, pagesOf, signer } from './suite/sample-log.ts';
import { rewritten, TAMPERINGS } from './suite/tamperings.ts';
import { verifyTail } from './tail.ts';

describe('a stored log', () => {
  const rows = makeLog(40);
  const checkpoint = checkpointOf(rows);
  const options = { checkpoint, key, origin: ORIGIN };

  test('that is whole holds', async () => {
    const report = await verifyStored(pagesOf(rows), options);
    expect(report).toEqual({
      holds: true,
      entries: 40,
      covered: 40,
      tail: 0,
      origin: ORIGIN,
      key: { line: signer.verifierKey, fingerprint: key.fingerprint, given: true },
      faults: [],
      faultCount: 0,
      brokenFrom: null,
    });
  });

  test('of every small size holds', async () => {
    for (let size = 0; size < 40; size++) {
      const some = rows.slice(0, size);
      expect((await verifyStored(pagesOf(some), { ...options, checkpoint: checkpointOf(some) })).holds).toBe(
        true,
      );
    }
  });

  test.each(TAMPERINGS)('with $name does not', async ({ change, code, from }) => {
    const report = await verifyStored(pagesOf(change([...rows])), options);
    expect(report.holds).toBe(false);
    expect(codes(report)).toContain(code);
    expect(report.brokenFrom).toBeLessThanOrEqual(from);
    expect(report.faults.find((fault) => fault.code === code)?.from).toBe(from);
  });

  test('names the tail that no checkpoint covers, and finds what is wrong in it', async () => {
    const partly = { ...options, checkpoint: checkpointOf(rows.slice(0, 33)) };
    expect(await verifyStored(pagesOf(rows), partly)).toMatchObject({ holds: true, covered: 33, tail: 7 });
    const changed = rows.map((r) => (r.seq === 38 ? { ...r, text: r.text.replace('38', '83') } : r));
    const report = await verifyStored(pagesOf(changed), partly);
    expect(report).toMatchObject({ holds: false, brokenFrom: 38 });
    expect(codes(report)).toEqual(['changed']);
  });

  test('changed with its leaf is narrowed down to a subtree of the checkpoint', async () => {
    // 40 = 32 + 8.
    const changed = rows.map((r) => (r.seq === 37 ? rewritten(r, { note: 'x' }) : r));
    const report = await verifyStored(pagesOf(changed), options);
    expect(report).toMatchObject({ holds: false, brokenFrom: 32, faultCount: 1 });
    expect(report.faults[0]?.what).toContain('entries 32 to 39');
  });

  test('whose checkpoint is not signed by our key, or of another origin or size, does not hold', async () => {
    const stranger = checkpointOf(rows, createSigner(ORIGIN));
    expect(codes(await verifyStored(pagesOf(rows), { ...options, checkpoint: stranger }))).toEqual([
      'wrong-key',
    ]);
    const other = checkpointOf(rows, signer, 'elsewhere');
    expect(codes(await verifyStored(pagesOf(rows), { ...options, checkpoint: other }))).toEqual([
      'bad-checkpoint',
    ]);
    const forged = { ...checkpoint, note: checkpoint.note.replace('\n40\n', '\n39\n') };
    expect(codes(await verifyStored(pagesOf(rows), { ...options, checkpoint: forged }))).toEqual([
      'bad-checkpoint',
    ]);
    const resized = { ...checkpoint, size: 39 };
    expect(codes(await verifyStored(pagesOf(rows), { ...options, checkpoint: resized }))).toContain(
      'bad-checkpoint',
    );
    const frontier = Buffer.from(checkpoint.frontier);
    frontier[5] = (frontier[5] ?? 0) ^ 1;
    const bent = { ...checkpoint, frontier };
    expect(codes(await verifyStored(pagesOf(rows), { ...options, checkpoint: bent }))).toEqual([
      'bad-frontier',
    ]);
  });

  test('of thousands of broken entries counts them and keeps few', async () => {
    const changed = makeLog(3000).map((r) => ({ ...r, text: r.text.replace('n', 'N') }));
    const report = await verifyStored(pagesOf(changed), options);
    expect(report.faultCount).toBeGreaterThanOrEqual(3000);
    expect(report.faults.length).toBe(LIMITS.reportedFaults);
    expect(report.brokenFrom).toBe(0);
  });

  test('lets others have their turn while it is read', async () => {
    let pauses = 0;
    const pause = async () => {
      pauses++;
    };
    await verifyStored(pagesOf(rows), { ...options, pause, sliceEntries: 10 });
    expect(pauses).toBe(4);
  });
});

describe('a start', () => {
  const rows = makeLog(40);
  const behind = rows.slice(33);
  const options = { checkpoint: checkpointOf(rows.slice(0, 33)), key, origin: ORIGIN, size: 40 };

  test('goes on from the checkpoint with the tree of the whole log', async () => {
    const started = await verifyTail(pagesOf(behind), options);
    if (!started.ok) throw new Error(started.error.faults[0]?.what);
    expect(started.value.report).toMatchObject({ holds: true, entries: 40, covered: 33, tail: 7 });
    expect(started.value.tree.size).toBe(40);
    const whole = createTree();
    for (const row of rows) whole.append(row.leaf);
    expect(started.value.tree.root()).toEqual(whole.root());
  });

  test('of a log without a checkpoint reads all of it', async () => {
    const started = await verifyTail(pagesOf(rows), { ...options, checkpoint: null });
    expect(started.ok && started.value.tree.size).toBe(40);
    expect((await verifyTail(pagesOf([]), { ...options, checkpoint: null, size: 0 })).ok).toBe(true);
  });

  test('is refused when anything it looks at does not hold', async () => {
    const changed = behind.map((r) => (r.seq === 35 ? { ...r, text: `${r.text} ` } : r));
    const reasons = async (...args: Parameters<typeof verifyTail>) => {
      const started = await verifyTail(...args);
      return started.ok ? [] : codes(started.error);
    };
    expect(await reasons(pagesOf(changed), options)).toEqual(['changed', 'not-canonical']);
    expect(await reasons(pagesOf(behind.slice(1)), options)).toContain('missing');
    expect(await reasons(pagesOf(behind.slice(0, -1)), options)).toEqual(['truncated']);
    const shorter = await verifyTail(pagesOf([]), { ...options, size: 29 });
    expect(shorter).toMatchObject({
      error: {
        brokenFrom: 29,
        faults: [{ code: 'truncated', what: expect.stringMatching(/after 29 .* covers 33$/) }],
      },
    });
    expect(await reasons(pagesOf(behind), { ...options, key: keyOf(createSigner(ORIGIN)) })).toEqual([
      'wrong-key',
    ]);
    expect(await reasons(pagesOf(behind), { ...options, origin: 'x' })).toEqual(['bad-checkpoint']);
    const frontier = Buffer.alloc(64);
    const bent = { ...options.checkpoint, frontier };
    expect(await reasons(pagesOf(behind), { ...options, checkpoint: bent })).toEqual(['bad-frontier']);
  });

  test('is refused when the checkpoint is gone that was there from the first commit on', async () => {
    const robbed = { ...options, checkpoint: null, alwaysSigned: true };
    const started = await verifyTail(pagesOf(rows), robbed);
    expect(!started.ok && codes(started.error)).toEqual(['not-covered']);
    expect(codes(await verifyStored(pagesOf(rows), robbed))).toEqual(['not-covered']);
    expect((await verifyTail(pagesOf([]), { ...robbed, size: 0 })).ok).toBe(true);
    expect((await verifyTail(pagesOf(behind), { ...options, alwaysSigned: true })).ok).toBe(true);
  });

  test('is refused when a leaf is no hash', async () => {
    const cut = behind.map((r) => (r.seq === 35 ? { ...r, leaf: new Uint8Array(3) } : r));
    const started = await verifyTail(pagesOf(cut), options);
    expect(!started.ok && codes(started.error)).toEqual(['changed']);
  });

  test('is refused when more entries are unsigned than a writer ever leaves unsigned', async () => {
    const many = makeLog(LIMITS.checkpointEntries + LIMITS.batchEntries + 1);
    const started = await verifyTail(pagesOf(many), { ...options, checkpoint: null, size: many.length });
    expect(started.ok).toBe(false);
    expect(!started.ok && codes(started.error)).toEqual(['not-covered']);
  });
});
