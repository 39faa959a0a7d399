import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { expectPromises } from '../../tests/faults/promises.ts';
import { removeDirectory, TestHouse } from '../../tests/faults/test-house.ts';
import { findOpen } from './recover.ts';

let house: TestHouse;
beforeEach(async () => {
  house = await TestHouse.open();
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

/** Actions that began and whose end nobody hears of any more. */
async function leaveRunning(names: readonly string[]): Promise<void> {
  const begun = new Map(names.map((name) => [`{"id":"${name}"}`, Promise.withResolvers<void>()]));
  house.upstream.behaviour = ({ argumentsText }) => {
    begun.get(argumentsText)?.resolve();
    return new Promise(() => undefined);
  };
  for (const name of names) void house.look(name);
  await Promise.all([...begun.values()].map(({ promise }) => promise));
}

async function restart(): Promise<void> {
  await house.abandon();
  house = await house.reopen();
}

describe('P7 after a start', () => {
  test('what had begun and has no end becomes unknown, each once, and is not sent again', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `n${i}`);
    await leaveRunning(names);
    await restart();
    expect(house.unfinished).toHaveLength(40);
    const stories = expectPromises(await house.see(), { executed: names, answeredOk: [] });
    expect(new Set([...stories.values()].map(({ outcomes }) => outcomes[0]?.outcome))).toEqual(
      new Set(['unknown']),
    );
    expect(house.upstream.sent).toEqual([]);
    await restart();
    expect(house.unfinished).toEqual([]);
    expectPromises(await house.see(), { executed: names, answeredOk: [] });
  });

  test('what was open at the checkpoint is found, and what ended after it is not', async () => {
    await leaveRunning(['open', 'ends']);
    await house.house.recorder.checkpoint();
    const checkpoint = await house.store.lastCheckpoint();
    expect(checkpoint?.open).toHaveLength(2);
    const [first = ''] = checkpoint?.open ?? [];
    const fields = { kind: 'action.outcome', action: first, outcome: 'ok' } as const;
    await house.house.recorder.record({ fields, closes: first });
    expect(await findOpen(house.store, checkpoint)).toEqual(new Set(checkpoint?.open.slice(1)));
    expect(await findOpen(house.store, null)).toEqual(new Set(checkpoint?.open.slice(1)));
    await restart();
    expect(house.unfinished.map(({ action }) => action)).toEqual(checkpoint?.open.slice(1));
  });

  test('who it was and what it was about is told again, for the owner', async () => {
    await leaveRunning(['a']);
    const action = [...house.house.recorder.open][0];
    await restart();
    expect(house.unfinished).toMatchObject([{ action, agent: 'writer', operation: 'mcp:box/look' }]);
    const { entries } = await house.see();
    expect(entries.at(-1)).toMatchObject({
      kind: 'action.outcome',
      action,
      agent: 'writer',
      owner: 'ada',
      session: 's1',
      door: 'mcp',
      operation: 'mcp:box/look',
      outcome: 'unknown',
      code: 'INTERRUPTED',
    });
  });

  test('denials and finished actions are left alone', async () => {
    await house.look('a');
    await house.look('ghost');
    const { entries } = await house.see();
    await restart();
    expect(house.unfinished).toEqual([]);
    expect((await house.see()).entries).toEqual(entries);
  });
});
