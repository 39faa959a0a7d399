import { type ErrorCode, type Problem, problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Action, Attempt } from '../../model/action.ts';
import { CAN_NOTHING } from '../../model/ask.ts';
import { denied } from '../action/decide.ts';
import { type Prepared, prepare } from '../action/prepare.ts';
import { tokenEnded } from '../action/sending.ts';
import { continuing, type Kept } from '../approval/approval-kept.ts';
import { type Hold, holdOf } from '../approval/hold.ts';
import type { Arrived } from '../arrived.ts';
import type { Answer, Said } from '../ports/answer.ts';
import type { CallControl, Generation } from '../ports/call.ts';
import type { Rooms } from '../rooms.ts';
import { endCodeOf, recordEnded, recordWaiting } from './held-task-cell.ts';
import { Task, type TaskSource } from './task.ts';
import { notePermitted } from './task-permission.ts';
import { boundedPoll } from './task-run.ts';

/** Goes through the corridor again with this call, which is held until its question is answered or has run out. */
export type Resume = (arrived: Arrived, hold: Hold) => Promise<Answer>;

/** A call that waits as a task, and the question that it waits for. */
export interface Waiting {
  readonly task: Task;
  readonly kept: Kept;
  readonly attempt: Attempt;
  /** The action as its agent asked for it, where a person has made another of it since. */
  readonly own?: Action;
  readonly control?: Pick<CallControl, 'logLevel'>;
}

/**
 * A call that waits for people and goes on as a task: its client need not keep a request open. Once they have said yes it
 * is decided again and executed as any held call is, once, and the task has its answer. Its client is told of it when it
 * is durable, and a restart takes it up (held-task-cell.ts).
 */
export async function waitAsTask(
  rooms: Rooms,
  { attempt, generation, control }: Arrived,
  { action, brings }: Prepared,
  kept: Kept,
  resume: Resume,
): Promise<Answer> {
  const { approval } = kept;
  const leftMs = Math.max(0, approval.expiresAtMs - rooms.clock.now());
  const task = new Task(
    {
      // To be told how it stands needs no yes; to run does, and what runs is the resumed call.
      action: { ...action, approved: { reviews: approval.reviews, policy: approval.policy } },
      brings,
      generation,
      createdMs: rooms.clock.now(),
      ttlMs: Math.min(leftMs + LIMITS.taskTtlMs.usual, LIMITS.taskTtlMs.most),
      pollMs: boundedPoll(null),
    },
    () => rooms.clock.now(),
  );
  const { asTask: _wish, continues: _state, ...plain } = attempt;
  const own = kept.edited === undefined ? action : ownAction(rooms, plain, generation, kept);
  if (own === null) return { kind: 'denied', action: action.id, decision: denied(problem('EDIT_UNFIT')) };
  const waiting = { task, kept, attempt: plain satisfies Attempt, own, control };
  // Counted from here on: of many that come at once only so many become tasks.
  addTask(rooms, task);
  const unrecorded = await recordWaiting(rooms, waiting);
  if (unrecorded !== null) {
    const answer = { kind: 'denied', action: action.id, decision: denied(unrecorded) } as const;
    task.end(answer);
    // The store may have kept it after all.
    void recordEnded(rooms, waiting, unrecorded.code);
    return answer;
  }
  waitOn(rooms, waiting, resume);
  return { kind: 'task', action: action.id, task: task.view };
}

/** The agent's own call, as the question was asked about it; null where it is not that any more. */
function ownAction(rooms: Rooms, attempt: Attempt, generation: Generation, { asked }: Kept): Action | null {
  const prepared = prepare(rooms, rooms.inForce(), attempt, generation);
  return prepared.kind === 'refused' ? null : continuing(prepared.action, asked);
}

/** Found by its client from here on, until its time is over. */
export function addTask(rooms: Rooms, task: Task): void {
  notePermitted(rooms, task);
  const expired = problem('TASK_EXPIRED', { upstream: task.action.upstream });
  rooms.tasks.add(task, true, () => void task.source?.cancel(expired));
}

/** `ready`: what must be there before it can run; a question that is open is waited for after that. */
export function waitOn(
  rooms: Rooms,
  { task, kept, attempt, control = {} }: Waiting,
  resume: Resume,
  ready?: Promise<void>,
): void {
  const { approval } = kept;
  const { generation } = task;
  const over = new AbortController();
  const held: Arrived = {
    attempt,
    generation,
    control: {
      signal: over.signal,
      ...(control.logLevel === undefined ? {} : { logLevel: control.logLevel }),
      can: CAN_NOTHING,
    },
  };
  const hold: Hold = {
    ...holdOf(rooms, held),
    untilMs: rooms.clock.monotonicMs() + Math.max(0, approval.expiresAtMs - rooms.clock.now()),
    isTask: true,
    wasSentToPage: true,
    question: kept,
  };
  const source = new HeldTask(rooms, task, { kept, hold, over });
  const { id } = task.action;
  const page = rooms.approvals.electorate.pageOf(approval.id);
  task.say(`Waiting for a person to answer (${approval.id})${page === null ? '' : `: ${page}`}`);
  const going =
    ready === undefined
      ? resume(held, hold)
      : afterAnswer(rooms, kept, hold, ready).then(() => resume(held, hold));
  going.then(
    (answer) => source.end(answer),
    (error: unknown) => {
      rooms.report(`a call that waited as a task met a fault: ${String(error)}`);
      source.end({ kind: 'failed', action: id, problem: problem('INTERNAL') });
    },
  );
}

/** After a restart its upstream may be long in coming: it is looked for when there is an answer. */
async function afterAnswer(rooms: Rooms, kept: Kept, hold: Hold, ready: Promise<void>): Promise<void> {
  const { approvals, clock } = rooms;
  const { signal } = hold.control;
  await ready;
  while (kept.approval.phase === 'open' && !approvals.isApproved(kept)) {
    if (clock.monotonicMs() >= hold.untilMs || signal.aborted || approvals.isStopped) return;
    await approvals.wait(kept, hold.untilMs, signal, () => undefined);
  }
}

/** What moves the task is the resumed call; nothing is asked of its client. */
class HeldTask implements TaskSource {
  readonly #rooms: Rooms;
  readonly #task: Task;
  readonly #kept: Kept;
  readonly #hold: Hold;
  readonly #over: AbortController;
  #cancelled: Problem | null = null;

  constructor(
    rooms: Rooms,
    task: Task,
    { kept, hold, over }: { readonly kept: Kept; readonly hold: Hold; readonly over: AbortController },
  ) {
    this.#rooms = rooms;
    this.#task = task;
    this.#kept = kept;
    this.#hold = hold;
    this.#over = over;
    task.source = this;
    const { ofRun, token } = task.action;
    const leave = rooms.endsWithToken.add(ofRun ?? token, () => void this.cancel(tokenEnded(task.action)));
    void task.ended.then(leave);
  }

  /** After an apply the call asks anew by the new rules: its client may be told how that question stands. */
  get approved(): Action['approved'] {
    const { reviews, policy } = (this.#hold.question ?? this.#kept).approval;
    return { reviews, policy };
  }

  async look(): Promise<void> {}

  async answer(_answers: JsonObject): Promise<void> {}

  async said(_key: string, _said: Said): Promise<void> {}

  /**
   * Nobody needs to answer any more, but where only a token is gone: the question is its agent's, and the same call by
   * another token goes on with it. What runs already is cancelled as any call is.
   */
  async cancel(why: Problem): Promise<void> {
    this.#cancelled ??= why;
    this.#over.abort();
    if (why.code !== 'TOKEN_ENDED') this.#rooms.approvals.cancel(this.#kept, 'needless');
    await this.#task.ended;
  }

  end(answer: Answer): void {
    this.#task.end(answer, this.#cancelled !== null);
    // A stop ends no task: the next start takes it up.
    if (!this.#rooms.approvals.isStopped)
      void recordEnded(this.#rooms, { task: this.#task, kept: this.#kept }, this.#codeOf(answer));
  }

  /** Why nothing came of the call; null where it ran to an answer. */
  #codeOf(answer: Answer): ErrorCode | null {
    const code = endCodeOf(answer);
    return code === null ? null : (this.#cancelled?.code ?? code);
  }
}
