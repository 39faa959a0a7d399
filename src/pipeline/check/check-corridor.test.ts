import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { CHECK } from '../../../tests/faults/check-question.ts';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import type { Entry } from '../../contract/log-entry.ts';
import type { Attempt } from '../../model/action.ts';
import { apply } from '../acts/acts.ts';
import { operate } from '../operate.ts';
import { type CheckCorridor, type Checked, type Clearance, openCheckCorridor } from './check-corridor.ts';

let house: TestHouse;
let checks: CheckCorridor;
beforeEach(async () => {
  house = await TestHouse.open({
    configuration: 'points: [{ id: gate, agents: [writer] }]\n',
    rules: `@id("no-way-out") forbid (principal, action == Action::"mcp:box/write", resource)
when { context.system.marks.contains("untrusted") };
`,
  });
  checks = openCheckCorridor(house.rooms, house.house.tokens);
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const GATE = { point: 'gate' } as const;
const check = (more: Partial<Attempt> = {}) => checks.check({ ...CHECK, ...GATE, ...more });

function cleared(checked: Checked): Clearance {
  if (checked.kind !== 'cleared') throw new Error(JSON.stringify(checked));
  return checked;
}

async function actions(): Promise<readonly Entry[]> {
  const { entries, report } = await house.see();
  expect(report).toMatchObject({ holds: true, faults: [] });
  return entries.filter((entry) => entry.kind.startsWith('action.'));
}

describe('P1 what the check door allows', () => {
  test('P1 is durable in the log before anybody hears of it, and is never sent from here', async () => {
    house.store.faultNext('hold');
    let answer: Checked | undefined;
    const checking = check().then((checked) => {
      answer = checked;
    });
    const held = await house.store.held();
    expect(held.batch.entries.map((entry) => entry.kind)).toEqual(['action.decided']);
    await new Promise((later) => setImmediate(later));
    expect(answer).toBeUndefined();
    held.release();
    await checking;
    expect(answer).toMatchObject({ kind: 'cleared', decision: { decision: 'allow' } });
    expect(await actions()).toMatchObject([{ kind: 'action.decided', door: 'check', decision: 'allow' }]);
    expect(house.upstream.sent).toEqual([]);
  });

  test.each(['fail', 'fail-kept'] as const)(
    'P1 P2 is denied where it cannot be recorded (%s)',
    async (fault) => {
      house.store.faultNext(fault);
      expect(await check()).toMatchObject({ kind: 'denied', decision: { code: 'STORE_UNAVAILABLE' } });
      expect(house.rooms.unreported.size).toBe(0);
      expect(await check()).toMatchObject({ kind: 'cleared' });
      const ended = (await actions()).filter((entry) => entry.kind === 'action.outcome');
      expect(ended.map(({ outcome, code }) => [outcome, code])).toEqual(
        fault === 'fail' ? [] : [['aborted', 'STORE_UNAVAILABLE']],
      );
      expect(house.house.halt.fault).toBeNull();
    },
  );
});

describe('P4 a stop before the answer leaves', () => {
  test.each(['while it is recorded', 'after it was recorded'])('P4 %s makes it a denial', async (when) => {
    const during = when === 'while it is recorded';
    if (during) house.store.faultNext('hold');
    const checking = check();
    if (during) {
      const held = await house.store.held();
      house.house.halt.tighten('agent:writer', 'frozen');
      held.release();
    }
    const clearance = cleared(await checking);
    if (!during) house.house.halt.tighten('all', 'frozen');
    expect(checks.handOver(clearance)).toMatchObject({ decision: 'deny', code: 'FROZEN' });
    expect(await checks.tell(GATE, clearance.action.id, 'ok')).toMatchObject({
      error: { code: 'UNKNOWN_ACTION' },
    });
    expect(await actions()).toMatchObject([
      { kind: 'action.decided', decision: 'allow', point: 'gate' },
      { kind: 'action.outcome', outcome: 'aborted', code: 'FROZEN', point: 'gate' },
    ]);
  });

  test('P4 as an apply that takes the agent from the point does', async () => {
    const clearance = cleared(await check());
    const { standing, pins, ground } = house.house;
    const parts = { ...standing.parts, points: [{ id: 'gate', agents: [] }], digest: 'sha256:next' };
    const inForce = standing.try(parts);
    if (!inForce.ok) throw new Error(JSON.stringify(inForce.error));
    const application = {
      parts,
      inForce: inForce.value,
      text: '{}',
      changes: [],
      tightens: false,
      origins: [],
      anew: [],
    };
    await operate(
      ground,
      { by: 'socket' },
      apply(standing, pins, application, () => undefined),
    );
    expect(checks.handOver(clearance)).toMatchObject({ decision: 'deny', code: 'FOREIGN_AGENT' });
    expect(checks.speaksFor(GATE, 'writer')).toBe(false);
  });
});

describe('a clearance', () => {
  test('is handed over once', async () => {
    const clearance = cleared(await check());
    expect(checks.handOver(clearance)).toMatchObject({ decision: 'allow' });
    expect(() => checks.handOver(clearance)).toThrow('not live');
    expect(() => checks.handOver({ ...clearance, action: { ...clearance.action, digest: 'x' } })).toThrow();
  });

  test('counts as read from the moment it is allowed, at every door and after a restart', async () => {
    const write = () => house.act('write', { path: `${house.directory}/work/a`, text: 'x' });
    expect(await write()).toMatchObject({ kind: 'result' });
    cleared(await check());
    const marked = { kind: 'denied', decision: { rules: ['no-way-out'] } };
    expect(await write()).toMatchObject(marked);
    expect(await house.act('write', { path: 'b', text: 'x' }, { token: 't2', session: 's2' })).toMatchObject({
      kind: 'result',
    });
    await house.abandon();
    house = await house.reopen();
    expect(await write()).toMatchObject(marked);
  });

  test('that nobody hears of is not done', async () => {
    const clearance = cleared(await check());
    checks.withdraw(clearance);
    expect((await actions()).at(-1)).toMatchObject({ outcome: 'aborted', code: 'ABORTED' });
    expect(await checks.tell(GATE, clearance.action.id, 'ok')).toMatchObject({ ok: false });
  });
});

describe('an outcome', () => {
  test('is told by the caller that asked, once', async () => {
    const { id } = cleared(await check()).action;
    const own = cleared(await checks.check(CHECK)).action.id;
    for (const caller of [{ agent: 'writer' }, { agent: 'reader' }, { point: 'other' }])
      expect(await checks.tell(caller, id, 'ok')).toMatchObject({ error: { code: 'UNKNOWN_ACTION' } });
    for (const caller of [GATE, { agent: 'reader' }])
      expect(await checks.tell(caller, own, 'ok')).toMatchObject({ error: { code: 'UNKNOWN_ACTION' } });
    const twice = await Promise.all([checks.tell(GATE, id, 'failed'), checks.tell(GATE, id, 'ok')]);
    expect(twice.map(({ ok }) => ok)).toEqual([true, false]);
    expect(await checks.tell({ agent: 'writer' }, own, 'ok')).toMatchObject({ ok: true });
    const ended = (await actions()).filter((entry) => entry.kind === 'action.outcome');
    expect(ended.map(({ action, outcome }) => [action, outcome])).toEqual([
      [id, 'failed'],
      [own, 'ok'],
    ]);
  });

  test.each(['fail', 'fail-kept'] as const)(
    'that cannot be recorded is written later, once (%s)',
    async (fault) => {
      const { id } = cleared(await check()).action;
      house.store.faultNext(fault);
      expect(await checks.tell(GATE, id, 'ok')).toMatchObject({ error: { code: 'OUTCOME_OWED' } });
      expect(await checks.tell(GATE, id, 'failed')).toMatchObject({ error: { code: 'UNKNOWN_ACTION' } });
      expect(house.house.halt.fault).toBeNull();
      await check();
      const ended = (await actions()).filter((entry) => entry.kind === 'action.outcome');
      expect(ended).toMatchObject([{ action: id, outcome: 'ok' }]);
    },
  );
});
