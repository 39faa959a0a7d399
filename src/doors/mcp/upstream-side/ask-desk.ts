import { ERRORS, type Problem, problem } from '../../../base/errors.ts';
import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import { LIMITS } from '../../../base/limits.ts';
import type { RequestId, RequestMessage } from '../../../intake/message.ts';
import { dispositionOf } from '../../../intake/methods.ts';
import { RELATED_TASK } from '../../../intake/upstream-task.ts';
import { askKindOf, isAskMethod } from '../../../model/ask.ts';
import { rootsAnswer } from '../../../pipeline/asks/ask.ts';
import type { Generation } from '../../../pipeline/ports/call.ts';
import type { AskReply } from '../../../pipeline/ports/upstream.ts';
import type { Asking } from './config.ts';
import { type Elicitation, Elicitations } from './elicitations.ts';
import type { Running } from './running.ts';

const METHOD_NOT_FOUND = -32601;
const ELICITATION_COMPLETE = 'notifications/elicitation/complete';

/** One JSON-RPC answer to what an upstream asked. `admit` is asked in the tick in which its first byte leaves. */
export interface AskedBack {
  readonly text: string;
  readonly admit?: () => boolean;
}

interface Pending {
  readonly cancel: AbortController;
  readonly agent: string;
}

/** `asker` is the agent and its session. */
function agentOf({ call: { asker = '' } }: Running): string {
  return asker.split(' ', 1)[0] ?? '';
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
  readonly #hear: () => void;
  readonly #pending = new Map<RequestId, Pending>();
  readonly #elicitations = new Elicitations();

  constructor(
    upstream: string,
    generation: Generation,
    asking: Asking | undefined,
    send: (answer: AskedBack) => void,
    hear: () => void,
  ) {
    this.#upstream = upstream;
    this.#generation = generation;
    this.#asking = asking ?? { may: [], opens: false, roots: [] };
    this.#send = send;
    this.#hear = hear;
  }

  /** `own`: the call on whose stream it came, where the transport tells; `running`: all calls of this channel. */
  take(message: RequestMessage, own: Running | null, running: Iterable<Running>): void {
    const { id, method, params } = message;
    const disposition = dispositionOf(message, 'server', this.#generation);
    if (!disposition.ok) this.#refuse(id, disposition.error);
    else if (disposition.value !== 'decided') this.#send({ text: resultText(id, {}) });
    else {
      const call = own ?? this.#callOf([...running], relatedTask(params));
      if (call === null) this.#outsideOfCalls(id, method);
      else this.#during(call, id, method, params);
    }
  }

  /** A request that could not be read, and its sender waits for an answer. */
  refuseUnread(id: RequestId): void {
    if (this.#pending.has(id)) return;
    this.#refuse(id, problem('ASK_UNREADABLE', { upstream: this.#upstream, what: 'cannot be read' }));
  }

  #during(call: Running, id: RequestId, method: string, params: JsonObject): void {
    const { onAsk } = call.call;
    if (onAsk === undefined) {
      this.#refuse(id, problem('METHOD_REFUSED', { method }));
    } else if (this.#pending.has(id) || !this.#hasRoomFor(agentOf(call)) || !call.mayAskAgain()) {
      const limit = LIMITS.asksPerCall;
      this.#refuse(id, problem('TOO_MANY_ASKS', { upstream: this.#upstream, limit }));
    } else {
      const elicitation = this.#elicitations.expect(method, params);
      if (elicitation !== null) this.#hear();
      this.#put(id, call, elicitation, (signal) => onAsk(method, params, signal));
    }
  }

  /** One agent's clients cannot take the room of all where a session is shared, nor all of them its connections. */
  #hasRoomFor(agent: string): boolean {
    const { ofOneAgent, inAll } = LIMITS.asksPerSession;
    let own = 0;
    for (const pending of this.#pending.values()) if (pending.agent === agent) own++;
    return own < ofOneAgent && this.#pending.size < inAll;
  }

  /** The server takes back what it asked, or says that what a person was sent to an address for is done; else it is not for here. */
  hear(method: string, params: JsonObject): void {
    if (method === ELICITATION_COMPLETE) this.#elicitations.complete(params);
    if (method !== 'notifications/cancelled') return;
    const id = params['requestId'];
    if (typeof id === 'string' || typeof id === 'number') this.#pending.get(id)?.cancel.abort();
  }

  /** The channel is over: nobody is asked any more. */
  close(): void {
    for (const { cancel } of this.#pending.values()) cancel.abort();
  }

  #put(
    id: RequestId,
    call: Running,
    elicitation: Elicitation | null,
    ask: (signal: AbortSignal) => Promise<AskReply>,
  ): void {
    const cancel = new AbortController();
    this.#pending.set(id, { cancel, agent: agentOf(call) });
    // A person takes longer than a server may: the call's own time stands still. Nobody is asked for a call that is over.
    call.hold();
    const over = () => cancel.abort();
    call.reply.then(over, over);
    void ask(cancel.signal)
      .catch((): AskReply => ({ kind: 'refused', problem: problem('INTERNAL') }))
      .then((reply) => {
        this.#pending.delete(id);
        call.goOn();
        elicitation?.settle(reply.kind === 'answer' ? (reply.completed ?? null) : null);
        if (call.settled || cancel.signal.aborted) return;
        if (reply.kind === 'refused') this.#refuse(id, reply.problem);
        else this.#send({ text: resultText(id, reply.result), admit: () => reply.admit() === null });
      });
  }

  /**
   * Over stdio, and on the stream that belongs to no call, a server does not say in which call it asks. Where all that
   * run are one client's, it is the newest of them; otherwise nobody can be asked. A task that it names is one for sure.
   */
  #callOf(running: readonly Running[], task: string | null): Running | null {
    const calls = running.filter((one) => one.sent && one.mayBeAsked);
    const related = task === null ? undefined : calls.findLast((one) => one.call.task === task);
    if (related !== undefined) return related;
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
    // A server is told of a denial as if it had asked for a method that does not exist.
    const { kind, rpc } = ERRORS[code];
    const error = JSON.stringify({
      code: kind === 'deny' ? METHOD_NOT_FOUND : rpc,
      message: sentence,
      data: { code },
    });
    this.#send({ text: `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"error":${error}}` });
  }
}

/** 2025-11-25 Tasks, "Associating Task-Related Messages". */
function relatedTask({ _meta: meta }: JsonObject): string | null {
  const related = isJsonObject(meta) ? meta[RELATED_TASK] : undefined;
  const id = isJsonObject(related) ? related['taskId'] : undefined;
  return typeof id === 'string' ? id : null;
}

function resultText(id: RequestId, result: JsonObject): string {
  return `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${JSON.stringify(result)}}`;
}
