import { Cancel } from '../../base/cancel.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { canPause } from '../../intake/input-required.ts';
import type { Action } from '../../model/action.ts';
import { CAN_NOTHING, type ClientCan } from '../../model/ask.ts';
import type { AskedClient } from '../action/execute-control.ts';
import type { InForce } from '../in-force.ts';
import type { Answer, Said } from '../ports/answer.ts';
import type { CallControl, Generation } from '../ports/call.ts';
import type { OrderMethod, Reply, UpstreamSession } from '../ports/upstream.ts';
import { endCall, settle } from '../recording/settle.ts';
import type { Rooms } from '../rooms.ts';
import type { Asked } from './ask.ts';

interface Waiting {
  readonly asked: Asked;
  readonly settle: (said: Said) => void;
}

/** Whether a call may have to be held: its upstream asks while it runs, and its client is asked by the answer. */
export function mayHold(
  session: UpstreamSession,
  generation: Generation,
  method: OrderMethod,
  { ask, can = CAN_NOTHING }: CallControl,
): boolean {
  if (generation !== '2026' || session.generation !== '2025' || ask !== undefined) return false;
  return canPause(method) && (can.form || can.url || can.sampling);
}

/**
 * One call of a client of 2026-07-28 at an upstream of the older generation. What the upstream asks on the way ends the
 * client's request, not the call: that stays in flight, and the client's next request goes on with it. Whoever holds it
 * ends it once, by `end` or by the upstream's own answer; what the log says of the end is written then, whether or not
 * a client is there to hear it.
 */
export class HeldCall implements AskedClient {
  readonly action: Action;
  readonly session: UpstreamSession;
  readonly #rooms: Rooms;
  readonly #inForce: InForce;
  readonly #cut = new Cancel();
  /** What the client was, or is to be, asked, by keys of ours. */
  readonly #waiting = new Map<string, Waiting>();
  /** Of the request that is, or was last, there. */
  #client: CallControl;
  #answer: Promise<Answer> | null = null;
  #isOver = false;
  /** Whether a request of the client is there. */
  #isAttended = false;
  #why: Problem | null = null;
  #before: Promise<unknown> = Promise.resolve();
  #wake: () => void = () => {};
  #keys = 0;

  constructor(
    rooms: Rooms,
    inForce: InForce,
    { action, session, control }: { action: Action; session: UpstreamSession; control: CallControl },
  ) {
    this.#rooms = rooms;
    this.#inForce = inForce;
    this.action = action;
    this.session = session;
    this.#client = control;
  }

  /** What the call is executed with: whoever asks last hears what comes on the way. */
  get control(): CallControl {
    const { onProgress, onMessage, logLevel } = this.#client;
    return {
      signal: this.#cut,
      ...(onProgress === undefined ? {} : { onProgress: (params) => this.#client.onProgress?.(params) }),
      ...(onMessage === undefined ? {} : { onMessage: (params) => this.#client.onMessage?.(params) }),
      ...(logLevel === undefined ? {} : { logLevel }),
    };
  }

  get can(): ClientCan {
    return this.#client.can ?? CAN_NOTHING;
  }

  /** The upstream's answer has come, and its end is recorded or being recorded. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Takes the reply that will come. Once. */
  run(reply: Promise<Reply>): void {
    this.#answer = this.#settle(reply);
  }

  /** How it ended, once that is durable. */
  answer(): Promise<Answer> {
    if (this.#answer === null) throw new Error('a held call was not run');
    return this.#answer;
  }

  /** Asks the client with its next answer. */
  ask(asked: Asked, signal: AbortSignal): Promise<Said> {
    return new Promise((resolve) => {
      const key = `ask-${++this.#keys}`;
      const settleWith = (said: Said) => {
        this.#waiting.delete(key);
        signal.removeEventListener('abort', gone);
        resolve(said);
      };
      const gone = () => settleWith({ kind: 'gone' });
      if (signal.aborted) {
        resolve({ kind: 'gone' });
        return;
      }
      signal.addEventListener('abort', gone, { once: true });
      this.#waiting.set(key, { asked, settle: settleWith });
      this.#wake();
    });
  }

  /**
   * Waits on behalf of one request of the client: for the end (null), or until the client is to be asked. A client that
   * goes away while its request waits cuts the call.
   */
  async next(control: CallControl): Promise<ReadonlyMap<string, Asked> | null> {
    this.#client = control;
    this.#isAttended = true;
    const cut = () => this.#cut.abort(control.signal.reason);
    control.signal.addEventListener('abort', cut, { once: true });
    if (control.signal.aborted) cut();
    while (this.#waiting.size === 0 && !this.#isOver)
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    control.signal.removeEventListener('abort', cut);
    if (this.#isOver) return null;
    this.#isAttended = false;
    return new Map([...this.#waiting].map(([key, { asked }]) => [key, asked]));
  }

  /** Does something before the end can be recorded, so that the log has it in this order. */
  beforeItsEnd<T>(work: () => Promise<T>): Promise<T> {
    this.#isAttended = true;
    const done = work();
    this.#before = done.catch(() => undefined);
    return done;
  }

  /** The client's answers go to the upstream; what it left unanswered is asked again. */
  respond(responses: JsonObject): void {
    for (const [key, { settle: settleWith }] of [...this.#waiting]) {
      const result = responses[key];
      if (isJsonObject(result)) settleWith({ kind: 'result', result });
    }
  }

  /** Cuts the call. What the upstream did is not known, unless it had answered before. */
  end(why: Problem): Promise<Answer> {
    this.#why ??= why;
    this.#cut.abort();
    return this.answer();
  }

  async #settle(coming: Promise<Reply>): Promise<Answer> {
    const reply = await coming;
    for (let before: unknown = null; before !== this.#before; ) {
      before = this.#before;
      await before;
    }
    this.#isOver = true;
    this.#wake();
    const wasAttended = this.#isAttended;
    const answer = await this.#record(reply);
    return wasAttended ? answer : this.#kept(answer);
  }

  /** What is kept for a client that may never come is bounded; its digest is in the log all the same. */
  #kept(answer: Answer): Answer {
    if (answer.kind !== 'result' && answer.kind !== 'error') return answer;
    const limit = LIMITS.heldAnswerLength;
    if (JSON.stringify(answer).length <= limit) return answer;
    const { id, upstream } = this.action;
    const large = problem('UPSTREAM_ANSWER_TOO_LARGE', { upstream, limit });
    return { kind: 'failed', action: id, problem: large };
  }

  async #record(reply: Reply): Promise<Answer> {
    const [rooms, action] = [this.#rooms, this.action];
    if (this.#why !== null) return endCall(rooms, action, this.#why, 'unknown');
    try {
      if (reply.kind !== 'input-required' && reply.kind !== 'task')
        return await settle(rooms, action, reply, this.#inForce);
      const what = 'it asks for input in words of another version';
      return await endCall(rooms, action, problem('UPSTREAM_FAILED', { upstream: action.upstream, what }));
    } catch (error) {
      rooms.report(`action ${action.id} of ${action.agent} met a fault: ${String(error)}`);
      return endCall(rooms, action, problem('INTERNAL'));
    }
  }
}
