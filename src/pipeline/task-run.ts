import { type Problem, problem } from '../base/errors.ts';
import { isJsonObject, type Json, type JsonObject, setKey } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import { ok } from '../base/result.ts';
import { readAskAnswer } from '../intake/ask.ts';
import { RELATED_TASK, readTask, type UpstreamTask } from '../intake/upstream-task.ts';
import type { ClientCan } from '../model/ask.ts';
import { type Asked, closeAsk, relayAsk, rootsAnswer } from './ask.ts';
import { cleanTexts } from './ask-text.ts';
import type { InForce } from './in-force.ts';
import { admitOne, endCall } from './pause.ts';
import type { Answer, AskReply, Generation, Reply, Said, UpstreamSession } from './ports.ts';
import type { Rooms } from './rooms.ts';
import { type Ending, settle } from './settle.ts';
import type { OpenAsk, Task, TaskSource } from './task.ts';
import { whyNotNow } from './why-not-now.ts';

/** What runs at an upstream, and how to know it again. */
export interface Running {
  readonly task: Task;
  /** The upstream's own id, which the client never sees, and the generation in which it was made. */
  readonly upstreamTask: string;
  readonly spoken: Generation;
  /** What the client of the call can be asked. */
  readonly can: ClientCan;
  readonly inForce: InForce;
}

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
 * end is recorded when it comes. A stop, an agent that is gone, the end of its time and what may not be asked cancel it
 * there. In 2026-07-28 the upstream says on a look what it asks and what came of it, in 2025-11-25 on `tasks/result`.
 */
class TaskRun implements TaskSource {
  readonly #rooms: Rooms;
  readonly #running: Running;
  readonly #goOn: GoOn;
  readonly #over = new AbortController();
  readonly #deaf: () => void;
  /** Asks that the upstream waits for in a call of ours (2025-11-25). */
  readonly #waiting = new Map<string, (said: Said) => void>();
  /** Keys that were asked already: a key means one request for the life of a task. */
  readonly #known = new Set<string>();
  #looking: Promise<void> | null = null;
  #lookedMs = Number.NEGATIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;
  #strikes = 0;
  #asks = 0;
  #isEnding = false;
  #isFetching = false;
  #heardOn: UpstreamSession | null = null;
  #unhear: () => void = () => undefined;

  constructor(rooms: Rooms, running: Running, goOn: GoOn) {
    this.#rooms = rooms;
    this.#running = running;
    this.#goOn = goOn;
    const { action } = running.task;
    const cut = () => this.cancel(problem('STOPPED'));
    this.#deaf = rooms.halt.register({ kind: 'task', name: action.id, about: action, cut });
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

  async answer(answers: JsonObject): Promise<void> {
    const { task, spoken } = this.#running;
    if (spoken === '2026') return this.#send(answers);
    for (const [key, result] of Object.entries(answers)) {
      const said = this.#waiting.get(key);
      task.unask(key);
      if (isJsonObject(result)) said?.({ kind: 'result', result });
    }
  }

  async said(key: string, said: Said): Promise<void> {
    const { task, spoken } = this.#running;
    const open = task.asks.get(key);
    if (open === undefined || said.kind === 'gone') return;
    if (spoken === '2025') {
      const tell = this.#waiting.get(key);
      task.unask(key);
      tell?.(said);
      return;
    }
    if (said.kind === 'error')
      return this.#fail(problem('ASK_FAILED', { what: 'input', why: said.error.message }));
    const read = readAskAnswer(open.asked.ask.method, said.result);
    if (!read.ok) return this.#fail(problem('ASK_FAILED', { what: 'input', why: `it ${read.error}` }));
    return this.#send({ [key]: read.value });
  }

  async cancel(why: Problem): Promise<void> {
    if (this.#isEnding) return void (await this.#running.task.ended);
    this.#isEnding = true;
    await this.#cancelThere();
    // What it says of itself then is what is recorded: it may have been over before. After a stop nothing is asked any more.
    const last = why.code === 'STOPPED' ? null : await this.#askThere('tasks/get').catch(() => null);
    const ending = last === null ? null : await this.#endingOf(last);
    await this.#settle(ending ?? { kind: 'lost', problem: why }, ending === null);
  }

  /** What is recorded of it, where this says that it is over and how it went. */
  async #endingOf(reply: Reply): Promise<Ending | null> {
    const seen = reply.kind === 'result' ? readTask(reply.result, this.#running.spoken) : null;
    if (seen?.ok !== true) return null;
    const { status, result, error } = seen.value;
    if (status !== 'completed' && status !== 'failed') return null;
    if (result !== undefined) return { kind: 'result', result: withoutRelation(result) };
    if (error !== undefined) return { kind: 'error', error };
    return this.#fetch().catch(() => null);
  }

  async #look(): Promise<void> {
    if (this.#stopped()) return this.cancel(problem('STOPPED'));
    const reply = await this.#askThere('tasks/get');
    if (reply === null || this.#isEnding) return;
    const { upstream } = this.#running.task.action;
    if (reply.kind === 'error' && NOT_FOUND.has(reply.error.code))
      return this.#end({ kind: 'lost', problem: problem('TASK_LOST', { upstream }) });
    // Not now: it is looked at again, for as long as it has time.
    if (reply.kind === 'lost' || reply.kind === 'not-sent') return;
    const seen = reply.kind === 'result' ? readTask(reply.result, this.#running.spoken) : null;
    if (seen?.ok === true && seen.value.id === this.#running.upstreamTask) {
      this.#strikes = 0;
      return this.#take(seen.value, reply);
    }
    if (++this.#strikes < LIMITS.taskStrikes) return;
    await this.#end({ kind: 'lost', problem: problem('TASK_LOST', { upstream }) });
  }

  async #take(seen: UpstreamTask, reply: Reply): Promise<void> {
    const { task, spoken } = this.#running;
    if (seen.pollMs !== null) task.pollMs = boundedPoll(seen.pollMs);
    this.#say(seen.message);
    if (seen.status === 'working') return;
    if (seen.status === 'input_required')
      return spoken === '2026' ? this.#ask(seen.requests ?? {}) : this.#listen();
    if (seen.status === 'cancelled') {
      const { upstream } = task.action;
      return this.#end({ kind: 'lost', problem: problem('CANCELLED', { upstream }) }, true);
    }
    const ending = await this.#endingOf(reply);
    if (ending !== null) await this.#end(ending);
  }

  /** 2025-11-25: what it asks comes, and what came of it is told, while somebody waits for its result. */
  #listen(): void {
    if (this.#isFetching) return;
    void this.#fetch()
      .then((ending) => (ending === null ? undefined : this.#end(ending)))
      .catch((error: unknown) => this.#rooms.report(`the result of a task met a fault: ${String(error)}`));
  }

  /** Null: it could not be had now. */
  async #fetch(): Promise<Ending | null> {
    if (this.#isFetching) return null;
    this.#isFetching = true;
    try {
      const reply = await this.#askThere('tasks/result');
      if (reply?.kind === 'error') return reply;
      return reply?.kind === 'result' ? { kind: 'result', result: withoutRelation(reply.result) } : null;
    } finally {
      this.#isFetching = false;
    }
  }

  /** 2026-07-28: each new request is an action of its own. One that is denied ends the task, as it would the call. */
  async #ask(requests: JsonObject): Promise<void> {
    const { task, can } = this.#running;
    const { action } = task;
    const roots: Record<string, Json> = {};
    for (const [key, request] of Object.entries(requests)) {
      if (this.#known.has(key)) continue;
      this.#known.add(key);
      if (this.#known.size > LIMITS.asksPerCall)
        return this.#fail(problem('TOO_MANY_ASKS', { upstream: action.upstream, limit: LIMITS.asksPerCall }));
      const admitted = await admitOne(this.#rooms, action, can, key, request);
      if (!admitted.ok) return this.#fail(admitted.error);
      if (this.#isEnding)
        return void (await closeAsk(this.#rooms, admitted.value, { ok: false, error: OVER }));
      if (admitted.value.ask.method === 'roots/list') {
        const answer = rootsAnswer(admitted.value.inForce.upstreams.get(action.upstream)?.place.roots ?? []);
        await closeAsk(this.#rooms, admitted.value, ok(answer));
        setKey(roots, key, answer);
      } else this.#put(key, admitted.value);
    }
    if (Object.keys(roots).length > 0) await this.#carryOn(roots);
  }

  #put(key: string, asked: Asked): OpenAsk {
    const open = this.#running.task.ask(key, asked);
    const late = setTimeout(() => void this.#fail(OVER), LIMITS.askMs).unref();
    open.over.signal.addEventListener('abort', () => clearTimeout(late), { once: true });
    return open;
  }

  /** 2025-11-25: what the upstream asks in a call of ours waits here for whoever answers for the client. */
  readonly #onAsk = (method: string, params: JsonObject, signal: AbortSignal): Promise<AskReply> => {
    const { task, can } = this.#running;
    const put = (asked: Asked, over: AbortSignal): Promise<Said> =>
      new Promise((resolve) => {
        const key = `ask-${++this.#asks}`;
        const settled = (said: Said) => {
          this.#waiting.delete(key);
          resolve(said);
        };
        this.#waiting.set(key, settled);
        task.ask(key, asked);
        over.addEventListener(
          'abort',
          () => {
            task.unask(key);
            settled({ kind: 'gone' });
          },
          { once: true },
        );
      });
    return relayAsk(
      this.#rooms,
      task.action,
      { can, ask: put },
      { method, params, signal: AbortSignal.any([signal, this.#over.signal]) },
    );
  };

  /** 2026-07-28: the answers go to the upstream by the corridor. */
  async #send(answers: JsonObject): Promise<void> {
    const { task } = this.#running;
    const taken: Record<string, Json> = {};
    const closed: Promise<unknown>[] = [];
    for (const [key, value] of Object.entries(answers)) {
      const open = task.asks.get(key);
      // Somebody else was quicker: it is answered once.
      if (open === undefined || !isJsonObject(value)) continue;
      task.unask(key);
      setKey(taken, key, value);
      closed.push(closeAsk(this.#rooms, open.asked, ok(value)));
    }
    await Promise.all(closed);
    if (closed.length > 0) await this.#carryOn(taken);
  }

  async #carryOn(answers: JsonObject): Promise<void> {
    if (this.#isEnding) return;
    const end = await this.#goOn(this.#rooms, this.#running, answers, () => this.#isEnding);
    if (end === null || this.#isEnding) return;
    this.#isEnding = true;
    await this.#cancelThere();
    await this.#finish(await end());
  }

  /** It cannot go on for a reason of ours: it is cancelled there, and has failed. */
  async #fail(why: Problem): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    await this.#cancelThere();
    await this.#closeAsks(why);
    await this.#finish(await endCall(this.#rooms, this.#running.task.action, why));
  }

  async #end(ending: Ending, isCancelled = false): Promise<void> {
    if (this.#isEnding) return;
    this.#isEnding = true;
    await this.#settle(ending, isCancelled);
  }

  async #settle(ending: Ending, isCancelled: boolean): Promise<void> {
    const { task, inForce } = this.#running;
    await this.#closeAsks(OVER);
    const more = this.#rooms.marks.unforeseen(task.action.id);
    task.brings = [...new Set([...task.brings, ...more])];
    await this.#finish(await settle(this.#rooms, task.action, ending, inForce), isCancelled);
  }

  async #finish(answer: Answer, isCancelled = false): Promise<void> {
    this.#over.abort();
    await this.#closeAsks(OVER);
    this.#running.task.end(answer, isCancelled);
  }

  async #closeAsks(why: Problem): Promise<void> {
    const { task, spoken } = this.#running;
    this.#over.abort();
    for (const [key, { asked }] of [...task.asks]) {
      task.unask(key);
      if (spoken === '2026') await closeAsk(this.#rooms, asked, { ok: false, error: why });
    }
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

  async #cancelThere(): Promise<void> {
    await this.#askThere('tasks/cancel').catch(() => null);
  }

  /** Null: there is no session to ask in now. */
  async #askThere(method: 'tasks/get' | 'tasks/result' | 'tasks/cancel'): Promise<Reply | null> {
    const { task, spoken, upstreamTask, can } = this.#running;
    const { agent, session } = task.action;
    const opened = await this.#rooms.upstreams.get(task.action.upstream)?.session(agent, spoken);
    if (opened?.ok !== true) return null;
    this.#hearOn(opened.value);
    const asking = method === 'tasks/result' ? { onAsk: this.#onAsk, asker: `${agent} ${session}` } : {};
    const signal = method === 'tasks/result' ? { signal: this.#over.signal } : {};
    return opened.value.askTask({ method, id: upstreamTask, can, ...asking, ...signal });
  }

  /** What the upstream says of it unasked is a reason to look, and no more. */
  #hearOn(session: UpstreamSession): void {
    if (session === this.#heardOn || this.#running.task.isOver) return;
    this.#unhear();
    this.#heardOn = session;
    this.#unhear = session.hearTask(this.#running.upstreamTask, () => void this.look());
  }

  #stopped(): boolean {
    const { action } = this.#running.task;
    return whyNotNow(this.#rooms, action.agent, action) !== null;
  }

  #close(): void {
    clearTimeout(this.#timer);
    this.#unhear();
    this.#deaf();
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

/** The upstream's own id of the task stays here. */
function withoutRelation(result: JsonObject): JsonObject {
  const { _meta: meta } = result;
  if (!isJsonObject(meta) || !Object.hasOwn(meta, RELATED_TASK)) return result;
  const { [RELATED_TASK]: _, ...kept } = meta;
  return { ...result, _meta: kept };
}
