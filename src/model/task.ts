/** Where a call that goes on as a task stands (2025-11-25 Tasks; 2026-07-28, extension `io.modelcontextprotocol/tasks`). */
export const TASK_STATUSES = ['working', 'input_required', 'completed', 'failed', 'cancelled'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

/** A call that its client wants as a task (2025-11-25). */
export interface TaskWish {
  /** How long it wants its task kept, in milliseconds from its creation; null where it does not say. */
  readonly ttlMs: number | null;
}

/** What is asked about a task, or of it. */
const TASK_METHODS = ['tasks/get', 'tasks/result', 'tasks/list', 'tasks/cancel', 'tasks/update'] as const;
export type TaskMethod = (typeof TASK_METHODS)[number];

export function isTaskMethod(method: string): method is TaskMethod {
  return (TASK_METHODS as readonly string[]).includes(method);
}
