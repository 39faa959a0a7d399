import { type Problem, problem } from '../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { TaskMethod, TaskWish } from '../model/task.ts';
import { badParams } from './bad-params.ts';
import { reservedKey } from './given-text.ts';
import type { RequestMessage } from './message.ts';

/** What an agent asks about its tasks. */
export interface TaskRequest {
  readonly method: TaskMethod;
  /** Our own id of the task; empty for `tasks/list`. */
  readonly task: string;
  /** Of `tasks/update`, by the key of the request that each answers. */
  readonly responses: JsonObject;
}

const NO_RESPONSES: JsonObject = {};

/** Reads the params of a request about tasks; what else stands in them says nothing here. */
export function readTaskRequest(
  method: TaskMethod,
  { params }: Pick<RequestMessage, 'params'>,
): Result<TaskRequest, Problem> {
  if (method === 'tasks/list') return ok({ method, task: '', responses: NO_RESPONSES });
  const { taskId, inputResponses } = params;
  if (typeof taskId !== 'string' || taskId === '') return badParams('"taskId" is no string, or empty');
  if (method !== 'tasks/update') return ok({ method, task: taskId, responses: NO_RESPONSES });
  if (!isJsonObject(inputResponses)) return badParams('"inputResponses" is no object');
  const reserved = reservedKey(inputResponses);
  if (reserved !== null) return err(problem('RESERVED_KEY', { key: reserved }));
  return ok({ method, task: taskId, responses: inputResponses });
}

/** Reads `task` in the params of a `tools/call` of 2025-11-25. */
export function readTaskWish(task: Json | undefined): Result<TaskWish | null, Problem> {
  if (task === undefined) return ok(null);
  if (!isJsonObject(task)) return badParams('"task" is no object');
  const { ttl = null } = task;
  if (ttl === null) return ok({ ttlMs: null });
  if (typeof ttl !== 'number' || !Number.isSafeInteger(ttl) || ttl < 1)
    return badParams('"task.ttl" is no whole number of milliseconds');
  return ok({ ttlMs: Math.min(ttl, LIMITS.taskTtlMs.most) });
}
