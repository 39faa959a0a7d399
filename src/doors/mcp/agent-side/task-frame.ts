import type { JsonObject } from '../../../base/json.ts';
import type { TaskStatus } from '../../../model/task.ts';
import type { Generation } from '../../../pipeline/ports/call.ts';
import type { TaskView } from '../../../pipeline/tasks/task.ts';

/** Where a task stands, as a client's generation words it. */
export function frameBrief(task: TaskView, generation: Generation): JsonObject {
  const { id, status, message, createdAt, updatedAt, ttlMs, pollMs } = task;
  return {
    taskId: id,
    status: generation === '2025' ? olderStatus(task) : status,
    ...(message === undefined ? {} : { statusMessage: message }),
    createdAt,
    lastUpdatedAt: updatedAt,
    ...(generation === '2025' ? { ttl: ttlMs, pollInterval: pollMs } : { ttlMs, pollIntervalMs: pollMs }),
  };
}

/** CreateTaskResult: flat in 2026-07-28, under `task` in 2025-11-25. */
export function frameCreated(task: TaskView, generation: Generation): JsonObject {
  const brief = frameBrief(task, generation);
  return generation === '2025' ? { task: brief } : { resultType: 'task', ...brief };
}

/** 2025-11-25: failed "includes cases where the tool call result has isError set to true". */
function olderStatus({ status, answer }: TaskView): TaskStatus {
  if (status !== 'completed' || answer === undefined) return status;
  return answer.kind !== 'result' || answer.result['isError'] === true ? 'failed' : 'completed';
}
