import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askingHouse, seenIn } from '../../../tests/faults/asking.ts';
import { question } from '../../../tests/faults/people.ts';
import { removeDirectory, type TestHouse } from '../../../tests/faults/test-house.ts';
import { CAN_NOTHING } from '../../model/ask.ts';
import type { CancelReason } from '../approval/approval-kept.ts';
import { mintToken } from '../credentials/tokens.ts';
import { takeUpWaiting } from './held-task-restart.ts';

let house: TestHouse;
beforeEach(async () => {
  house = await askingHouse({ hold: '10m' });
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

/** What the client of a call is told at a start, whose question was cancelled for this reason before the end. */
async function toldAfter(reason: CancelReason): Promise<unknown> {
  const control = { signal: new AbortController().signal, can: { ...CAN_NOTHING, tasks: true } };
  const answer = await house.act('post', { text: 'hello' }, { control });
  const id = answer.kind === 'task' ? answer.task.id : '';
  const { approvals, recorder } = house.rooms;
  const kept = question(house);
  approvals.stop();
  const draft = approvals.cancelling(kept, reason);
  if (draft === null) throw new Error('it cannot be cancelled');
  await recorder.record(draft);
  await takeUpWaiting(
    house.rooms,
    house.store,
    () => Promise.reject(new Error('it is over, and was run')),
    () => true,
  );
  const caller = { agent: 'writer', token: 't1', session: 's1' } as never;
  const told = await house.rooms.tasks.find(caller, 'box', id)?.ended;
  return told?.kind === 'denied' ? told.decision.code : told?.kind === 'failed' ? told.problem.code : told;
}

describe('P3 a call that waited as a task, whose question was over when the process ended', () => {
  test.each(['granted', 'rules-changed', 'needless'] as const)(
    'may have run where the question ended as %s, and its client is told so',
    async (reason) => expect(await toldAfter(reason)).toBe('INTERRUPTED'),
  );

  test.each(['operator', 'agent-gone', 'killed'] as const)(
    'has not run where the question ended as %s, and its client is told that',
    async (reason) => expect(await toldAfter(reason)).toBe('APPROVAL_TAKEN_BACK'),
  );
});

const endsIn = async (house: TestHouse, task: string) =>
  (await seenIn(house, 'approval.carried')).filter((one) => one['task'] === task && one['ended'] === true);

describe('P6 a call that waited as a task and that nobody finds any more', () => {
  async function startedAgain(isGood: boolean, laterMs = 0) {
    const control = { signal: new AbortController().signal, can: { ...CAN_NOTHING, tasks: true } };
    const answer = await house.act('post', { text: 'hello' }, { control });
    const id = answer.kind === 'task' ? answer.task.id : '';
    await house.abandon();
    const next = await house.reopen();
    const { clock } = next.rooms;
    const later = { now: () => clock.now() + laterMs, monotonicMs: () => clock.monotonicMs() };
    const resume = () => Promise.reject(new Error('it went on'));
    await takeUpWaiting({ ...next.rooms, clock: later }, next.store, resume, () => isGood);
    const seen = await endsIn(next, id);
    const cells = await next.store.cells('held-task');
    await next.close();
    return { id, seen, cells };
  }

  test.each([
    ['its token is not good any more', false, 0, 'TOKEN_ENDED'],
    ['its time was over', true, 366 * 86_400_000, 'TASK_EXPIRED'],
  ])('has its end in the log: %s', async (_what, isGood, laterMs, code) => {
    const { id, seen, cells } = await startedAgain(isGood, laterMs);
    const said = { agent: 'writer', operation: 'mcp:box/post', task: id, ended: true, code };
    expect(seen).toMatchObject([said]);
    expect(cells).toEqual([]);
  });
});

/** A call of a program under `run` that waits as a task. */
async function waitingOfRun(): Promise<{ readonly id: string; readonly ofRun: string }> {
  const { record } = mintToken({ agent: 'writer' }, 0, Number.POSITIVE_INFINITY);
  house.house.tokens.put({ ...record, exchangedFor: 't1' });
  const control = { signal: new AbortController().signal, can: { ...CAN_NOTHING, tasks: true } };
  const answer = await house.act('post', { text: 'hello' }, { control, ofRun: record.id });
  return { id: answer.kind === 'task' ? answer.task.id : '', ofRun: record.id };
}
const taskOf = (id: string) =>
  house.rooms.tasks.find({ agent: 'writer', token: 't1', session: 's1' } as never, 'box', id);

describe('P4 a call of a run that waits as a task', () => {
  test('is over with the run', async () => {
    const { id, ofRun } = await waitingOfRun();
    const task = taskOf(id);
    expect(task?.status).toBe('working');
    house.house.tokens.remove(ofRun);
    await task?.ended;
    expect(task?.status).toBe('cancelled');
    expect(house.upstream.sent).toEqual([]);
    await expect.poll(() => endsIn(house, id)).toMatchObject([{ code: 'RUN_ENDED' }]);
  });

  test('is not taken up after a restart, which no run outlives', async () => {
    const { id } = await waitingOfRun();
    await house.abandon();
    const next = await house.reopen();
    const resume = () => Promise.reject(new Error('it went on'));
    await takeUpWaiting(next.rooms, next.store, resume, () => true);
    const caller = { agent: 'writer', token: 't1', session: 's1' } as never;
    expect(next.rooms.tasks.find(caller, 'box', id)).toBeNull();
    expect(await endsIn(next, id)).toMatchObject([{ ended: true, code: 'RUN_ENDED' }]);
    await next.close();
  });
});
