import { type Problem, problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { UpstreamTask } from '../../intake/upstream-task.ts';
import type { Action, Attempt } from '../../model/action.ts';
import { CAN_NOTHING } from '../../model/ask.ts';
import type { Mark } from '../../model/mark.ts';
import { whoseFields } from '../action/action.ts';
import type { InForce } from '../in-force.ts';
import type { Answer } from '../ports/answer.ts';
import type { CallControl, Generation } from '../ports/call.ts';
import type { TaskTerms } from '../ports/upstream.ts';
import type { Rooms } from '../rooms.ts';
import { Task } from './task.ts';
import { putToClient } from './task-asks.ts';
import { taskCell } from './task-cell.ts';
import { notePermitted } from './task-permission.ts';
import { boundedPoll, follow, type GoOn } from './task-run.ts';
import type { Running } from './task-upstream.ts';

/** The call that goes on as a task, and who made it. */
interface Begun {
  readonly action: Action;
  readonly brings: readonly Mark[];
  readonly inForce: InForce;
  readonly generation: Generation;
  readonly control: CallControl;
}

/** On which terms the upstream may answer with a task: as its client says, and as long as there is room for one. */
export function taskTerms(
  rooms: Rooms,
  action: Action,
  generation: Generation,
  control: CallControl,
): TaskTerms {
  const { asTask } = action;
  const wants = generation === '2026' ? control.can?.tasks === true : asTask !== undefined;
  const taken = wants && !rooms.tasks.isFull(action.agent);
  // An older client cannot say that it knows the extension; Lanyard does, and waits for the end in its stead.
  return { taken, told: generation === '2025' || taken, ttlMs: asTask?.ttlMs ?? null };
}

/** Why an agent is not given one more task that it wishes for (2025-11-25); null: it may have it. */
export function roomForTask(rooms: Rooms, { agent, asTask }: Attempt): Problem | null {
  if (asTask === undefined || !rooms.tasks.isFull(agent)) return null;
  return problem('TOO_MANY_TASKS', { limit: LIMITS.tasks.running });
}

/**
 * The upstream answered with a task. A client that takes one is given one of ours, when it is durable what stands behind
 * it ("MUST NOT return CreateTaskResult until the task is durably created"); any other is given what comes of it.
 */
export async function beginTask(
  rooms: Rooms,
  { action, brings, inForce, generation, control }: Begun,
  seen: UpstreamTask,
  goOn: GoOn,
): Promise<Answer> {
  const spoken = rooms.pins.generationFor(action.upstream, generation);
  const { taken, ttlMs } = taskTerms(rooms, action, generation, control);
  const task = new Task(
    {
      action,
      brings,
      generation,
      createdMs: rooms.clock.now(),
      ttlMs: Math.min(seen.ttlMs ?? ttlMs ?? LIMITS.taskTtlMs.usual, LIMITS.taskTtlMs.most),
      pollMs: boundedPoll(seen.pollMs),
    },
    () => rooms.clock.now(),
  );
  if (inForce === rooms.inForce()) notePermitted(rooms, task);
  const running = { task, upstreamTask: seen.id, spoken, can: control.can ?? CAN_NOTHING, inForce };
  follow(rooms, running, taken, goOn);
  if (!taken) return waitFor(task, control);
  if (await recordTask(rooms, running)) return { kind: 'task', action: action.id, task: task.view };
  await task.source?.cancel(problem('STORE_UNAVAILABLE'));
  return task.ended;
}

/** That it goes on as a task, with what is needed to take it up after a restart. False: it could not be recorded. */
async function recordTask(rooms: Rooms, running: Running): Promise<boolean> {
  const { action } = running.task;
  const fields = { kind: 'action.task', ...whoseFields(action) } as const;
  try {
    const { bytes } = await rooms.recorder.record({ fields, cells: [taskCell(running)] });
    rooms.tasks.stored(running.task);
    rooms.admission.logged(action.agent, bytes);
    return true;
  } catch (error) {
    rooms.report(`a task could not be recorded, so it was cancelled: ${String(error)}`);
    return false;
  }
}

/** For a client without tasks: the call lasts as long as a call may, and a client that goes away cancels it. */
async function waitFor(task: Task, control: CallControl): Promise<Answer> {
  const { upstream } = task.action;
  const give = (code: 'CANCELLED' | 'UPSTREAM_TIMEOUT') =>
    void task.source?.cancel(problem(code, { upstream, limit: LIMITS.upstreamCallMs }));
  const onAbort = () => give('CANCELLED');
  if (control.signal.aborted) onAbort();
  control.signal.addEventListener('abort', onAbort, { once: true });
  const late = setTimeout(() => give('UPSTREAM_TIMEOUT'), LIMITS.upstreamCallMs);
  const unput = putToClient(task, control, null);
  const answer = await task.ended;
  unput();
  clearTimeout(late);
  control.signal.removeEventListener('abort', onAbort);
  return answer;
}
