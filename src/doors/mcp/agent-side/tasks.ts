import { type Problem, problem } from '../../../base/errors.ts';
import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import { LIMITS } from '../../../base/limits.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { readClientCan, TASKS_EXTENSION } from '../../../intake/client-capabilities.ts';
import type { RequestMessage } from '../../../intake/message.ts';
import { PROTOCOL_META } from '../../../intake/revision.ts';
import { readTaskRequest, type TaskRequest } from '../../../intake/task.ts';
import { RELATED_TASK } from '../../../intake/upstream-task.ts';
import type { TaskMethod } from '../../../model/task.ts';
import type { Generation } from '../../../pipeline/ports/call.ts';
import type { TaskView } from '../../../pipeline/tasks/task.ts';
import type { TaskAnswer } from '../../../pipeline/tasks/task-requests.ts';
import { frameAnswer, framedResult, frameError } from './answers.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { frameBrief } from './task-frame.ts';
import { type Answered, answerProblem, answerResult, type RequestId } from './wire.ts';

/** What goes with the refusal of a client that did not declare the extension (-32021). */
const NEEDED: JsonObject = { requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } } };

/** Reads `tasks/*`. 2026-07-28: tasks are for clients that say, in this very request, that they know them. */
export function readAboutTasks(
  method: TaskMethod,
  message: RequestMessage,
  generation: Generation,
): Result<TaskRequest, { readonly problem: Problem; readonly details?: JsonObject }> {
  const can = readClientCan(message.meta[PROTOCOL_META.clientCapabilities]);
  if (generation === '2026' && !can.tasks)
    return err({ problem: problem('TASKS_UNDECLARED'), details: NEEDED });
  const request = readTaskRequest(method, message);
  return request.ok ? request : err({ problem: request.error });
}

/** The answer as the client's generation words it. A Problem: the request does not fit what there is. */
export function frameAboutTasks(
  method: TaskMethod,
  { id, params }: RequestMessage,
  generation: Generation,
  answer: TaskAnswer,
): Result<Answered, Problem> {
  switch (answer.kind) {
    case 'noted':
      return ok(answerResult(id, complete({}, generation)));
    case 'task':
      return ok(
        method === 'tasks/result'
          ? frameOutcome(id, answer.task)
          : answerResult(id, complete(frameTask(answer.task, generation), generation)),
      );
    case 'tasks':
      return framePage(id, params, answer.tasks);
    case 'denied':
      return ok(frameAnswer({ id, method, generation, called: answer.called }, answer));
    case 'refused':
      return ok(answerProblem(id, answer.problem, generation));
  }
}

function complete(result: JsonObject, generation: Generation): JsonObject {
  return generation === '2026' ? { resultType: 'complete', ...result } : result;
}

/** In 2026-07-28 with what it asks, or was answered. */
function frameTask(task: TaskView, generation: Generation): JsonObject {
  const brief = frameBrief(task, generation);
  return generation === '2025' ? brief : { ...brief, ...detailOf(task) };
}

function detailOf({ upstream, status, requests, answer }: TaskView): JsonObject {
  if (status === 'input_required' && requests !== undefined) return { inputRequests: requests };
  if (answer === undefined || status === 'cancelled') return {};
  if (answer.kind === 'error') {
    const { code, message, data } = frameError('2026', answer.error);
    return { error: data === undefined ? { code, message } : { code, message, data } };
  }
  const asked = { id: 0, method: 'tools/call', generation: '2026', called: upstream } as const;
  return { result: framedResult(asked, answer) };
}

/** 2025-11-25: "exactly what the underlying request would have returned", with the id of its task beside it. */
function frameOutcome(id: RequestId, { id: taskId, upstream, answer }: TaskView): Answered {
  // Its client went away before it ended: nobody is told anything.
  if (answer === undefined) return answerProblem(id, problem('UNKNOWN_TASK'), '2025');
  const asked = { id, method: 'tools/call', generation: '2025', called: upstream } as const;
  if (answer.kind === 'error') return frameAnswer(asked, answer);
  const result = framedResult(asked, answer);
  const { _meta: meta } = result;
  return answerResult(id, {
    ...result,
    _meta: { ...(isJsonObject(meta) ? meta : {}), [RELATED_TASK]: { taskId } },
  });
}

/** "Receivers SHOULD use cursor-based pagination." */
function framePage(
  id: RequestId,
  { cursor }: JsonObject,
  tasks: readonly TaskView[],
): Result<Answered, Problem> {
  const from = cursor === undefined ? 0 : readCursor(cursor, 'tasks/list', tasks.length);
  if (from === null)
    return err(problem('BAD_PARAMS', { what: 'this cursor is not (or no longer) one of ours' }));
  const to = from + LIMITS.tasks.page;
  const result = {
    tasks: tasks.slice(from, to).map((task) => frameBrief(task, '2025')),
    ...(to < tasks.length ? { nextCursor: writeCursor('tasks/list', to, tasks.length) } : {}),
  };
  return ok(answerResult(id, result));
}
