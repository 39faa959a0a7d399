import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import { err, ok, type Result } from '../base/result.ts';
import { TASK_STATUSES, type TaskStatus } from '../model/task.ts';
import { hasControl } from './given-text.ts';
import { readInputRequests } from './input-required.ts';
import type { ErrorMessage } from './message.ts';
import type { Generation } from './revision.ts';
import { withoutOurVerdict } from './upstream-message.ts';

/** In `_meta` of whatever belongs to a task of 2025-11-25. */
export const RELATED_TASK = 'io.modelcontextprotocol/related-task';

/** What an upstream says of a task of its own. */
export interface UpstreamTask {
  readonly id: string;
  readonly status: TaskStatus;
  /** In its own words; null where it has none. */
  readonly message: string | null;
  /** How long it keeps it, and how often it wants to be asked, in milliseconds; null where it does not say. */
  readonly ttlMs: number | null;
  readonly pollMs: number | null;
  /** 2026-07-28, each with its status: completed, failed, input_required. */
  readonly result?: JsonObject;
  readonly error?: ErrorMessage['error'];
  readonly requests?: JsonObject;
}

/**
 * Reads a CreateTaskResult: flat in 2026-07-28, under `task` in 2025-11-25. Null where the result is none. Errors are the
 * rest of a sentence that begins with the upstream.
 */
export function readCreatedTask(
  result: JsonObject,
  generation: Generation,
): Result<UpstreamTask, string> | null {
  if (generation === '2026') return result['resultType'] === 'task' ? readBase(result, generation) : null;
  const { task } = result;
  if (task === undefined) return null;
  return isJsonObject(task) ? readBase(task, generation) : err('its "task" is no object');
}

/** Reads what `tasks/get` answers. */
export function readTask(task: JsonObject, generation: Generation): Result<UpstreamTask, string> {
  const base = readBase(task, generation);
  if (!base.ok || generation === '2025') return base;
  switch (base.value.status) {
    case 'completed': {
      const { result } = task;
      return isJsonObject(result) ? ok({ ...base.value, result }) : err('its task has no "result"');
    }
    case 'failed': {
      const error = readError(task['error']);
      return error === null ? err('its task has no "error"') : ok({ ...base.value, error });
    }
    case 'input_required': {
      const requests = readInputRequests(task['inputRequests'] ?? {});
      return requests.ok ? ok({ ...base.value, requests: requests.value }) : requests;
    }
    default:
      return base;
  }
}

function readBase(task: JsonObject, generation: Generation): Result<UpstreamTask, string> {
  const { taskId, status, statusMessage } = task;
  if (typeof taskId !== 'string' || taskId === '') return err('its task has no "taskId"');
  if (taskId.length > LIMITS.taskTexts.id || hasControl(taskId))
    return err('the "taskId" of its task cannot be used');
  const known = TASK_STATUSES.find((one) => one === status);
  if (known === undefined) return err('its task has no "status" that is known here');
  const [ttl, poll] =
    generation === '2026' ? [task['ttlMs'], task['pollIntervalMs']] : [task['ttl'], task['pollInterval']];
  const message = typeof statusMessage === 'string' ? statusMessage : null;
  return ok({ id: taskId, status: known, message, ttlMs: millisecondsOf(ttl), pollMs: millisecondsOf(poll) });
}

function millisecondsOf(value: Json | undefined): number | null {
  return typeof value === 'number' && value > 0 ? Math.ceil(value) : null;
}

/** No more passes in our name here than in the error of a call. */
function readError(error: Json | undefined): ErrorMessage['error'] | null {
  if (!isJsonObject(error)) return null;
  const { code, message, data } = error;
  if (typeof code !== 'number' || !Number.isSafeInteger(code) || typeof message !== 'string') return null;
  return withoutOurVerdict(data === undefined ? { code, message } : { code, message, data });
}
