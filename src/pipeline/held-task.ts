import { type Problem, problem } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import type { Attempt } from '../model/action.ts';
import { CAN_NOTHING } from '../model/ask.ts';
import type { Arrived } from './act.ts';
import type { Kept } from './approval-kept.ts';
import { type Hold, holdOf } from './hold.ts';
import type { Answer, Said } from './ports.ts';
import type { Prepared } from './prepare.ts';
import type { Rooms } from './rooms.ts';
import { Task, type TaskSource } from './task.ts';
import { boundedPoll } from './task-run.ts';

/** Walks the corridor again with this call, which is held until its question is answered or has run out. */
type Walk = (arrived: Arrived, hold: Hold) => Promise<Answer>;

/**
 * A call that waits for people and goes on as a task: its client need not keep a request open. Once they have said yes it
 * is decided again and executed as any held call is, once, and the task has its answer. It lives as long as this process:
 * after a restart the question stands as it did, and the agent's own repeat spends it.
 */
export function waitAsTask(
  rooms: Rooms,
  { attempt, generation, control }: Arrived,
  { action, brings }: Prepared,
  kept: Kept,
  walk: Walk,
): Answer {
  const { approval } = kept;
  const leftMs = Math.max(0, approval.expiresAtMs - rooms.clock.now());
  const task = new Task(
    {
      // To be told how it stands needs no yes; to run does, and what runs is the call of the walk.
      action: { ...action, approved: { reviews: approval.reviews, policy: approval.policy } },
      ...{ brings, generation, createdMs: rooms.clock.now() },
      ttlMs: Math.min(leftMs + LIMITS.taskTtlMs.usual, LIMITS.taskTtlMs.most),
      pollMs: boundedPoll(null),
    },
    () => rooms.clock.now(),
  );
  const over = new AbortController();
  const { asTask: _wish, continues: _state, ...plain } = attempt;
  const held: Arrived = {
    attempt: plain satisfies Attempt,
    generation,
    control: {
      signal: over.signal,
      ...(control.logLevel === undefined ? {} : { logLevel: control.logLevel }),
      can: CAN_NOTHING,
    },
  };
  const hold: Hold = {
    ...holdOf(rooms, held.attempt, generation, held.control),
    untilMs: rooms.clock.monotonicMs() + leftMs,
    isTask: true,
    isSent: true,
    repeats: kept,
  };
  const source = new HeldTask(rooms, task, kept, over);
  const { upstream } = action;
  rooms.tasks.add(task, true, () => void source.cancel(problem('TASK_EXPIRED', { upstream })));
  const page = rooms.approvals.electorate.pageOf(approval.id);
  task.say(`Waiting for a person to answer (${approval.id})${page === null ? '' : `: ${page}`}`);
  walk(held, hold).then(
    (answer) => source.end(answer),
    (error: unknown) => {
      rooms.report(`a call that waited as a task met a fault: ${String(error)}`);
      source.end({ kind: 'failed', action: action.id, problem: problem('INTERNAL') });
    },
  );
  return { kind: 'task', action: action.id, task: task.view };
}

/** What moves the task is the walk; nothing is asked of its client. */
class HeldTask implements TaskSource {
  readonly #rooms: Rooms;
  readonly #task: Task;
  readonly #kept: Kept;
  readonly #over: AbortController;
  #isCancelled = false;

  constructor(rooms: Rooms, task: Task, kept: Kept, over: AbortController) {
    this.#rooms = rooms;
    this.#task = task;
    this.#kept = kept;
    this.#over = over;
    task.source = this;
  }

  async look(): Promise<void> {}

  async answer(_answers: JsonObject): Promise<void> {}

  async said(_key: string, _said: Said): Promise<void> {}

  /** Nobody needs to answer any more; what runs already is cancelled as any call is. */
  async cancel(_why: Problem): Promise<void> {
    this.#isCancelled = true;
    this.#over.abort();
    this.#rooms.approvals.cancel(this.#kept, 'needless');
    await this.#task.ended;
  }

  end(answer: Answer): void {
    this.#task.end(answer, this.#isCancelled);
  }
}
