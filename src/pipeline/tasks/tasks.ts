import type { Clock } from '../../base/clock.ts';
import { LIMITS } from '../../base/limits.ts';
import type { CellChange } from '../../store/store.ts';
import type { Caller } from '../ports/call.ts';
import type { Task } from './task.ts';

/** The kind of the cells in which the store keeps tasks that run. */
export const TASK_CELL = 'task';

/**
 * The calls that go on as tasks, in memory: at most LIMITS.tasks.running of an agent run, and what is over is kept until
 * its time is, within bounds. A task is found by its own agent and token alone, on the path of its upstream or of all.
 */
export class Tasks {
  readonly #clock: Clock;
  readonly #byId = new Map<string, Task>();
  readonly #byAgent = new Map<string, Set<Task>>();
  /** Those that the store keeps, by their action. */
  readonly #stored = new Map<string, string>();
  readonly #timers = new Map<Task, NodeJS.Timeout>();
  readonly #watchers: ((task: Task) => void)[] = [];
  #isStopped = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isStopped(): boolean {
    return this.#isStopped;
  }

  /** Whether this agent has no room for one more. */
  isFull(agent: string): boolean {
    let running = 0;
    for (const task of this.#byAgent.get(agent) ?? []) if (!task.isOver && this.#byId.has(task.id)) running++;
    return running >= LIMITS.tasks.running;
  }

  /** `isShown`: its client knows its id. `expire` is called when its time is over while it runs. */
  add(task: Task, isShown: boolean, expire: () => void): void {
    const { agent } = task.action;
    const own = this.#byAgent.get(agent) ?? new Set();
    this.#byAgent.set(agent, own.add(task));
    if (isShown) {
      this.#byId.set(task.id, task);
      task.watch(() => {
        for (const then of this.#watchers) then(task);
      });
    }
    const leftMs = Math.max(0, task.createdMs + task.ttlMs - this.#clock.now());
    const timer = setTimeout(() => {
      if (!task.isOver) expire();
      void task.ended.then(() => this.#forget(task));
    }, leftMs);
    this.#timers.set(task, timer.unref());
    void task.ended.then(() => (isShown ? this.#makeRoom(own) : this.#forget(task)));
  }

  /** `then` is called whenever a task that its client knows has changed. */
  watch(then: (task: Task) => void): void {
    this.#watchers.push(then);
  }

  find(caller: Caller, upstream: string | null, id: string): Task | null {
    const task = this.#byId.get(id);
    return task !== undefined && isOf(task, caller, upstream) ? task : null;
  }

  /** Those of a caller on a path, in the order in which they began. */
  of(caller: Caller, upstream: string | null): readonly Task[] {
    const own = [...(this.#byAgent.get(caller.agent) ?? [])];
    return own.filter((task) => this.#byId.has(task.id) && isOf(task, caller, upstream));
  }

  /** Its cell is in the store from here on. */
  stored(task: Task): void {
    this.#stored.set(task.action.id, task.id);
  }

  /** What the store forgets with the end of this action. */
  closing(action: string): readonly CellChange[] {
    const key = this.#stored.get(action);
    if (key === undefined) return NO_CELLS;
    this.#stored.delete(action);
    return [{ kind: TASK_CELL, key, value: null }];
  }

  /** Nothing is looked at any more. What runs is found again at the next start, where the store keeps it. */
  stop(): void {
    this.#isStopped = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }

  /** What ended longest ago goes first. */
  #makeRoom(own: ReadonlySet<Task>): void {
    const over = [...own].filter((task) => task.isOver);
    let [count, length] = [own.size, over.reduce((sum, task) => sum + task.length, 0)];
    for (const task of over) {
      if (count <= LIMITS.tasks.kept && length <= LIMITS.tasks.resultsLength) return;
      this.#forget(task);
      count--;
      length -= task.length;
    }
  }

  #forget(task: Task): void {
    this.#byId.delete(task.id);
    clearTimeout(this.#timers.get(task));
    this.#timers.delete(task);
    const own = this.#byAgent.get(task.action.agent);
    own?.delete(task);
    if (own?.size === 0) this.#byAgent.delete(task.action.agent);
  }
}

const NO_CELLS: readonly CellChange[] = [];

function isOf({ action }: Task, { agent, token }: Caller, upstream: string | null): boolean {
  return (
    action.agent === agent && action.token === token && (upstream === null || action.upstream === upstream)
  );
}
