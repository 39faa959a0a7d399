import { type Problem, problem } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import { LIMITS } from '../../../base/limits.ts';
import type { Reply } from '../../../pipeline/ports/upstream.ts';
import type { Call } from './channel.ts';
import { progressParams } from './frame.ts';
import { notSent } from './reply.ts';

export interface RunningOwner {
  /** A call that was sent is cancelled or timed out: the upstream should hear of it. */
  onGivenUp(running: Running, why: string): void;
  /** It has its one reply. */
  onSettled(running: Running): void;
}

/** One call of a channel from its arrival to its one reply. */
export class Running {
  readonly id: number;
  readonly call: Call;
  readonly reply: Promise<Reply>;
  /** Whether its first byte has left. */
  sent = false;
  settled = false;
  answered = false;
  /** How often its stream was taken up again. */
  takenUp = 0;
  lastEventId: string | null = null;
  retryMs: number | null = null;
  readonly #upstream: string;
  readonly #owner: RunningOwner;
  #resolve: (reply: Reply) => void = () => {};
  #reject: (fault: unknown) => void = () => {};
  #progressCount = 0;
  #timer: NodeJS.Timeout | undefined;
  #asks = 0;
  #held = 0;

  constructor(id: number, call: Call, upstream: string, owner: RunningOwner) {
    this.id = id;
    this.call = call;
    this.#upstream = upstream;
    this.#owner = owner;
    this.reply = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (call.timeoutMs > 0) this.#timer = setTimeout(this.#onTimeout, call.timeoutMs);
    call.signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /** What the upstream said, or did not properly say: the exchange is over. */
  answer(reply: Reply): void {
    this.answered = true;
    this.settle(reply);
  }

  settle(reply: Reply): void {
    if (this.settled) return;
    this.#close();
    this.#resolve(reply);
  }

  /** For a bug of ours, such as a pass that is not live. */
  fail(fault: unknown): void {
    if (this.settled) return;
    this.#close();
    this.#reject(fault);
  }

  /** The connection has gone: lost if a byte had left, not sent otherwise. */
  lose(why: Problem): void {
    this.settle(this.sent ? { kind: 'lost', problem: why } : notSent(this.#upstream));
  }

  /** The last look, in the tick of the first byte. True: write now. */
  admit(): boolean {
    if (this.settled || this.sent) return false;
    let refusal: Problem | null;
    try {
      refusal = this.call.admit?.() ?? null;
    } catch (fault) {
      this.fail(fault);
      return false;
    }
    if (refusal !== null) {
      this.settle({ kind: 'not-sent', problem: refusal });
      return false;
    }
    this.sent = true;
    return true;
  }

  /** Whether something may be asked in the middle of it at all: it is an agent's. */
  get mayBeAsked(): boolean {
    return this.call.admit !== undefined || this.call.onAsk !== undefined;
  }

  /** Whether the server may ask once more in this call; counts it. */
  mayAskAgain(): boolean {
    return this.sent && !this.settled && ++this.#asks <= LIMITS.asksPerCall;
  }

  /** The call's time stands still while somebody else is waited for. */
  hold(): void {
    this.#held++;
    clearTimeout(this.#timer);
  }

  goOn(): void {
    if (--this.#held > 0 || this.settled || this.call.timeoutMs === 0) return;
    this.#timer = setTimeout(this.#onTimeout, this.call.timeoutMs);
  }

  #onAbort = (): void => {
    this.#giveUp(problem('CANCELLED', { upstream: this.#upstream }), 'cancelled by the client');
  };

  #onTimeout = (): void => {
    const limit = this.call.timeoutMs;
    this.#giveUp(problem('UPSTREAM_TIMEOUT', { upstream: this.#upstream, limit }), 'timed out');
  };

  /** A progress notification for this call; bounded, and passed on only where the client asked for them. */
  progress(params: JsonObject): void {
    const { onProgress } = this.call;
    if (onProgress === undefined || !this.sent || this.settled) return;
    const passed = progressParams(params);
    if (passed !== null && ++this.#progressCount <= LIMITS.progressPerCall) onProgress(passed);
  }

  /** Another notification for this call; false where the call does not want it. */
  notify(method: string, params: JsonObject): boolean {
    return !this.settled && this.call.onNotification?.(method, params) === true;
  }

  #giveUp(why: Problem, reason: string): void {
    if (this.settled) return;
    if (!this.sent) {
      this.settle({ kind: 'not-sent', problem: problem('ABORTED', { upstream: this.#upstream }) });
      return;
    }
    this.settle({ kind: 'lost', problem: why });
    this.#owner.onGivenUp(this, reason);
  }

  #close(): void {
    this.settled = true;
    clearTimeout(this.#timer);
    this.call.signal?.removeEventListener('abort', this.#onAbort);
    this.#owner.onSettled(this);
  }
}
