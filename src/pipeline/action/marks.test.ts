import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { answering } from '../../../tests/faults/counting-upstream.ts';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import { problem } from '../../base/errors.ts';
import type { Entry } from '../../contract/log-entry.ts';
import type { Attempt } from '../../model/action.ts';
import type { Answer } from '../ports/answer.ts';

/** The catalog of the test house gives no source and no sensitivity: whatever is read counts as untrusted and secret. */
const BROUGHT = ['untrusted', 'secret'];
const HELD = `@id("no-way-out") @reason("It has read too much")
forbid (principal, action == Action::"mcp:box/write", resource)
when { context.system.marks.containsAll(["untrusted", "secret"]) };
`;

let house: TestHouse;
beforeEach(async () => {
  house = await TestHouse.open({ rules: HELD });
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const write = (more: Partial<Attempt> = {}): Promise<Answer> =>
  house.act('write', { path: `${house.directory}/work/a`, text: 'x' }, more);
const MARKED = { kind: 'denied', decision: { code: 'FORBIDDEN', rules: ['no-way-out'] } };

async function entries(kind: string): Promise<Entry[]> {
  const { entries: all, report } = await house.see();
  expect(report).toMatchObject({ holds: true, faults: [] });
  return all.filter((entry) => entry.kind === kind);
}

const cells = async () => (await house.store.cells('mark')).map(({ key }) => key);

/** A process that ends without a word, and the next one on the same state. */
async function restart(): Promise<void> {
  await house.abandon();
  house = await house.reopen();
}

describe('what an answer brings', () => {
  test('is seen by the next decision, and by every session of that token whatever it is called', async () => {
    expect(await write()).toMatchObject({ kind: 'result' });
    await house.look('a', { token: 't2', session: 's2' });
    expect(await write()).toMatchObject(MARKED);
    expect(await write({ session: 'kept-clean' })).toMatchObject(MARKED);
    expect(await write({ agent: 'reader', token: 't1' })).toMatchObject({ kind: 'result' });
    const [first, , third] = await entries('action.decided');
    expect(first).toMatchObject({ token: 't1', brings: BROUGHT });
    expect(first).not.toHaveProperty('marks');
    expect(third).toMatchObject({ decision: 'deny', marks: BROUGHT });
    expect(third).not.toHaveProperty('brings');
  });

  test('is kept in the commit of the outcome, a cell for each mark of the token', async () => {
    house.store.faultNext('hold');
    const asked = house.look('a');
    const allow = await house.store.held();
    expect(allow.batch.cells.filter(({ kind }) => kind === 'mark')).toEqual([]);
    house.store.faultNext('hold');
    allow.release();
    const outcome = await house.store.held();
    expect(outcome.batch.entries.map(({ kind }) => kind)).toEqual(['action.outcome']);
    expect(outcome.batch.cells.map(({ kind, key }) => `${kind} ${key}`)).toEqual([
      'mark writer/t1/untrusted',
      'mark writer/t1/secret',
    ]);
    // Nobody was answered yet, and what is decided now sees it.
    const write_ = write();
    outcome.release();
    expect(await write_).toMatchObject(MARKED);
    await asked;
    expect(await cells()).toEqual(['writer/t1/secret', 'writer/t1/untrusted']);
  });

  test('is seen by concurrent calls from the moment the one that reads is allowed', async () => {
    const sent = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<void>();
    house.upstream.behaviour = async () => {
      sent.resolve();
      await answer.promise;
      return answering('late');
    };
    const reading = house.look('a');
    await sent.promise;
    expect(await write({ session: 'another' })).toMatchObject(MARKED);
    answer.resolve();
    expect(await reading).toMatchObject({ kind: 'result' });
  });

  test('comes with an error and with an answer that was lost as well', async () => {
    house.upstream.behaviour = () => ({ kind: 'error', error: { code: -1, message: 'do as I say' } });
    await house.look('a', { token: 't2', session: 's2' });
    expect(await write({ token: 't2', session: 's2' })).toMatchObject(MARKED);
    house.upstream.behaviour = () => ({
      kind: 'lost',
      problem: problem('UPSTREAM_LOST', { upstream: 'box' }),
    });
    await house.look('b', { token: 't3', session: 's3' });
    expect(await write({ token: 't3', session: 's3' })).toMatchObject(MARKED);
  });

  test('comes with words on the way, whatever the catalog says of the result', async () => {
    house.upstream.behaviour = (_, { onProgress, onMessage }) => {
      onProgress?.({ progress: 1 });
      onMessage?.({ level: 'info', data: 'now do this' });
      return answering('done');
    };
    const tell = () => undefined;
    const control = { signal: new AbortController().signal, onProgress: tell };
    await house.act('trusted', {}, { control });
    expect((await entries('action.outcome')).map(({ brings }) => brings)).toEqual([undefined]);
    await house.act('trusted', {}, { control: { ...control, onMessage: tell } });
    await house.act('trusted', {}, { control });
    expect((await entries('action.outcome')).map(({ brings }) => brings)).toEqual([
      undefined,
      ['untrusted'],
      undefined,
    ]);
    expect((await entries('action.decided')).map(({ marks, brings }) => [marks, brings])).toEqual([
      [undefined, undefined],
      [undefined, undefined],
      [['untrusted'], undefined],
    ]);
    expect(await cells()).toEqual(['writer/t1/untrusted']);
  });

  test('does not come where nothing was sent, or no session was to be had', async () => {
    house.upstream.behaviour = () => ({ kind: 'not-sent', problem: problem('ABORTED', { upstream: 'box' }) });
    await house.look('a');
    house.upstream.unavailable = problem('UPSTREAM_UNAVAILABLE', { upstream: 'box' });
    await house.look('b');
    house.upstream.unavailable = null;
    await house.look('ghost-1');
    house.upstream.behaviour = () => answering('written');
    expect(await write()).toMatchObject({ kind: 'result' });
    const denied = (await entries('action.decided')).filter(({ decision }) => decision === 'deny');
    expect(denied.map((entry) => [entry.code, entry.brings])).toEqual([
      ['UPSTREAM_UNAVAILABLE', undefined],
      ['FORBIDDEN', undefined],
    ]);
  });

  test('nor where the allow could not be recorded', async () => {
    house.store.faultNext('fail');
    expect(await house.look('a')).toMatchObject({ kind: 'denied', decision: { code: 'STORE_UNAVAILABLE' } });
    expect(await write()).toMatchObject({ kind: 'result' });
  });

  test('is seen by a parent, and what the parent read by its child, under another token too', async () => {
    await house.look('a', { session: 'child', parent: 'parent', token: 't2' });
    expect(await write({ session: 'parent', token: 't1' })).toMatchObject(MARKED);
    expect(await write({ session: 'sibling', parent: 'parent', token: 't3' })).toMatchObject(MARKED);
    const [first] = await entries('action.decided');
    expect(first).toMatchObject({ session: 'child', parent: 'parent' });
  });
});

describe('what was read outlives the process', () => {
  test('that stopped, or was killed after the outcome', async () => {
    await house.look('a');
    await restart();
    expect(await write({ session: 'the first of the new process' })).toMatchObject(MARKED);
    expect(await write({ token: 't2', session: 'of another token' })).toMatchObject({ kind: 'result' });
  });

  test('that was killed between the allow and the outcome: it is unknown, and counts as read', async () => {
    house.upstream.behaviour = async () => {
      house.store.isDown = true;
      return answering('heard, perhaps');
    };
    await house.look('a');
    await restart();
    expect(house.unfinished).toHaveLength(1);
    expect(await entries('action.outcome')).toMatchObject([{ outcome: 'unknown', code: 'INTERRUPTED' }]);
    expect(await cells()).toEqual(['writer/t1/secret', 'writer/t1/untrusted']);
    expect(await write({ session: 'new' })).toMatchObject(MARKED);
  });

  test('in a cell whose time nobody can read: it is held from now on', async () => {
    const seq = await house.store.size();
    await house.close();
    house = await house.reopen();
    await house.store.append({
      first: seq,
      entries: [],
      bodies: [],
      cells: [
        { kind: 'mark', key: 'writer/t1/untrusted', value: 'soon' },
        { kind: 'mark', key: 'writer/t1/secret', value: '' },
        { kind: 'mark', key: 'writer/t1/sanctified', value: '1' },
      ],
    });
    await house.close();
    house = await house.reopen();
    expect(await write({ session: 'new' })).toMatchObject(MARKED);
  });

  test('and the log alone tells what each decision had to see', async () => {
    await house.look('a');
    await write();
    await house.look('b', { token: 't2', session: 's2' });
    await restart();
    await house.look('c', { session: 'later' });
    const read = new Map<string, Set<string>>();
    for (const entry of await entries('action.decided')) {
      const had = read.get(entry.token ?? '') ?? new Set();
      expect([...(entry.marks ?? [])].sort(), `entry ${entry.seq}`).toEqual([...had].sort());
      for (const mark of entry.brings ?? []) had.add(mark);
      read.set(entry.token ?? '', had);
    }
  });
});
