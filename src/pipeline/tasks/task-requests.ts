import { ERRORS, type Problem, problem } from '../../base/errors.ts';
import { type Json, type JsonObject, setKey } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { readAskAnswer } from '../../intake/ask.ts';
import type { TaskRequest } from '../../intake/task.ts';
import type { Decision } from '../../model/decision.ts';
import { decide } from '../action/decide.ts';
import { prepare } from '../action/prepare.ts';
import { whyNotNow } from '../action/why-not-now.ts';
import { stillApproved } from '../approval/discharge.ts';
import type { CallControl, Caller, Generation } from '../ports/call.ts';
import type { Rooms } from '../rooms.ts';
import type { Task, TaskView } from './task.ts';
import { putToClient } from './task-asks.ts';
import { isStillPermitted, notePermitted } from './task-permission.ts';

/** Who asks about a task, and where. */
export interface TaskCaller {
  readonly caller: Caller;
  /** null on the common path of all upstreams. */
  readonly upstream: string | null;
  readonly generation: Generation;
  /** The session that reads what is answered. */
  readonly session: string;
}

export type TaskAnswer =
  | { readonly kind: 'task'; readonly task: TaskView }
  | { readonly kind: 'tasks'; readonly tasks: readonly TaskView[] }
  /** Taken note of. */
  | { readonly kind: 'noted' }
  /** The agent may no longer do what the task does, so it is told nothing of it. `called`: the tool. */
  | { readonly kind: 'denied'; readonly action: string; readonly called: string; readonly decision: Decision }
  | { readonly kind: 'refused'; readonly problem: Problem };

/**
 * One request about the tasks of an agent. None is an action of its own. A task is found by its own agent and token alone;
 * all but cancelling needs an agent that lives and is not stopped, and an operation that it still may. Never rejects.
 */
export async function askAboutTasks(
  rooms: Rooms,
  who: TaskCaller,
  request: TaskRequest,
  control: CallControl,
): Promise<TaskAnswer> {
  const { agent } = who.caller;
  // Whatever else it may not do, an agent can end what it began.
  if (request.method === 'tasks/cancel') return cancel(rooms, who, request);
  const overLimit = rooms.admission.enter(agent);
  if (overLimit !== null) return refuse(rooms, who, overLimit);
  try {
    const halted = whyNotNow(rooms, agent);
    if (halted !== null) return refuse(rooms, who, halted);
    if (request.method === 'tasks/list') return list(rooms, who);
    const task = rooms.tasks.find(who.caller, who.upstream, request.task);
    if (task === null) return refuse(rooms, who, problem('UNKNOWN_TASK'));
    const refusal = mayNot(rooms, task);
    if (refusal !== null) return refusal;
    if (request.method === 'tasks/update') return await update(rooms, who, task, request.responses);
    if (request.method === 'tasks/get') await task.source?.look();
    else await result(task, control);
    // Looking takes time, and what was permitted before it may not be now.
    return mayNot(rooms, task) ?? show(rooms, who, task);
  } finally {
    rooms.admission.leave(agent);
  }
}

function show(rooms: Rooms, who: TaskCaller, task: Task): TaskAnswer {
  if (task.isOver) markReader(rooms, who, task);
  return { kind: 'task', task: task.view };
}

function list(rooms: Rooms, { caller, upstream }: TaskCaller): TaskAnswer {
  const shown = rooms.tasks.of(caller, upstream).filter((task) => mayNot(rooms, task) === null);
  return { kind: 'tasks', tasks: shown.map((task) => task.view) };
}

/** 2025-11-25: "MUST block the response until the task reaches a terminal status"; what it asks meanwhile is put here. */
async function result(task: Task, control: CallControl): Promise<void> {
  const unput = putToClient(task, control, task.id);
  const gone = new Promise<void>((resolve) => {
    if (control.signal.aborted) resolve();
    control.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await task.source?.look();
  await Promise.race([task.ended, gone]);
  unput();
}

async function update(rooms: Rooms, who: TaskCaller, task: Task, given: JsonObject): Promise<TaskAnswer> {
  const read = readAnswers(task, given);
  if (!read.ok) return refuse(rooms, who, read.error);
  if (Object.keys(read.value).length > 0) await task.source?.answer(read.value);
  return { kind: 'noted' };
}

/** "A server SHOULD ignore any inputResponses mapped to a key that is not currently outstanding." */
function readAnswers(task: Task, given: JsonObject): Result<JsonObject, Problem> {
  const read: Record<string, Json> = {};
  for (const [key, { asked }] of task.asks) {
    if (!Object.hasOwn(given, key)) continue;
    const answer = readAskAnswer(asked.ask.method, given[key]);
    if (!answer.ok) return err(problem('BAD_PARAMS', { what: `"inputResponses.${key}" ${answer.error}` }));
    setKey(read, key, answer.value);
  }
  return ok(read);
}

async function cancel(rooms: Rooms, who: TaskCaller, { task: id }: TaskRequest): Promise<TaskAnswer> {
  const task = rooms.tasks.find(who.caller, who.upstream, id);
  if (task === null) return refuse(rooms, who, problem('UNKNOWN_TASK'));
  const { upstream } = task.action;
  const wasOver = task.isOver;
  if (!wasOver) await task.source?.cancel(problem('CANCELLED', { upstream }));
  if (who.generation === '2026') return { kind: 'noted' };
  // 2025-11-25: a task that has ended cannot be cancelled ("MUST reject").
  if (wasOver || task.status !== 'cancelled') return refuse(rooms, who, problem('TASK_OVER'));
  return { kind: 'task', task: task.view };
}

/** Why this agent may not be told of the task now. Looked at again after whatever may have changed the answer. */
function mayNot(rooms: Rooms, task: Task): TaskAnswer | null {
  const { action, generation } = task;
  const halted = whyNotNow(rooms, action.agent, action);
  if (halted !== null) return { kind: 'refused', problem: halted };
  if (isStillPermitted(rooms, task)) return null;
  const inForce = rooms.inForce();
  const prepared = prepare(rooms, inForce, action, generation);
  if (prepared.kind === 'refused') return { kind: 'refused', problem: prepared.problem };
  const decided = decide(rooms, inForce, { ...prepared, action });
  const approved = task.source?.approved;
  const asked = approved === undefined ? action : { ...action, approved };
  const decision = stillApproved(asked, inForce, decided);
  if (decision.decision !== 'allow') {
    const denied = { ...decision, decision: 'deny' } as const;
    return { kind: 'denied', action: action.id, called: action.name, decision: denied };
  }
  notePermitted(rooms, task);
  return null;
}

/** What a task was answered with marks the session of its action; another one that reads it is marked here. */
function markReader({ marks, clock, ids }: Rooms, { caller, session }: TaskCaller, task: Task): void {
  if (session === task.action.session || task.brings.length === 0) return;
  const who = { ...caller, session };
  const reading = ids();
  marks.expect(reading, who, task.brings);
  if (marks.end(reading, true, clock.now()).length > 0) marks.unstored(who);
}

function refuse(rooms: Rooms, { caller }: TaskCaller, found: Problem): TaskAnswer {
  if (ERRORS[found.code].kind === 'refuse') rooms.refusals.count(caller.agent, found.code);
  return { kind: 'refused', problem: found };
}
