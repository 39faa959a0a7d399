import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { removeDirectory, TestHouse } from '../../tests/faults/test-house.ts';
import { LIMITS } from '../base/limits.ts';
import type { Entry, EntryFields } from '../contract/log-entry.ts';
import { encodeEntry, leafHash } from '../ledger/entry.ts';
import { RecordFailure } from './record.ts';
import type { Draft } from './recording/draft.ts';

let house: TestHouse;
beforeEach(async () => {
  house = await TestHouse.open();
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const recorder = () => house.house.recorder;
const draft = (mark: string): Draft => ({ fields: { kind: 'instance.refused', code: mark, count: 1 } });
const outcome = (action: string): Draft => ({
  fields: { kind: 'action.outcome', action, outcome: 'ok' },
  closes: action,
});

/** The entries after those of the start, of a log that holds. */
async function written(): Promise<readonly Entry[]> {
  const { entries, report } = await house.see();
  expect(report).toMatchObject({ holds: true, faults: [] });
  return entries.slice(2);
}

describe('the recorder', () => {
  test('P1 resolves when the entry is durable, and not before', async () => {
    house.store.faultNext('hold');
    let durable = false;
    const recording = recorder()
      .record(draft('a'))
      .then(() => {
        durable = true;
      });
    const held = await house.store.held();
    await house.store.size();
    expect(durable).toBe(false);
    held.release();
    await recording;
    expect(await house.store.size()).toBe(3);
  });

  test('makes one commit of all that waits, in the order asked for', async () => {
    const before = house.store.appends;
    const recorded = await Promise.all(
      Array.from({ length: 1200 }, (_, i) => recorder().record(draft(`n${i}`))),
    );
    expect(house.store.appends - before).toBe(Math.ceil(1200 / LIMITS.batchEntries));
    expect(recorded.map(({ entry }) => entry.seq)).toEqual(Array.from({ length: 1200 }, (_, i) => i + 2));
    expect((await written()).map((entry) => entry.code)).toEqual(
      Array.from({ length: 1200 }, (_, i) => `n${i}`),
    );
  });

  test('P6 makes a checkpoint at the latest 1,000 entries behind, and one of everything at the end', async () => {
    await Promise.all(Array.from({ length: 1500 }, () => recorder().record(draft('x'))));
    const checkpoint = await house.store.lastCheckpoint();
    expect((await house.store.size()) - (checkpoint?.size ?? 0)).toBeLessThan(LIMITS.checkpointEntries);
    await recorder().close();
    expect((await house.store.lastCheckpoint())?.size).toBe(await house.store.size());
  });

  test('P2 refuses what is too much to wait, and goes on', async () => {
    house.store.faultNext('hold');
    const first = recorder().record(draft('first'));
    const held = await house.store.held();
    const waiting = Array.from({ length: LIMITS.queuedEntries }, () => recorder().record(draft('w')));
    await expect(recorder().record(draft('one too many'))).rejects.toBeInstanceOf(RecordFailure);
    held.release();
    await Promise.all([first, ...waiting]);
    expect(await house.store.size()).toBe(3 + LIMITS.queuedEntries);
  });

  test('P2 counts a denial that could not be recorded while a gap is being written', async () => {
    recorder().oweDenial('A1', 'NO_PERMIT');
    house.store.faultNext('hold');
    const recording = recorder().record(draft('a'));
    const held = await house.store.held();
    recorder().oweDenial('A2', 'FORBIDDEN');
    held.release();
    await recording;
    await recorder().record(draft('b'));
    expect(await written()).toMatchObject([
      { kind: 'instance.gap', count: 1, codes: { NO_PERMIT: 1 } },
      { code: 'a' },
      { kind: 'instance.gap', count: 1, codes: { FORBIDDEN: 1 } },
      { code: 'b' },
    ]);
    expect(recorder().owesNothing).toBe(true);
  });
});

describe('P6 after a commit that failed', () => {
  test('everybody who waited for it is told, and the next one is made on what the store holds', async () => {
    house.store.faultNext('fail');
    const failed = await Promise.allSettled([recorder().record(draft('a')), recorder().record(draft('b'))]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    for (const one of failed)
      expect(String(one.status === 'rejected' ? one.reason : '')).toBe('the planned fault: nothing was kept');
    await recorder().record(draft('c'));
    expect((await written()).map((entry) => entry.code)).toEqual(['c']);
  });

  test('what the store kept all the same stays, and is not written again', async () => {
    house.store.faultNext('fail-kept');
    await expect(recorder().record(draft('a'))).rejects.toBeInstanceOf(RecordFailure);
    await recorder().record(draft('b'));
    expect((await written()).map((entry) => entry.code)).toEqual(['a', 'b']);
  });

  test.each(['fail', 'fail-kept'] as const)('what is owed is written first, once (%s)', async (fault) => {
    const allow: Draft = {
      fields: { kind: 'action.decided', action: 'A1', decision: 'allow' },
      opens: 'A1',
    };
    await recorder().record(allow);
    const owed = outcome('A1');
    house.store.faultNext('fail');
    await recorder()
      .record(owed)
      .catch(() => recorder().owe(owed));
    recorder().oweDenial('A2', 'FROZEN');
    house.store.faultNext(fault);
    await expect(recorder().record(draft('a'))).rejects.toBeInstanceOf(RecordFailure);
    await recorder().record(draft('b'));
    const entries = await written();
    const count = (kind: string) => entries.filter((entry) => entry.kind === kind).length;
    expect([count('action.outcome'), count('instance.gap')]).toEqual([1, 1]);
    expect(entries.map((entry) => entry.kind).slice(1, 3)).toEqual(['action.outcome', 'instance.gap']);
    expect(recorder().owesNothing).toBe(true);
    expect(recorder().open.size).toBe(0);
  });

  test('an entry that somebody else put there is never signed, and nothing is recorded behind it', async () => {
    await recorder().record(draft('a'));
    const seq = await house.store.size();
    const fields: EntryFields = { kind: 'instance.refused', code: 'forged' };
    const text = encodeEntry({ ...fields, seq, at: '2026-01-01T00:00:00.000Z' });
    const forged = { text, leaf: leafHash(text), kind: fields.kind, atMs: 0 };
    await house.store.append({ first: seq, entries: [forged], bodies: [], cells: [] });
    for (const mark of ['b', 'c'])
      await expect(recorder().record(draft(mark))).rejects.toBeInstanceOf(RecordFailure);
    await expect(recorder().checkpoint()).rejects.toThrow('was not written by this instance');
    expect((await house.store.lastCheckpoint())?.size ?? 0).toBeLessThanOrEqual(seq);
    expect(await house.look('x')).toMatchObject({ kind: 'denied', decision: { code: 'STORE_UNAVAILABLE' } });
    expect(house.upstream.sent).toEqual([]);
  });

  test.each(['fail', 'fail-kept'] as const)('a checkpoint comes again (%s)', async (fault) => {
    await recorder().record(draft('a'));
    house.store.faultNext(fault);
    await expect(recorder().checkpoint()).rejects.toBeInstanceOf(RecordFailure);
    await recorder().checkpoint();
    expect((await house.store.lastCheckpoint())?.size).toBe(await house.store.size());
    expect(await written()).toHaveLength(1);
  });

  test('a probe says whether a record can be made now', async () => {
    expect(await recorder().probe()).toBe(true);
    house.store.isDown = true;
    await expect(recorder().record(draft('a'))).rejects.toBeInstanceOf(RecordFailure);
    expect(await recorder().probe()).toBe(false);
    house.store.isDown = false;
    expect(await recorder().probe()).toBe(true);
  });
});
