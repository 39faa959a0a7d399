import { type Problem, problem } from '../../base/errors.ts';
import { isJsonObject, type Json, type JsonObject, setKey } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { readAskAnswer } from '../../intake/ask.ts';
import { type Asked, closeAsk, relayAsk, rootsAnswer } from '../asks/ask.ts';
import { admitOne } from '../asks/pause.ts';
import type { Said } from '../ports/answer.ts';
import type { AskReply } from '../ports/upstream.ts';
import type { Rooms } from '../rooms.ts';
import type { Running } from './task-upstream.ts';

/**
 * What the upstream of a task asks while it runs, until somebody has answered for its client. In 2026-07-28 it stands in
 * the task and the answers go up by the corridor; in 2025-11-25 it comes while we wait for the result, and is answered there.
 */
export class TaskInput {
  readonly #rooms: Rooms;
  readonly #running: Running;
  readonly #onLate: (why: Problem) => void;
  readonly #over = new AbortController();
  /** Asks that the upstream waits for in a call of ours (2025-11-25). */
  readonly #waiting = new Map<string, (said: Said) => void>();
  /** Keys that were asked already: a key means one request for the life of a task. */
  readonly #known = new Set<string>();
  #asks = 0;

  /** `onLate`: nobody answered in time. */
  constructor(rooms: Rooms, running: Running, onLate: (why: Problem) => void) {
    this.#rooms = rooms;
    this.#running = running;
    this.#onLate = onLate;
  }

  /** Aborted once nothing is asked any more. */
  get signal(): AbortSignal {
    return this.#over.signal;
  }

  /**
   * 2026-07-28: each new request is an action of its own. Resolves to the answers that need nobody; refused as the first
   * that is denied, which ends the task as it would the call. Nothing more is asked once `isOver`.
   */
  async take(requests: JsonObject, isOver: () => boolean): Promise<Result<JsonObject, Problem>> {
    const { action } = this.#running.task;
    const roots: Record<string, Json> = {};
    for (const [key, request] of Object.entries(requests)) {
      if (this.#known.has(key)) continue;
      this.#known.add(key);
      if (this.#known.size > LIMITS.asksPerCall)
        return err(problem('TOO_MANY_ASKS', { upstream: action.upstream, limit: LIMITS.asksPerCall }));
      const admitted = await admitOne(this.#rooms, action, this.#running.can, key, request);
      if (!admitted.ok) return admitted;
      const asked = admitted.value;
      if (isOver()) {
        await closeAsk(this.#rooms, asked, err(problem('ASK_UNANSWERED')));
        return ok({});
      }
      if (asked.ask.method === 'roots/list') {
        const answer = rootsAnswer(asked.inForce.upstreams.get(action.upstream)?.place.roots ?? []);
        await closeAsk(this.#rooms, asked, ok(answer));
        setKey(roots, key, answer);
      } else this.#put(key, asked);
    }
    return ok(roots);
  }

  #put(key: string, asked: Asked): void {
    const open = this.#running.task.ask(key, asked);
    const late = setTimeout(() => this.#onLate(problem('ASK_UNANSWERED')), LIMITS.askMs).unref();
    open.over.signal.addEventListener('abort', () => clearTimeout(late), { once: true });
  }

  /** 2025-11-25: what the upstream asks in a call of ours waits here for whoever answers for the client. */
  relay(method: string, params: JsonObject, signal: AbortSignal): Promise<AskReply> {
    const { task, can } = this.#running;
    const ask = (asked: Asked, over: AbortSignal): Promise<Said> => {
      const { promise, resolve } = Promise.withResolvers<Said>();
      const key = `ask-${++this.#asks}`;
      this.#waiting.set(key, resolve);
      task.ask(key, asked);
      over.addEventListener('abort', () => this.#tell(key, { kind: 'gone' }), { once: true });
      return promise;
    };
    const what = { method, params, signal: AbortSignal.any([signal, this.signal]) };
    return relayAsk(this.#rooms, task.action, { can, ask }, what);
  }

  /** The client's answers, by key, each read already. Resolves to those that go up by the corridor. */
  async answered(answers: JsonObject): Promise<JsonObject> {
    const { task, spoken } = this.#running;
    const taken: Record<string, Json> = {};
    const closed: Promise<unknown>[] = [];
    for (const [key, result] of Object.entries(answers)) {
      const open = task.asks.get(key);
      // Somebody else was quicker: it is answered once.
      if (open === undefined || !isJsonObject(result)) continue;
      if (spoken === '2025') {
        this.#tell(key, { kind: 'result', result });
        continue;
      }
      task.unask(key);
      setKey(taken, key, result);
      closed.push(closeAsk(this.#rooms, open.asked, ok(result)));
    }
    await Promise.all(closed);
    return taken;
  }

  /** What a client of the older generation said to one of them; as `answered`, or why the task cannot go on. */
  async said(key: string, said: Said): Promise<Result<JsonObject, Problem>> {
    const open = this.#running.task.asks.get(key);
    if (open === undefined || said.kind === 'gone') return ok({});
    if (this.#running.spoken === '2025') {
      this.#tell(key, said);
      return ok({});
    }
    const failed = (why: string) => err(problem('ASK_FAILED', { what: 'input', why }));
    if (said.kind === 'error') return failed(said.error.message);
    const read = readAskAnswer(open.asked.ask.method, said.result);
    if (!read.ok) return failed(`it ${read.error}`);
    return ok(await this.answered({ [key]: read.value }));
  }

  #tell(key: string, said: Said): void {
    const tell = this.#waiting.get(key);
    this.#waiting.delete(key);
    this.#running.task.unask(key);
    tell?.(said);
  }

  /** Nothing is asked any more: what nobody has answered ends so. */
  async close(why: Problem): Promise<void> {
    const { task, spoken } = this.#running;
    this.#over.abort();
    for (const [key, { asked }] of [...task.asks]) {
      task.unask(key);
      if (spoken === '2026') await closeAsk(this.#rooms, asked, err(why));
    }
  }
}
