import { canonicalize } from '../../../base/canonical.ts';
import { problem } from '../../../base/errors.ts';
import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import type { Reply } from '../../../pipeline/ports/upstream.ts';
import type { Call, Channel } from './channel.ts';
import type { UpstreamLimits } from './config.ts';
import { failedAnswer } from './reply.ts';

interface ListenEvents {
  onUpdated(params: JsonObject): void;
  onLost(): void;
}

type First =
  | { readonly kind: 'acknowledged'; readonly params: JsonObject }
  | { readonly kind: 'ended'; readonly reply: Reply }
  | { readonly kind: 'late' };

/**
 * All resource subscriptions of one session of 2026-07-28: one `subscriptions/listen`. One more resource is a new
 * request with all of them, and when the server has acknowledged it the old one is closed, so that nothing is missed
 * between the two and no connection is spent on each.
 */
export class ResourceListen {
  /** Requests open now. */
  open = 0;
  readonly #upstream: string;
  readonly #channel: Channel;
  readonly #limits: UpstreamLimits;
  readonly #events: ListenEvents;
  readonly #uris = new Set<string>();
  #current: AbortController | null = null;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(upstream: string, channel: Channel, limits: UpstreamLimits, events: ListenEvents) {
    this.#upstream = upstream;
    this.#channel = channel;
    this.#limits = limits;
    this.#events = events;
  }

  /** `call` is what a pass admits: its `admit` is asked in the tick of the first byte. One after the other. */
  add(uri: string, call: Call): Promise<Reply> {
    const turn = this.#turn.then(() => this.#replace(uri, call));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Nobody watches it any more. The server is told when the last has gone, or with the next that comes. */
  drop(uri: string): void {
    this.#uris.delete(uri);
    if (this.#uris.size > 0) return;
    this.#current?.abort();
    this.#current = null;
  }

  async #replace(uri: string, call: Call): Promise<Reply> {
    const closing = new AbortController();
    const onCancel = () => closing.abort();
    if (call.signal?.aborted) onCancel();
    call.signal?.addEventListener('abort', onCancel, { once: true });
    const first = await this.#first([...new Set([...this.#uris, uri])], call, closing);
    call.signal?.removeEventListener('abort', onCancel);
    if (first.kind === 'ended') {
      if (first.reply.kind !== 'result') return first.reply;
      return failedAnswer(this.#upstream, 'it ended the subscription at once');
    }
    if (first.kind === 'late') {
      closing.abort();
      const limit = this.#limits.connectMs;
      return { kind: 'lost', problem: problem('UPSTREAM_TIMEOUT', { upstream: this.#upstream, limit }) };
    }
    if (!isHonoured(first.params, uri)) {
      closing.abort();
      return failedAnswer(this.#upstream, 'it does not tell of changes to this resource');
    }
    this.#current?.abort();
    this.#current = closing;
    this.#uris.add(uri);
    return { kind: 'result', result: {} };
  }

  #first(uris: readonly string[], call: Call, closing: AbortController): Promise<First> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => resolve({ kind: 'late' }), this.#limits.connectMs);
      const take = (first: First) => {
        clearTimeout(timer);
        resolve(first);
      };
      this.open++;
      this.#channel
        .call({
          method: 'subscriptions/listen',
          paramsText: canonicalize({ notifications: { resourceSubscriptions: uris } }),
          ...(call.admit === undefined ? {} : { admit: call.admit }),
          signal: closing.signal,
          timeoutMs: 0,
          onNotification: (method, params) => {
            if (method === 'notifications/subscriptions/acknowledged') take({ kind: 'acknowledged', params });
            else if (method === 'notifications/resources/updated') this.#events.onUpdated(params);
            return true;
          },
        })
        .then((reply) => {
          take({ kind: 'ended', reply });
          if (this.#current !== closing) return;
          this.#current = null;
          this.#uris.clear();
          this.#events.onLost();
        }, reject)
        .finally(() => this.open--);
    });
  }
}

function isHonoured({ notifications }: JsonObject, uri: string): boolean {
  const honoured = isJsonObject(notifications) ? notifications['resourceSubscriptions'] : undefined;
  return Array.isArray(honoured) && honoured.includes(uri);
}
