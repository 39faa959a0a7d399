import type { Clock } from '../../../base/clock.ts';
import type { OnListed, OnMessage, Upstreams } from '../../../pipeline/ports/upstream.ts';
import { NEVER_HALTED, type UpstreamHalt } from '../../../pipeline/stop/upstream-halt.ts';
import { type UpstreamConfig, type UpstreamLimits, upstreamLimits } from './config.ts';
import { ManagedUpstream } from './upstream.ts';

export interface UpstreamsDeps {
  readonly clock: Clock;
  readonly onListed: OnListed;
  /** Absent: nobody hears what is said outside of calls. */
  readonly onMessage?: OnMessage;
  /** One line for the operator. It names no secret and quotes nothing that an upstream wrote to stderr. */
  readonly log: (line: string) => void;
  /** Absent: nothing stops them. */
  readonly halt?: UpstreamHalt;
  /** Smaller bounds, for tests. */
  readonly limits?: Partial<UpstreamLimits>;
}

export interface ManagedUpstreams extends Upstreams {
  /** Connects everything; resolves when each is connected, or given up on for now after `connectMs`. */
  start(): Promise<void>;
  /** Ends every session and child. Calls still under way are lost: stop the corridor first. */
  stop(): Promise<void>;
  /** Why one is not connected, a sentence with no secret in it; null where it is, or that is not known yet. */
  trouble(id: string): string | null;
  /** What each child last wrote to stderr, by session. Not scrubbed of secrets: whoever shows it must do that. */
  stderr(id: string): ReadonlyMap<string, string>;
}

/** Clients of every configured upstream. Nothing is connected before `start`. */
export function createUpstreams(configs: readonly UpstreamConfig[], deps: UpstreamsDeps): ManagedUpstreams {
  const limits = { ...upstreamLimits, ...deps.limits };
  const { clock, onListed, log, onMessage = () => undefined, halt = NEVER_HALTED } = deps;
  const all = new Map(
    configs.map((config) => [
      config.id,
      new ManagedUpstream(config, { clock, onListed, onMessage, log, limits, halt }),
    ]),
  );
  return {
    get: (id) => all.get(id),
    start: async () => {
      await Promise.all([...all.values()].map((upstream) => upstream.start()));
    },
    stop: async () => {
      await Promise.all([...all.values()].map((upstream) => upstream.stop()));
    },
    trouble: (id) => all.get(id)?.trouble ?? null,
    stderr: (id) => all.get(id)?.stderr() ?? new Map(),
  };
}
