import type { Clock } from '../../base/clock.ts';
import { LIMITS } from '../../base/limits.ts';
import {
  isFurther,
  isStage,
  type LeaseTimes,
  levelOfStage,
  type Stage,
  stageAt,
  timesOf,
} from '../../containment/lease.ts';
import type { Level } from '../../model/level.ts';

/** What is kept of one agent's lease, beside the log that says the same. */
export interface Lease {
  /** The last look, or when the agent was first in force; ms since 1970. */
  readonly sinceMs: number;
  /** Where the log stood then: what came after it nobody has looked at yet. */
  readonly seq: number;
  /** How far it had run out when people were told last. */
  readonly told: Stage;
}

/** One agent's lease as it stands now. */
export interface LeaseNow extends LeaseTimes {
  readonly sinceMs: number;
  readonly cadenceMs: number;
  readonly seq: number;
  readonly stage: Stage;
  /** Whether it did anything since the last look: who does nothing is not told of. */
  readonly acted: boolean;
}

/**
 * Owner leases, in memory. What an agent may do now follows from times alone; while nobody can sign, leases warn and
 * take nothing away, and the first passkey begins them anew.
 */
export class Leases {
  readonly #clock: Clock;
  readonly #claimed: () => boolean;
  readonly #leases = new Map<string, Lease>();
  #cadences: ReadonlyMap<string, number> = new Map();
  /** When each agent acted last, whatever was decided. */
  readonly #acted = new Map<string, number>();
  #claimedMs = Number.NEGATIVE_INFINITY;
  #floorMs = Number.NEGATIVE_INFINITY;
  #floorAt = 0;

  constructor(clock: Clock, claimed: () => boolean) {
    this.#clock = clock;
    this.#claimed = claimed;
  }

  /** Never earlier than what was seen before: a clock that is set back makes no lease longer. */
  now(): number {
    const [now, at] = [this.#clock.now(), this.#clock.monotonicMs()];
    const least = this.#floorMs + (at - this.#floorAt);
    if (now < least) return least;
    this.#floorMs = now;
    this.#floorAt = at;
    return now;
  }

  /** The log says that it was at least this late already. */
  wasAt(ms: number): void {
    if (!(ms > this.now())) return;
    this.#floorMs = ms;
    this.#floorAt = this.#clock.monotonicMs();
  }

  /** A passkey was enrolled then; the first one counts. `now`: it was just now, so what was told before is of no more use. */
  claimedAt(ms: number, now = false): void {
    if (this.#claimedMs !== Number.NEGATIVE_INFINITY) return;
    this.#claimedMs = ms;
    if (now) for (const [agent, lease] of this.#leases) this.#leases.set(agent, { ...lease, told: 'live' });
  }

  /** Of every agent in force. */
  setCadences(cadences: ReadonlyMap<string, number>): void {
    this.#cadences = cadences;
  }

  get cadences(): ReadonlyMap<string, number> {
    return this.#cadences;
  }

  find(agent: string): Lease | undefined {
    return this.#leases.get(agent);
  }

  put(agent: string, lease: Lease): void {
    this.#leases.set(agent, lease);
  }

  /** An action of it was decided then, whatever was decided. */
  acted(agent: string, atMs: number): void {
    this.#acted.set(agent, atMs);
  }

  levelOf(agent: string): Level {
    return this.#claimed() ? levelOfStage(this.#stageOf(agent, this.now())) : 'live';
  }

  /** Null: it is not in force. */
  of(agent: string): LeaseNow | null {
    const [lease, cadenceMs] = [this.#leases.get(agent), this.#cadences.get(agent)];
    if (lease === undefined || cadenceMs === undefined) return null;
    const sinceMs = this.#sinceOf(lease);
    const stage = this.#stageOf(agent, this.now());
    return {
      ...timesOf(sinceMs, cadenceMs),
      sinceMs,
      cadenceMs,
      seq: lease.seq,
      stage: this.#claimed() || !isFurther(stage, 'warned') ? stage : 'warned',
      acted: (this.#acted.get(agent) ?? Number.NEGATIVE_INFINITY) >= lease.sinceMs,
    };
  }

  /** A lease that nobody began holds nothing. */
  #stageOf(agent: string, nowMs: number): Stage {
    const [lease, cadenceMs] = [this.#leases.get(agent), this.#cadences.get(agent)];
    return lease === undefined || cadenceMs === undefined
      ? 'frozen'
      : stageAt(this.#sinceOf(lease), cadenceMs, nowMs);
  }

  #sinceOf({ sinceMs }: Lease): number {
    return Math.max(sinceMs, this.#claimedMs);
  }
}

export function writeLease({ sinceMs, seq, told }: Lease): string {
  return JSON.stringify({ since: new Date(sinceMs).toISOString(), seq, told });
}

/** A cell that cannot be read counts as a lease that ran out long ago. */
export function readLease(text: string): Lease {
  try {
    const { since, seq, told } = JSON.parse(text) as Record<string, unknown>;
    if (typeof since === 'string' && typeof seq === 'number' && isStage(told))
      return { sinceMs: Date.parse(since), seq, told };
  } catch {
    // No JSON: answered below, like JSON of another shape.
  }
  return { sinceMs: 0, seq: 0, told: 'live' };
}

/** By what an agent may reach: `cadence` of the configuration, else the house's own. */
export const cadenceOf = (configuredMs: number | undefined, outside: boolean): number =>
  configuredMs ?? (outside ? LIMITS.leaseCadenceOutsideMs : LIMITS.leaseCadenceMs);
