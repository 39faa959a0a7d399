import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askingHouse, seenIn } from '../../../tests/faults/asking.ts';
import { approve, cancelBySocket, deny, question } from '../../../tests/faults/people.ts';
import { removeDirectory, type TestHouse } from '../../../tests/faults/test-house.ts';
import { CAN_NOTHING } from '../../model/ask.ts';
import type { Answer } from '../ports/answer.ts';
import type { Task } from './task.ts';
import { askAboutTasks } from './task-requests.ts';

let house: TestHouse;
beforeEach(async () => {
  house = await askingHouse({ hold: '10m' });
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const control = { signal: new AbortController().signal, can: { ...CAN_NOTHING, tasks: true } };
const caller = { agent: 'writer', token: 't1' } as const;

/** A call of a client that takes tasks, as the task that it became. */
async function post(text = 'hello'): Promise<Task> {
  const answer = await house.act('post', { text }, { control });
  expect(answer).toMatchObject({ kind: 'task', task: { status: 'working' } });
  const id = answer.kind === 'task' ? answer.task.id : '';
  const task = house.rooms.tasks.find({ ...caller, session: 's1' } as never, 'box', id);
  if (task === null) throw new Error('no such task');
  return task;
}

const ended = async (task: Task): Promise<Answer> => task.ended;

const ends = async () =>
  (await seenIn(house, 'approval.carried'))
    .filter((one) => one['ended'] === true)
    .map(({ code }) => code ?? 'ran');

describe('P5 an approved call that waits as a task', () => {
  test('is answered at once with a task; on a yes it runs once, and the task has its result', async () => {
    const task = await post();
    expect(task.view.message).toContain(question(house).approval.id);
    expect(house.upstream.sent).toEqual([]);
    await approve(house, 'ada');
    expect(await ended(task)).toMatchObject({ kind: 'result' });
    expect(task.view.status).toBe('completed');
    expect(house.upstream.sent).toHaveLength(1);
    const told = async () => (await seenIn(house, 'approval.', 'action.outcome')).map(({ kind }) => kind);
    await expect
      .poll(told)
      .toEqual([
        'approval.asked',
        'approval.carried',
        'approval.answered',
        'approval.spent',
        'action.outcome',
        'approval.carried',
      ]);
    expect(await ends()).toEqual(['ran']);
  });

  test('is told to its agent though the answer marked the session, until rules or a stop change', async () => {
    await house.close();
    removeDirectory(house.directory);
    const marked = `@id("read-both") @review("owner") forbid (principal, action in Action::"risk:external", resource)
when { context.system.marks.containsAll(["untrusted", "secret"]) };`;
    house = await askingHouse({ hold: '10m' }, { rules: marked });
    const task = await post();
    await approve(house, 'ada');
    await ended(task);
    const who = { caller, upstream: 'box', generation: '2026', session: 's1' } as const;
    const request = { method: 'tasks/get', task: task.id, responses: {} } as const;
    const look = () => askAboutTasks(house.rooms, who, request, control);
    expect(await look()).toMatchObject({ kind: 'task', task: { status: 'completed' } });
    await house.operations.stop('agent:writer', 'watched', 'look');
    expect(await look()).toMatchObject({ kind: 'denied' });
  });

  test('asks anew after an apply, and its agent is told that it waits, and what came of it', async () => {
    const task = await post();
    const { standing } = house.house;
    const more = '@id("x") forbid (principal, action, resource is Thing) when { resource.id == "x" };';
    const policies = [...standing.parts.policies, { name: 'more.cedar', text: more }];
    const parts = { ...standing.parts, policies };
    const next = standing.try(parts);
    if (!next.ok) throw new Error(JSON.stringify(next.error));
    const before = question(house).approval.id;
    standing.replace(parts, next.value);
    house.rooms.approvals.sweep();
    await expect
      .poll(() => house.rooms.approvals.all().map(({ approval }) => approval.id !== before))
      .toEqual([true]);
    const who = { caller, upstream: 'box', generation: '2026', session: 's1' } as const;
    const request = { method: 'tasks/get', task: task.id, responses: {} } as const;
    const look = () => askAboutTasks(house.rooms, who, request, control);
    expect(await look()).toMatchObject({ kind: 'task', task: { status: 'working' } });
    await approve(house, 'ada');
    expect(await ended(task)).toMatchObject({ kind: 'result' });
    expect(await look()).toMatchObject({ kind: 'task', task: { status: 'completed' } });
  });

  test('the same call made again waits for the same question, and one of them runs', async () => {
    const tasks = [await post(), await post()];
    expect(house.rooms.approvals.all()).toHaveLength(1);
    await approve(house, 'ada');
    const kinds = (await Promise.all(tasks.map(ended))).map((answer) =>
      answer.kind === 'denied' ? answer.decision.code : answer.kind,
    );
    expect(kinds.sort()).toEqual(['APPROVAL_SPENT', 'result']);
    expect(house.upstream.sent).toHaveLength(1);
  });

  test('ends with a no', async () => {
    const task = await post();
    await deny(house, 'ada');
    expect(await ended(task)).toMatchObject({ kind: 'denied', decision: { code: 'APPROVAL_DENIED' } });
    await expect.poll(ends).toEqual(['APPROVAL_DENIED']);
  });

  test('P4 is over with its token, in its tick, and its question stays for another token', async () => {
    const task = await post();
    house.house.tokens.remove('t1');
    await ended(task);
    expect(task.view.status).toBe('cancelled');
    await expect.poll(ends).toEqual(['TOKEN_ENDED']);
    expect(await approve(house, 'ada')).toMatchObject({ ok: true });
    expect(house.upstream.sent).toEqual([]);
    expect(await house.act('post', { text: 'hello' }, { token: 't2' })).toMatchObject({ kind: 'result' });
    expect(house.upstream.sent).toHaveLength(1);
  });

  test('ends when its question is taken back, is told so, and asks nobody anew', async () => {
    const task = await post();
    expect(await cancelBySocket(house)).toMatchObject({ ok: true });
    expect(await ended(task)).toMatchObject({ kind: 'denied', decision: { code: 'APPROVAL_TAKEN_BACK' } });
    expect(house.rooms.approvals.all()).toEqual([]);
    expect(house.upstream.sent).toEqual([]);
    await expect.poll(() => house.store.cells('held-task')).toEqual([]);
  });

  test('ends with a stop', async () => {
    const task = await post();
    await house.operations.stop('agent:writer', 'frozen', 'look');
    expect(await ended(task)).toMatchObject({ kind: 'denied', decision: { code: 'FROZEN' } });
    expect(house.upstream.sent).toEqual([]);
    // Its client was told so: no restart takes it up, whatever is said to its question then.
    await expect.poll(() => house.store.cells('held-task')).toEqual([]);
  });

  test('cancelled by its client, it asks nobody any more, and a yes that was on its way lets nothing run', async () => {
    const task = await post();
    const kept = question(house);
    await task.source?.cancel({ code: 'CANCELLED', sentence: 'the client gave it up' });
    expect(task.view.status).toBe('cancelled');
    expect(await approve(house, 'ada', kept)).toMatchObject({ ok: false });
    expect(house.rooms.approvals.all()).toEqual([]);
    expect(house.upstream.sent).toEqual([]);
  });

  test('ends when its question has run out, and asks nobody anew', async () => {
    const task = await post();
    const kept = question(house);
    kept.approval = { ...kept.approval, expiresAtMs: house.house.clock.now() - 1 };
    house.rooms.approvals.sweep();
    expect(await ended(task)).toMatchObject({ kind: 'denied', decision: { code: 'APPROVAL_EXPIRED' } });
    expect(house.rooms.approvals.all()).toHaveLength(1);
  });
});
