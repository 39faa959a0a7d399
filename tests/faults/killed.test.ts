import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { JsonObject } from '../../src/base/json.ts';
import { ask } from '../../src/cli/instance.ts';
import type { Entry, EntryKind } from '../../src/contract/log-entry.ts';
import { RUNTIME_FLAGS } from '../journeys/operator-ground.ts';
import { ROOT } from '../source-tree.ts';
import { expectPromises } from './promises.ts';
import { Grounds, Running, Within } from './running-instance.ts';

/**
 * The third column of the fault table: the process is killed at each write, before the commit, and after it and before
 * anybody was told; then the next one starts on the same state: what `up` runs, in this process, and where the whole way is
 * walked, a real `./lanyard up`.
 */

let grounds: Grounds;
const running: (Running | Within)[] = [];
beforeEach(async () => {
  grounds = await Grounds.make(1);
});
afterEach(async () => {
  for (const one of running.splice(0)) await one.kill();
  await grounds.remove();
});

const executed = () => grounds.counted().map(({ id }) => id);
const operate = (route: string, body: JsonObject = {}) => ask(grounds.configPath, `POST /v1/${route}`, body);
const ofKind = (entries: readonly Entry[], kind: EntryKind) => entries.filter((entry) => entry.kind === kind);

/** An instance that will kill itself at the `nth` append of `kind`. */
function startKilling(kind: EntryKind | 'checkpoint', when: string, nth = 1, failing = ''): Running {
  const path = join(ROOT, 'tests/faults/killing-instance.ts');
  const args = [grounds.configPath, kind, when, String(nth), failing];
  const one = new Running(grounds, [process.execPath, ...RUNTIME_FLAGS, path, ...args]);
  running.push(one);
  return one;
}

/** The next start on the same state. */
async function startAgain(): Promise<Within> {
  const one = await Within.start(grounds);
  running.push(one);
  return one;
}

/** The same by the real command. */
async function startForReal(): Promise<Running> {
  const one = new Running(grounds, [join(ROOT, 'lanyard'), 'up', '-c', grounds.configPath]);
  running.push(one);
  if (!(await one.ready())) throw new Error(one.stderr.join('\n'));
  return one;
}

async function expectKilled(one: Running): Promise<void> {
  expect([await one.ended, one.stderr]).toEqual(['SIGKILL', expect.anything()]);
  await grounds.quiet();
}

describe.each(['before', 'after'])('P1 P6 P7 killed %s the commit', (when) => {
  const kept = when === 'after';

  test('of an allow: nothing was sent, and unknown where the log has it', async () => {
    const one = startKilling('action.decided', when);
    await one.ready();
    expect(await one.call(await one.token('writer0'), 'a')).toEqual({ kind: 'none' });
    await expectKilled(one);
    expect(executed()).toEqual([]);
    const next = await startForReal();
    expect(await next.call(await next.token('writer0'), 'b')).toEqual({ kind: 'ok' });
    expect(await next.stop()).toBe('0');
    const stories = expectPromises(await grounds.see(), { executed: executed(), answeredOk: ['b'] });
    if (kept) expect(stories.get('a')?.outcomes).toMatchObject([{ outcome: 'unknown', code: 'INTERRUPTED' }]);
    else expect(stories.get('a')).toBeUndefined();
    expect(next.stderr.filter((line) => line.includes('unknown: mcp:box/count'))).toHaveLength(kept ? 1 : 0);
  });

  test('of a denial: it was denied, or nobody ever heard of it', async () => {
    const one = startKilling('action.decided', when);
    await one.ready();
    expect(await one.call(await one.token('writer0'), 'deny-a')).toEqual({ kind: 'none' });
    await expectKilled(one);
    const next = await startAgain();
    expect(await next.call(await next.token('writer0'), 'deny-a')).toMatchObject({ code: 'FORBIDDEN' });
    await next.stop();
    const sight = await grounds.see();
    expectPromises(sight, { executed: executed(), answeredOk: [], answeredDenied: ['deny-a'] });
    expect(sight.entries.filter((entry) => entry.decision === 'deny')).toHaveLength(kept ? 2 : 1);
  });

  test('of an outcome: executed once, and unknown where the outcome is lost', async () => {
    const one = startKilling('action.outcome', when);
    await one.ready();
    expect(await one.call(await one.token('writer0'), 'a')).toEqual({ kind: 'none' });
    await expectKilled(one);
    await (await startAgain()).stop();
    expect(executed()).toEqual(['a']);
    const stories = expectPromises(await grounds.see(), { executed: ['a'], answeredOk: [] });
    expect(stories.get('a')?.outcomes).toMatchObject([{ outcome: kept ? 'ok' : 'unknown' }]);
  });

  test('of an outcome: what it may have answered is what the next session has read', async () => {
    const one = startKilling('action.outcome', when);
    await one.ready();
    const token = await one.token('writer0');
    expect(await one.call(token, 'a')).toEqual({ kind: 'none' });
    await expectKilled(one);
    const next = await startAgain();
    expect(await next.call(token, 'b')).toEqual({ kind: 'ok' });
    expect(await next.call(await next.token('writer0'), 'c')).toEqual({ kind: 'ok' });
    await next.stop();
    const decided = ofKind((await grounds.see()).entries, 'action.decided');
    expect(decided.map(({ marks }) => marks)).toEqual([undefined, ['untrusted', 'secret'], undefined]);
  });

  test('of the recovery itself: the next start finishes it, once', async () => {
    const one = startKilling('action.outcome', 'before');
    await one.ready();
    await one.call(await one.token('writer0'), 'a');
    await expectKilled(one);
    const again = startKilling('action.outcome', when);
    expect(await again.ready()).toBe(false);
    await expectKilled(again);
    await (await startAgain()).stop();
    const stories = expectPromises(await grounds.see(), { executed: executed(), answeredOk: [] });
    expect(stories.get('a')?.outcomes).toMatchObject([{ outcome: 'unknown', code: 'INTERRUPTED' }]);
  });

  test('of a gap', async () => {
    const one = startKilling('instance.gap', when, 1, 'action.decided');
    await one.ready();
    const token = await one.token('writer0');
    expect(await one.call(token, 'a')).toMatchObject({ kind: 'denied', code: 'STORE_UNAVAILABLE' });
    expect(await one.call(token, 'b')).toEqual({ kind: 'none' });
    await expectKilled(one);
    await (await startAgain()).stop();
    const sight = await grounds.see();
    expectPromises(sight, { executed: executed(), answeredOk: [], answeredDenied: ['a', 'b'] });
    expect(ofKind(sight.entries, 'instance.gap')).toHaveLength(kept ? 1 : 0);
  });

  test('of the count of refusals, at the stop', async () => {
    const one = startKilling('instance.refused', when);
    await one.ready();
    await one.call('lyd_none', 'a');
    await one.stop();
    await expectKilled(one);
    await (await startAgain()).stop();
    const sight = await grounds.see();
    expectPromises(sight, { executed: [], answeredOk: [] });
    expect(ofKind(sight.entries, 'instance.refused')).toHaveLength(kept ? 1 : 0);
  });

  test('of a checkpoint', async () => {
    const one = startKilling('checkpoint', when);
    if (await one.ready()) {
      await one.token('writer0').catch(() => undefined);
      await operate('checkpoint').catch(() => undefined);
    }
    await expectKilled(one);
    const next = await startAgain();
    expect(await next.call(await next.token('writer0'), 'b')).toEqual({ kind: 'ok' });
    await next.stop();
    const sight = await grounds.see();
    expectPromises(sight, { executed: executed(), answeredOk: ['b'] });
    expect(sight.report.tail).toBe(0);
  });

  test('of the very first entry: the next start is the first, or follows it', async () => {
    const one = startKilling('operator.applied', when);
    expect(await one.ready()).toBe(false);
    await expectKilled(one);
    const next = await startAgain();
    expect(await next.call(await next.token('writer0'), 'b')).toEqual({ kind: 'ok' });
    await next.stop();
    const sight = await grounds.see();
    expectPromises(sight, { executed: executed(), answeredOk: ['b'] });
    expect(ofKind(sight.entries, 'operator.applied')).toHaveLength(1);
  });

  test('of the first pins: the next start pins, or holds to them', async () => {
    const one = startKilling('instance.pinned', when);
    expect(await one.ready()).toBe(false);
    await expectKilled(one);
    const next = await startAgain();
    expect(await next.call(await next.token('writer0'), 'b')).toEqual({ kind: 'ok' });
    await next.stop();
    const sight = await grounds.see();
    expectPromises(sight, { executed: executed(), answeredOk: ['b'] });
    expect(ofKind(sight.entries, 'instance.pinned')).toHaveLength(1);
  });

  test('of a token: nobody has it', async () => {
    const one = startKilling('operator.token', when);
    await one.ready();
    await expect(one.token('writer0')).rejects.toThrow();
    await expectKilled(one);
    const next = await startAgain();
    expect(await next.call(await next.token('writer0'), 'b')).toEqual({ kind: 'ok' });
    await next.stop();
    const sight = await grounds.see();
    expectPromises(sight, { executed: executed(), answeredOk: ['b'] });
    expect(ofKind(sight.entries, 'operator.token')).toHaveLength(kept ? 2 : 1);
  });

  test('of an apply: the next start follows the log', async () => {
    const one = startKilling('operator.applied', when, 2);
    await one.ready();
    const rules = join(grounds.directory, 'rules.cedar');
    writeFileSync(rules, readFileSync(rules, 'utf8').replace('deny-*', 'no-*'));
    await expect(operate('apply')).rejects.toThrow();
    await expectKilled(one);
    const next = await startAgain();
    const said = await next.call(await next.token('writer0'), 'deny-a');
    expect(said.kind).toBe(kept ? 'ok' : 'denied');
    await next.stop();
    const sight = await grounds.see();
    expectPromises(sight, { executed: executed(), answeredOk: kept ? ['deny-a'] : [] });
    expect(ofKind(sight.entries, 'operator.applied')).toHaveLength(kept ? 2 : 1);
  });

  test('P4 of a stop: it holds, whether or not the log has it yet, and stands in the log after the next start', async () => {
    const one = startKilling('containment.stopped', when);
    await one.ready();
    await expect(operate('stop', { scope: 'all', level: 'frozen' })).rejects.toThrow();
    await expectKilled(one);
    const next = await startAgain();
    const said = await next.call(await next.token('writer0'), 'a');
    expect(said).toMatchObject({ kind: 'denied', code: 'FROZEN' });
    await next.stop();
    const sight = await grounds.see();
    expectPromises(sight, { executed: executed(), answeredOk: [] });
    expect(ofKind(sight.entries, 'containment.stopped')).toMatchObject([
      { scope: 'all', level: 'frozen', by: kept ? 'socket' : 'start' },
    ]);
  });

  test('P4 of a release: it is frozen still unless the log has it', async () => {
    const one = startKilling('containment.released', when);
    await one.ready();
    await operate('stop', { scope: 'all', level: 'frozen' });
    await expect(operate('release', { scope: 'all', why: 'fine' })).rejects.toThrow();
    await expectKilled(one);
    const next = await startAgain();
    const said = await next.call(await next.token('writer0'), 'a');
    expect(said).toMatchObject(kept ? { kind: 'ok' } : { kind: 'denied', code: 'FROZEN' });
    await next.stop();
    expectPromises(await grounds.see(), { executed: executed(), answeredOk: kept ? ['a'] : [] });
  });
});

describe('P7 killed while the upstream has the call', () => {
  test.each(['kill-before', 'kill-after'])(
    '%s it acts: unknown, listed at the start, never sent again',
    async (id) => {
      const one = await startForReal();
      expect(await one.call(await one.token('writer0'), id)).toEqual({ kind: 'none' });
      await expectKilled(one);
      const next = await startAgain();
      await next.stop();
      expect(executed()).toEqual([id]);
      const sight = await grounds.see();
      const stories = expectPromises(sight, { executed: [id], answeredOk: [] });
      expect(stories.get(id)?.outcomes).toMatchObject([{ outcome: 'unknown', code: 'INTERRUPTED' }]);
      const action = stories.get(id)?.allow?.action;
      expect(ofKind(sight.entries, 'instance.started').at(-1)?.['unknown']).toEqual([action]);
      expect(next.stderr.join('\n')).toContain(`unknown: mcp:box/count of writer0`);
    },
  );
});
