import type { InForce } from '../in-force.ts';
import type { Rooms } from '../rooms.ts';
import type { Task } from './task.ts';

/** Under which set, and after how many stops, its agent was last found to be permitted what a task does. */
const found = new WeakMap<Task, { readonly inForce: InForce; readonly stops: number }>();

/**
 * Its agent may do it as things are now. That holds until the next stop or apply: what the session has read by then, the
 * task's own answer among it, is no reason to keep from its agent what came of it.
 */
export function notePermitted(rooms: Rooms, task: Task): void {
  found.set(task, { inForce: rooms.inForce(), stops: rooms.halt.stops });
}

/** Whether that was found since the last stop and the last apply. */
export function isStillPermitted(rooms: Rooms, task: Task): boolean {
  const known = found.get(task);
  return known?.inForce === rooms.inForce() && known.stops === rooms.halt.stops;
}
