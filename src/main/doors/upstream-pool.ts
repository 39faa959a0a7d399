import { canonicalize } from '../../base/canonical.ts';
import type { Clock } from '../../base/clock.ts';
import type { JsonObject } from '../../base/json.ts';
import { createWayOut } from '../../doors/egress/index.ts';
import {
  createUpstreams,
  type ManagedUpstreams,
  type UpstreamConfig,
} from '../../doors/mcp/upstream-side/index.ts';
import { WAY_OUT } from '../../model/action.ts';
import type { OnListed, OnMessage, Upstream, Upstreams } from '../../pipeline/ports/upstream.ts';
import { NEVER_HALTED, type UpstreamHalt } from '../../pipeline/stop/upstream-halt.ts';

interface Pooled {
  readonly text: string;
  readonly clients: ManagedUpstreams;
}

/** Clients of the upstreams in force. An `apply` ends those that changed or went, and starts those that came. */
export class UpstreamPool implements Upstreams {
  readonly #clock: Clock;
  readonly #log: (line: string) => void;
  #onListed: OnListed = () => undefined;
  #onMessage: OnMessage = () => undefined;
  #halt: UpstreamHalt = NEVER_HALTED;
  #pooled = new Map<string, Pooled>();
  readonly #wayOut = createWayOut();
  #own: Upstream | undefined;

  constructor(clock: Clock, log: (line: string) => void) {
    this.#clock = clock;
    this.#log = log;
  }

  /** Who is told of lists. Set once, before anything is started. */
  listenWith(onListed: OnListed): void {
    this.#onListed = onListed;
  }

  /** Who is told of messages. Set once, before anything is started. */
  tellWith(onMessage: OnMessage): void {
    this.#onMessage = onMessage;
  }

  /** The server that is built in: always there. Set once, before anything is started. */
  keepOwn(own: Upstream): void {
    this.#own = own;
  }

  /** What stops them. Set once, before anything is started. */
  haltWith(halt: UpstreamHalt): void {
    this.#halt = halt;
  }

  get(id: string): Upstream | undefined {
    if (id === this.#own?.id) return this.#own;
    return id === WAY_OUT ? this.#wayOut : this.#pooled.get(id)?.clients.get(id);
  }

  /** Upstreams that are configured and not connected now. */
  get missing(): string[] {
    return [...this.#pooled.keys()].filter((id) => this.get(id)?.generations().length === 0);
  }

  /** Of each of them, why, as far as that is known. */
  get troubles(): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.missing.flatMap((id) => {
        const why = this.#pooled.get(id)?.clients.trouble(id);
        return typeof why === 'string' ? [[id, why]] : [];
      }),
    );
  }

  /** Resolves when every new one is connected, or given up on for now. */
  async use(next: readonly UpstreamConfig[]): Promise<void> {
    const pooled = new Map<string, Pooled>();
    const starting: Promise<void>[] = [];
    const gone = new Map(this.#pooled);
    for (const config of next) {
      const text = textOf(config);
      const now = this.#pooled.get(config.id);
      if (now?.text === text) {
        pooled.set(config.id, now);
        gone.delete(config.id);
        continue;
      }
      const clients: ManagedUpstreams = createUpstreams([config], {
        clock: this.#clock,
        log: this.#log,
        halt: this.#halt,
        onMessage: (...said) => this.#onMessage(...said),
        // A server that was replaced says no more: what it lists late is not what its successor is pinned to.
        onListed: (...seen) => {
          if (this.#pooled.get(config.id)?.clients === clients) this.#onListed(...seen);
        },
      });
      pooled.set(config.id, { text, clients });
      starting.push(clients.start());
    }
    this.#pooled = pooled;
    await Promise.all([...starting, ...[...gone.values()].map(({ clients }) => clients.stop())]);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#pooled.values()].map(({ clients }) => clients.stop()));
  }
}

function textOf(config: UpstreamConfig): string {
  return canonicalize({ ...config } as JsonObject);
}
