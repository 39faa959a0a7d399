import { ERRORS, type Problem, problem } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import { LIMITS } from '../../../base/limits.ts';
import type { RequestId, RequestMessage } from '../../../intake/message.ts';
import { dispositionOf } from '../../../intake/methods.ts';
import { askKindOf, isAskMethod } from '../../../model/ask.ts';
import { rootsAnswer } from '../../../pipeline/ask.ts';
import type { AskReply, Generation } from '../../../pipeline/ports.ts';
import type { Asking } from './config.ts';
import type { Running } from './running.ts';

const METHOD_NOT_FOUND = -32601;

/** One JSON-RPC answer to what an upstream asked. `admit` is asked in the tick in which its first byte leaves. */
export interface AskedBack {
  readonly text: string;
  readonly admit?: () => boolean;
}

/**
 * What the server at the other end of one channel asks of its client. `ping` and roots outside of a call are answered
 * here; all else belongs to one call, and goes to whoever made that.
 */
export class AskDesk {
  readonly #upstream: string;
  readonly #generation: Generation;
  readonly #asking: Asking;
  readonly #send: (answer: AskedBack) => void;
  readonly #pending = new Map<RequestId, AbortController>();

  constructor(
    upstream: string,
    generation: Generation,
    asking: Asking | undefined,
    send: (answer: AskedBack) => void,
  ) {
    this.#upstream = upstream;
    this.#generation = generation;
    this.#asking = asking ?? { may: [], opens: false, roots: [] };
    this.#send = send;
  }

  /** `own`: the call on whose stream it came, where the transport tells; `running`: all calls of this channel. */
  take(message: RequestMessage, own: Running | null, running: Iterable<Running>): void {
    const { id, method, params } = message;
    const disposition = dispositionOf(message, 'server', this.#generation);
    if (!disposition.ok) this.#refuse(id, disposition.error);
    else if (disposition.value !== 'decided') this.#send({ text: resultText(id, {}) });
    else {
      const call = own ?? this.#callOf([...running]);
      if (call === null) this.#outsideOfCalls(id, method);
      else this.#during(call, id, method, params);
    }
  }

  #during(call: Running, id: RequestId, method: string, params: JsonObject): void {
    const { onAsk } = call.call;
    if (onAsk === undefined) {
      this.#refuse(id, problem('METHOD_REFUSED', { method }));
    } else if (this.#pending.size >= LIMITS.asksPerSession || this.#pending.has(id) || !call.mayAskAgain()) {
      const limit = LIMITS.asksPerCall;
      this.#refuse(id, problem('TOO_MANY_ASKS', { upstream: this.#upstream, limit }));
    } else {
      this.#put(id, call, (signal) => onAsk(method, params, signal));
    }
  }

  /** The server takes back what it asked. */
  cancel(params: JsonObject): void {
    const id = params['requestId'];
    if (typeof id === 'string' || typeof id === 'number') this.#pending.get(id)?.abort();
  }

  /** The channel is over: nobody is asked any more. */
  close(): void {
    for (const pending of this.#pending.values()) pending.abort();
  }

  #put(id: RequestId, call: Running, ask: (signal: AbortSignal) => Promise<AskReply>): void {
    const cancel = new AbortController();
    this.#pending.set(id, cancel);
    // A person takes longer than a server may: the call's own time stands still. Nobody is asked for a call that is over.
    call.hold();
    const over = () => cancel.abort();
    call.reply.then(over, over);
    void ask(cancel.signal)
      .catch((): AskReply => ({ kind: 'refused', problem: problem('INTERNAL') }))
      .then((reply) => {
        this.#pending.delete(id);
        call.goOn();
        if (call.settled || cancel.signal.aborted) return;
        if (reply.kind === 'refused') this.#refuse(id, reply.problem);
        else this.#send({ text: resultText(id, reply.result), admit: () => reply.admit() === null });
      });
  }

  /**
   * Over stdio, and on the stream that belongs to no call, a server does not say in which call it asks. Where all that
   * run are one client's, it is the newest of them; otherwise nobody can be asked.
   */
  #callOf(running: readonly Running[]): Running | null {
    const calls = running.filter((one) => one.sent && one.call.admit !== undefined);
    const askers = new Set(calls.map((one) => one.call.asker ?? ''));
    return askers.size === 1 ? (calls.at(-1) ?? null) : null;
  }

  #outsideOfCalls(id: RequestId, method: string): void {
    if (!isAskMethod(method) || !this.#asking.may.includes(askKindOf(method)))
      this.#refuse(id, problem('METHOD_REFUSED', { method }));
    else if (method === 'roots/list') this.#send({ text: resultText(id, rootsAnswer(this.#asking.roots)) });
    else this.#refuse(id, problem('ASK_OUTSIDE', { upstream: this.#upstream }));
  }

  #refuse(id: RequestId, { code, sentence }: Problem): void {
    // To a server, what is denied is not there.
    const { kind, rpc } = ERRORS[code];
    const error = JSON.stringify({
      code: kind === 'deny' ? METHOD_NOT_FOUND : rpc,
      message: sentence,
      data: { code },
    });
    this.#send({ text: `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"error":${error}}` });
  }
}

function resultText(id: RequestId, result: JsonObject): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${JSON.stringify(result)}}`;
}
