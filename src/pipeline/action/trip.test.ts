import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CHECK } from '../../../tests/faults/check-question.ts';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import type { Entry } from '../../contract/log-entry.ts';
import { readLogState } from '../../main/log/log-state.ts';
import { differences } from '../../main/log/state-differences.ts';
import { openCheckCorridor } from '../check/check-corridor.ts';

const RULES = `@id("too-many") @reason("Three an hour are enough") @trip("frozen")
forbid (principal, action == Action::"mcp:box/write", resource)
when { context.system.operationLastHour >= 3 };
@id("look-out") @reason("Nobody looks there") @trip("watched")
forbid (principal, action, resource is Thing) when { resource.id == "there" };
@id("beside") @reason("No tallies of ours") @trip("watched")
forbid (principal, action == Action::"mcp:box/tally", resource)
when { context.input.count == 9007199254740990 };
@id("errs") @trip("killed")
forbid (principal, action == Action::"mcp:box/tally", resource)
when { context.input.count * 9007199254740000 < 0 };
`;

let house: TestHouse;
beforeEach(async () => {
  house = await TestHouse.open({ rules: RULES });
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const write = (agent = 'writer') =>
  house.act('write', { path: `${house.directory}/work/a`, text: 'x' }, { agent });
const tripped = async (): Promise<readonly Entry[]> => {
  const { entries, report } = await house.see();
  expect(report).toMatchObject({ holds: true, faults: [] });
  return entries.filter(({ kind }) => kind === 'containment.tripped');
};
const levels = () => Object.fromEntries(house.rooms.halt.levels);

describe('P4 a breaker', () => {
  test('that denies stops its agent in that tick: of calls side by side nothing is sent after it, and one entry tells of it', async () => {
    const answers = await Promise.all(Array.from({ length: 64 }, () => write()));
    // The three that were allowed were on their way when it tripped, and were stopped in the last tick.
    const codes = new Set(answers.flatMap((one) => (one.kind === 'denied' ? [one.decision.code] : [])));
    expect(codes).toEqual(new Set(['FORBIDDEN', 'FROZEN']));
    expect(house.upstream.sent.length).toBeLessThanOrEqual(3);
    expect(levels()).toEqual({ 'agent:writer': 'frozen' });
    const sent = house.upstream.sent.length;
    expect(await house.look('a')).toMatchObject({ kind: 'denied', decision: { code: 'FROZEN' } });
    expect(house.upstream.sent.length).toBe(sent);
    expect(await write('reader')).toMatchObject({ kind: 'result' });
    expect(await tripped()).toMatchObject([
      {
        by: 'trip',
        scope: 'agent:writer',
        level: 'frozen',
        was: 'live',
        agent: 'writer',
        owner: 'ada',
        rules: ['too-many'],
        why: 'Three an hour are enough',
        operation: 'mcp:box/write',
        past: { operationLastHour: 3 },
      },
    ]);
  });

  test('tightens only: a milder one changes nothing, a harder one goes further', async () => {
    await house.look('there');
    await house.look('there');
    expect(levels()).toEqual({ 'agent:writer': 'watched' });
    for (let i = 0; i < 4; i++) await write('reader');
    await house.look('there', { agent: 'reader' });
    expect(levels()).toEqual({ 'agent:writer': 'watched', 'agent:reader': 'frozen' });
    expect((await tripped()).map(({ agent, level }) => [agent, level])).toEqual([
      ['writer', 'watched'],
      ['reader', 'frozen'],
    ]);
  });

  test('that errs denies, and trips nobody', async () => {
    const answer = await house.act('tally', { count: 9_007_199_254_740_991 });
    expect(answer).toMatchObject({ kind: 'denied', decision: { code: 'RULE_ERROR' } });
    expect(levels()).toEqual({});
    expect(await tripped()).toEqual([]);
  });

  test('beside a rule that errs is what its entry names', async () => {
    const answer = await house.act('tally', { count: 9_007_199_254_740_990 });
    expect(answer).toMatchObject({ kind: 'denied', decision: { code: 'RULE_ERROR' } });
    expect(answer.kind === 'denied' && answer.decision.rules).toContain('errs');
    expect(await tripped()).toMatchObject([
      { agent: 'writer', level: 'watched', rules: ['beside'], why: 'No tallies of ours' },
    ]);
  });

  test('trips at the check door as well', async () => {
    const { check } = openCheckCorridor(house.rooms, house.house.tokens);
    const checked = await check({ ...CHECK, arguments: { id: 'there' } });
    expect(checked).toMatchObject({ kind: 'denied', decision: { rules: ['look-out'] } });
    expect(levels()).toEqual({ 'agent:writer': 'watched' });
  });

  test('stands where it cannot be recorded, is recorded when it can, and holds after a restart', async () => {
    house.store.faultNext('fail');
    await house.look('there');
    expect(levels()).toEqual({ 'agent:writer': 'watched' });
    await house.house.recorder.checkpoint();
    expect(await tripped()).toMatchObject([{ agent: 'writer', level: 'watched' }]);
    const state = await readLogState(house.store, house.house.ground.instance);
    expect(await differences(state, house.store)).toEqual([]);
    await house.abandon();
    house = await house.reopen();
    expect(levels()).toEqual({ 'agent:writer': 'watched' });
  });
});
