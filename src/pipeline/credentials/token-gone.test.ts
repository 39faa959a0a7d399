import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askingHouse, seenIn } from '../../../tests/faults/asking.ts';
import { CHECK } from '../../../tests/faults/check-question.ts';
import { approve, question } from '../../../tests/faults/people.ts';
import { removeDirectory, type TestHouse } from '../../../tests/faults/test-house.ts';
import { openCheckCorridor } from '../check/check-corridor.ts';
import { mintToken } from './tokens.ts';

/** A token was good when a request began, and is taken away before what it asks for is done. */

let house: TestHouse;
beforeEach(async () => {
  house = await askingHouse({ hold: '10m' });
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const REFUSED = { kind: 'refused', problem: { code: 'TOKEN_REFUSED' } };
const revoke = (id = 't1') => house.house.tokens.remove(id);

describe('P4 a token that is taken away', () => {
  test('before its action is looked at: refused, and no action', async () => {
    revoke();
    expect(await house.look('a')).toMatchObject(REFUSED);
    expect(house.upstream.sent).toEqual([]);
    expect(await seenIn(house, 'action.')).toEqual([]);
  });

  test('while the decision is being recorded: not a byte is sent, and the log says so', async () => {
    const held = house.store.held();
    house.store.faultNext('hold', 'action.decided');
    const call = house.look('a');
    const { release } = await held;
    revoke();
    release();
    expect(await call).toMatchObject({ kind: 'failed', problem: { code: 'TOKEN_REFUSED' } });
    expect(house.upstream.sent).toEqual([]);
    expect(await seenIn(house, 'action.outcome')).toMatchObject([
      { outcome: 'aborted', code: 'TOKEN_REFUSED' },
    ]);
  });

  test('while its call waits for a person: her yes does not run it, and stays for another token', async () => {
    let isHeld = false;
    const control = { signal: new AbortController().signal, onProgress: () => (isHeld = true) };
    const call = house.act('post', { text: 'hello' }, { control });
    while (!isHeld) await pause(5);
    revoke();
    expect(await approve(house, 'ada')).toMatchObject({ ok: true });
    expect(await call).toMatchObject(REFUSED);
    expect(house.upstream.sent).toEqual([]);
    expect(question(house).approval.phase).toBe('open');
    expect(await house.act('post', { text: 'hello' }, { token: 't2' })).toMatchObject({ kind: 'result' });
    expect(house.upstream.sent).toHaveLength(1);
  });

  test('once its call has been sent: that goes on to its end, and is answered and recorded as it ended', async () => {
    const sent = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    house.upstream.behaviour = async () => {
      sent.resolve();
      await over.promise;
      return { kind: 'result', result: { content: [] } };
    };
    const call = house.look('a');
    await sent.promise;
    revoke();
    over.resolve();
    expect(await call).toMatchObject({ kind: 'result' });
    expect(await seenIn(house, 'action.outcome')).toMatchObject([{ outcome: 'ok' }]);
  });

  test('with its agent, by a kill: what waited is denied as that', async () => {
    let isHeld = false;
    const control = { signal: new AbortController().signal, onProgress: () => (isHeld = true) };
    const call = house.act('post', { text: 'hello' }, { control });
    while (!isHeld) await pause(5);
    revoke();
    await house.operations.stop('agent:writer', 'killed', 'look');
    expect(await call).toMatchObject({ kind: 'denied', decision: { code: 'FROZEN' } });
    expect(house.upstream.sent).toEqual([]);
  });

  test('of a run, with the run: nothing goes on by the one that it was exchanged for', async () => {
    const { tokens } = house.house;
    const { token, record } = mintToken({ agent: 'writer' }, 0, Number.POSITIVE_INFINITY);
    tokens.put({ ...record, exchangedFor: 't1' });
    const known = tokens.authenticate(token, 'here');
    expect(known).toEqual({ ok: true, value: { agent: 'writer', token: 't1', ofRun: record.id } });
    const ofRun = { token: 't1', ofRun: record.id };
    expect(await house.look('a', ofRun)).toMatchObject({ kind: 'result' });

    let isHeld = false;
    const control = { signal: new AbortController().signal, onProgress: () => (isHeld = true) };
    const call = house.act('post', { text: 'hello' }, { ...ofRun, control });
    while (!isHeld) await pause(5);
    revoke(record.id);
    expect(await approve(house, 'ada')).toMatchObject({ ok: true });
    expect(await call).toMatchObject(REFUSED);
    expect(await house.look('b', ofRun)).toMatchObject(REFUSED);
    expect(house.corridor.gone({ agent: 'writer', ...ofRun })).toMatchObject({ code: 'TOKEN_REFUSED' });
    expect(house.upstream.sent).toHaveLength(1);
    expect(await house.look('c')).toMatchObject({ kind: 'result' });
  });

  test('at the check door: nothing is cleared, and what was cleared is not handed over', async () => {
    const checks = openCheckCorridor(house.rooms, house.house.tokens);
    const cleared = await checks.check(CHECK);
    revoke();
    if (cleared.kind !== 'cleared') throw new Error(cleared.kind);
    expect(checks.handOver(cleared)).toMatchObject({ decision: 'deny', code: 'TOKEN_REFUSED' });
    expect(await checks.check(CHECK)).toMatchObject(REFUSED);
  });
});
