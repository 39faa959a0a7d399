import { canonicalize } from '../../../base/canonical.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../base/json.ts';
import type { Watch } from '../../../pipeline/ports/call.ts';
import type { Reply } from '../../../pipeline/ports/upstream.ts';
import type { Call, Channel } from './channel.ts';
import type { UpstreamLimits } from './config.ts';
import { ResourceListen } from './resource-listen.ts';

export const RESOURCE_UPDATED = 'notifications/resources/updated';

/**
 * The resources to which one upstream session is subscribed, and who watches each. In 2025 each is a request of its own;
 * in 2026-07-28 they are one `subscriptions/listen` that stays open. What comes about a resource that nobody watches is
 * dropped.
 */
export class Subscriptions {
  readonly #channel: Channel;
  readonly #limits: UpstreamLimits;
  readonly #watches = new Map<string, Set<Watch>>();
  readonly #listen: ResourceListen | null;

  constructor(upstream: string, channel: Channel, limits: UpstreamLimits) {
    this.#channel = channel;
    this.#limits = limits;
    const events = { onUpdated: (params: JsonObject) => this.take(params), onLost: () => this.lose() };
    this.#listen =
      channel.generation === '2026' ? new ResourceListen(upstream, channel, limits, events) : null;
  }

  get size(): number {
    return this.#watches.size;
  }

  /** Requests of the channel that stay open for subscriptions. */
  get listening(): number {
    return this.#listen?.open ?? 0;
  }

  /** Sends what a pass admits, and from then on tells `watch`, until it has ended. */
  async subscribe(call: Call, watch: Watch): Promise<Reply> {
    const uri = uriOf(JSON.parse(call.paramsText) as Json);
    // Before it is sent: what the upstream tells right behind its answer must find somebody.
    this.#add(uri, watch);
    this.#channel.hear();
    const reply = await (this.#listen === null ? this.#channel.call(call) : this.#listen.add(uri, call));
    if (reply.kind !== 'result') this.#remove(uri, watch, reply.kind === 'lost');
    else if (watch.ended.aborted) this.#remove(uri, watch, true);
    else watch.ended.addEventListener('abort', () => this.#remove(uri, watch, true), { once: true });
    return reply;
  }

  /**
   * "The URI of the resource that has been updated. This might be a sub-resource of the one that the client actually
   * subscribed to" (2025-11-25): then it is the one subscribed to that is told of, and no name that nobody asked for.
   */
  take(params: JsonObject): void {
    const uri = uriOf(params);
    const exact = this.#watches.get(uri);
    if (exact !== undefined) {
      for (const watch of [...exact]) watch.updated();
      return;
    }
    for (const [watched, watches] of this.#watches)
      if (uri.startsWith(watched.endsWith('/') ? watched : `${watched}/`))
        for (const watch of [...watches]) watch.updated();
  }

  /** The session has ended, or its upstream ended the subscription. */
  lose(): void {
    const all = [...this.#watches.values()].flatMap((watches) => [...watches]);
    this.#watches.clear();
    for (const watch of all) watch.lost();
  }

  #add(uri: string, watch: Watch): void {
    const watches = this.#watches.get(uri) ?? new Set();
    this.#watches.set(uri, watches.add(watch));
  }

  #remove(uri: string, watch: Watch, wasSent: boolean): void {
    const watches = this.#watches.get(uri);
    if (watches === undefined || !watches.delete(watch) || watches.size > 0) return;
    this.#watches.delete(uri);
    if (this.#listen !== null) this.#listen.drop(uri);
    else if (wasSent && this.#channel.alive) {
      const timeoutMs = this.#limits.connectMs;
      void this.#channel.call({
        method: 'resources/unsubscribe',
        paramsText: canonicalize({ uri }),
        timeoutMs,
      });
    }
  }
}

function uriOf(params: Json): string {
  const uri = isJsonObject(params) ? params['uri'] : undefined;
  return typeof uri === 'string' ? uri : '';
}
