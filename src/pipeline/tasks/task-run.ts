import { setTimeout as wait } from 'node:timers/promises';
import { type Problem, problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Result } from '../../base/result.ts';
import type { UpstreamTask } from '../../intake/upstream-task.ts';
import { tokenEnded } from '../action/sending.ts';
import { whyNotNow } from '../action/why-not-now.ts';
import type { Answer, Said } from '../ports/answer.ts';
import { cleanTexts } from '../recording/ask-text.ts';
import { type Ending, endCall, settle } from '../recording/settle.ts';
import type { Rooms } from '../rooms.ts';
import type { TaskSource } from './task.ts';
import { TaskInput } from './task-input.ts';
import { type Running, TaskUpstream } from './task-upstream.ts';

/**
 * Sends what the client answered, as the same action: decided again, and recorded before. Nothing is recorded or sent once
 * `isOver`. Null: the task goes on; else how it ends now.
 */
export type GoOn = (
  rooms: Rooms,
  running: Running,
  responses: JsonObject,
  isOver: () => boolean,
) => Promise<(() => Promise<Answer>) | null>;

const NOT_FOUND: ReadonlySet<number> = new Set([-32601, -32602]);
const OVER = problem('ASK_UNANSWERED');

/**
 * A task that an upstream runs. Lanyard looks for itself how it is, again and again, whether or not its client does: the
 * end is recorded when it comes. A stop, an agent or a token that is gone, the end of its time and what may not be asked
 * cancel it there. In 2026-07-28 the upstream says on a look what it asks and what came of it, in 2025-11-25 on `tasks/result`.
 */
class TaskRun implements TaskSource {
  readonly #rooms: Rooms;
  readonly #running: Running;
  readonly #goOn: GoOn;
  readonly #upstream: TaskUpstream;
  readonly #input: TaskInput;
  readonly #leaving: readonly (() => void)[];
  #looking: Promise<void> | null = null;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #unreadable = 0;
  #isEnding = false;

  constructor(rooms: Rooms, running: Running, goOn: GoOn) {
    this.#rooms = rooms;
    this.#running = running;
    this.#goOn = goOn;
    this.#input = new TaskInput(rooms, running, (why) => void this.#fail(why));
    const { signal } = this.#input;
    const onAsk: TaskInput['relay'] = (method, params, over) => this.#input.relay(method, params, over);
    // What the upstream says of it unasked is a reason to look, and no more.
    this.#upstream = new TaskUpstream(rooms, running, { onAsk, signal }, () => void this.look());
    const { action } = running.task;
    const cut = () => this.cancel(problem('STOPPED'));
    this.#leaving = [
      rooms.halt.register({ kind: 'task', name: action.id, about: action, cut }),
      rooms.endsWithToken.add(action.ofRun ?? action.token, () => void this.cancel(tokenEnded(action))),
    ];
    running.task.source = this;
    void running.task.ended.then(() => this.#close());
  }

  /** Begins to look, unasked, whenever it is time to. */
  begin(): void {
    clearTimeout(this.#timer);
    if (this.#isEnding || this.#rooms.tasks.isStopped) return;
    this.#timer = setTimeout(() => void this.#lookNow(), this.#running.task.pollMs).unref();
  }

  /** A client that asks more often than the upstream may be asked is told what was seen last. */
  look(): Promise<void> {
    const sinceMs = this.#rooms.clock.monotonicMs() - this.#lookedMs;
    if (this.#looking === null && sinceMs < LIMITS.taskPollMs.least) return Promise.resolve();
    return this.#lookNow();
  }

  #lookNow(): Promise<void> {
    if (this.#looking !== null) return this.#looking;
    const { clock, report, tasks } = this.#rooms;
    if (this.#isEnding || tasks.isStopped) return Promise.resolve();
    this.#looking = this.#look()
      .catch((error: unknown) => report(`a look at a task met a fault: ${String(error)}`))
      .finally(() => {
        this.#looking = null;
        this.#lookedMs = clock.monotonicMs();
        this.begin();
      });
    return this.#looking;
  }

  async #look(): Promise<void> {
    if (this.#stopped()) return this.cancel(problem('STOPPED'));
    const reply = await this.#upstream.look();
    if (reply === null || this.#isEnding) return;
    if (reply.kind === 'error' && NOT_FOUND.has(reply.error.code)) return this.#lost();
    // Not now: it is looked at again, for as long as it has time.
    if (reply.kind === 'lost' || reply.kind === 'not-sent') return;
    // Nobody can ask for it any more (after a restart no run is there); its upstream answers, so it can be cancelled there.
    if (!this.#hasToken()) return this.cancel(tokenEnded(this.#running.task.action));
    const seen = this.#upstream.read(reply);
    if (seen !== null) {
      this.#unreadable = 0;
      return this.#take(seen);
    }
    if (++this.#unreadable >= LIMITS.taskUnreadableLooks) await this.#lost();
  }

  async #take(seen: UpstreamTask): Promise<void> {
    const { task, spoken } = this.#running;
    if (seen.pollMs !== null) task.pollMs = boundedPoll(seen.pollMs);
    this.#say(seen.message);
    switch (seen.status) {
      case 'working':
        return;
      case 'input_required':
        if (spoken === '2025') return this.#listen();
        return this.#carryOn(await this.#input.take(seen.requests ?? {}, () => this.#isEnding));
      case 'cancelled': {
        const { upstream } = task.action;
        return this.#end({ kind: 'lost', problem: problem('CANCELLED', { upstream }) }, true);
      }
      default:
        return this.#endIf(await this.#upstream.endingOf(seen));
    }
  }

  /** 2025-11-25: what it asks comes, and what came of it is told, while somebody waits for its result. */
  #listen(): void {
    void this.#upstream
      .result()
      .then((ending) => this.#endIf(ending))
      .catch((error: unknown) => this.#rooms.report(`the result of a task met a fault: ${String(error)}`));
  }

  async answer(answers: JsonObject): Promise<void> {
    await this.#carryOn({ ok: true, value: await this.#input.answered(answers) });
  }

  async said(key: string, said: Said): Promise<void> {
    await this.#carryOn(await this.#input.said(key, said));
  }

  /** The answers that are there go to the upstream by the corridor. */
  async #carryOn(answers: Result<JsonObject, Problem>): Promise<void> {
    if (!answers.ok) return this.#fail(answers.error);
    if (this.#isEnding || Object.keys(answers.value).length === 0) return;
    const end = await this.#goOn(this.#rooms, this.#running, answers.value, () => this.#isEnding);
    if (end === null || this.#isEnding) return;
    this.#isEnding = true;
    await this.#upstream.cancel();
    await this.#finish(await end());
  }

  async cancel(why: Problem): Promise<void> {
    if (this.#isEnding) return void (await this.#running.task.ended);
    this.#isEnding = true;
    const cancelled = this.#upstream.cancel();
    if (why.code === 'STOPPED') {
      // Its upstream has heard of it when the stop returns, but no stop depends on what an upstream answers.
      await Promise.race([cancelled, wait(LIMITS.stopWordMs, undefined, { ref: false })]);
      return this.#settle({ kind: 'lost', problem: why }, true);
    }
    await cancelled;
    // What it says of itself then is what is recorded: it may have been over before.
    const last = await this.#upstream.look().catch(() => null);
    const seen = last === null ? null : this.#upstream.read(last);
    const ending = seen === null ? null : await this.#upstream.endingOf(seen);
    await this.#settle(ending ?? { kind: 'lost', problem: why }, ending === null);
  }

  /** It cannot go on for a reason of ours: it is cancelled there, and has failed. */
  async #fail(why: Problem): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    await this.#upstream.cancel();
    await this.#input.close(why);
    await this.#finish(await endCall(this.#rooms, this.#running.task.action, why));
  }

  #lost(): Promise<void> {
    const { upstream } = this.#running.task.action;
    return this.#end({ kind: 'lost', problem: problem('TASK_LOST', { upstream }) });
  }

  async #endIf(ending: Ending | null): Promise<void> {
    if (ending !== null) await this.#end(ending);
  }

  async #end(ending: Ending, isCancelled = false): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    await this.#settle(ending, isCancelled);
  }

  async #settle(ending: Ending, isCancelled: boolean): Promise<void> {
    const { task, inForce } = this.#running;
    await this.#input.close(OVER);
    const more = this.#rooms.marks.unforeseen(task.action.id);
    task.brings = [...new Set([...task.brings, ...more])];
    await this.#finish(await settle(this.#rooms, task.action, ending, inForce), isCancelled);
  }

  async #finish(answer: Answer, isCancelled = false): Promise<void> {
    await this.#input.close(OVER);
    this.#running.task.end(answer, isCancelled);
  }

  /** Words of an upstream, which whoever is shown them has read. */
  #say(message: string | null): void {
    const { task } = this.#running;
    if (message === null) {
      task.say(null);
      return;
    }
    this.#rooms.marks.told(task.action.id, ['untrusted']);
    task.say(String(cleanTexts(this.#rooms.redactor.redact(this.#rooms.scrubber.scrub(message)))));
  }

  #stopped(): boolean {
    const { action } = this.#running.task;
    return whyNotNow(this.#rooms, action.agent, action) !== null;
  }

  #hasToken(): boolean {
    const { ofRun, token } = this.#running.task.action;
    const needed = ofRun ?? token;
    return needed === null || this.#rooms.isLive(needed);
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#upstream.close();
    for (const leave of this.#leaving) leave();
  }
}

/** Puts it under watch, until its end or that of its time. */
export function follow(rooms: Rooms, running: Running, isShown: boolean, goOn: GoOn): void {
  const { task } = running;
  const run = new TaskRun(rooms, running, goOn);
  const { upstream } = task.action;
  rooms.tasks.add(task, isShown, () => void run.cancel(problem('TASK_EXPIRED', { upstream })));
  run.begin();
}

export function boundedPoll(pollMs: number | null): number {
  const { least, usual, most } = LIMITS.taskPollMs;
  return Math.min(Math.max(pollMs ?? usual, least), most);
}
