import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import { isAtLeast, type LogLevel } from '../../../model/log-level.ts';
import type { Reply } from '../../../pipeline/ports/upstream.ts';
import type { Call, Channel } from './channel.ts';
import type { UpstreamLimits } from './config.ts';

export const LOG_MESSAGE = 'notifications/message';

/** The one agent whose session it is, as far as it hears what the upstream says outside of calls. */
export interface Owner {
  onMessage(params: JsonObject): void;
}

type Tell = (params: JsonObject) => void;

/**
 * Log messages of one upstream session. What comes on a call's own stream is that call's. What does not say whose it is
 * (stdio has one stream for everything) is the owner's: it goes to the call that wanted messages last, else to the
 * owner's sessions. In a session that several agents share it could be anybody's, and is dropped.
 */
export class SessionLog {
  readonly #channel: Channel;
  readonly #offered: boolean;
  readonly #limits: UpstreamLimits;
  readonly #owner: Owner | null;
  readonly #running = new Set<Tell>();
  #asked: LogLevel | null = null;

  constructor(channel: Channel, capabilities: JsonObject, limits: UpstreamLimits, owner: Owner | null) {
    this.#channel = channel;
    this.#offered = isJsonObject(capabilities['logging']);
    this.#limits = limits;
    this.#owner = owner;
  }

  /** 2025: a level holds for the whole session, so the least severe that its agent wanted is set; never in a shared one. */
  ask(level: LogLevel): void {
    if (this.#channel.generation !== '2025' || this.#owner === null || !this.#offered) return;
    if (this.#asked !== null && isAtLeast(level, this.#asked)) return;
    this.#asked = level;
    this.#channel.hear();
    const timeoutMs = this.#limits.connectMs;
    void this.#channel.call({ method: 'logging/setLevel', paramsText: JSON.stringify({ level }), timeoutMs });
  }

  /** Takes what comes on the way of a call that wishes to be told. */
  listener(tell: Tell): NonNullable<Call['onNotification']> {
    return (method, params) => {
      if (method !== LOG_MESSAGE) return false;
      tell(params);
      return true;
    };
  }

  /** While this call runs, what does not say whose it is goes to it. */
  during(reply: Promise<Reply>, tell: Tell): Promise<Reply> {
    if (this.#owner === null) return reply;
    this.#running.add(tell);
    return reply.finally(() => this.#running.delete(tell));
  }

  take(params: JsonObject): void {
    const latest = [...this.#running].at(-1);
    if (latest !== undefined) latest(params);
    else this.#owner?.onMessage(params);
  }
}
