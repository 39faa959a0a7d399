import type { Clock } from '../../base/clock.ts';
import { ERRORS, type Problem, problem } from '../../base/errors.ts';
import {
  addLogBytes,
  addRefusal,
  enter,
  leave,
  look,
  newTally,
  refusedTooOften,
  type Tally,
} from '../../containment/floods.ts';
import type { Agent } from '../../model/agent.ts';

/** Limits against floods, per agent, for as long as the process runs. */
export class Admission {
  readonly #clock: Clock;
  readonly #agentOf: (id: string) => Agent | undefined;
  readonly #tallies = new Map<string, Tally>();

  constructor(clock: Clock, agentOf: (id: string) => Agent | undefined) {
    this.#clock = clock;
    this.#agentOf = agentOf;
  }

  /** Lets one attempt in, or says which limit it is over. What was let in must `leave`. */
  enter(id: string): Problem | null {
    const agent = this.#agentOf(id);
    if (agent === undefined) return problem('TOKEN_REFUSED');
    return enter(this.#tallyOf(id), agent.limits, this.#clock.now());
  }

  /** Counts one request that is no attempt, or says that there were too many. */
  look(id: string): Problem | null {
    const agent = this.#agentOf(id);
    if (agent === undefined) return problem('TOKEN_REFUSED');
    return look(this.#tallyOf(id), agent.limits, this.#clock.now());
  }

  /** Counts a refusal, unless it was for a limit: that already is the answer to a flood, and must not prolong it. */
  refused(id: string, { code }: Problem): void {
    if (ERRORS[code].http === 429 || this.#agentOf(id) === undefined) return;
    addRefusal(this.#tallyOf(id), this.#clock.now());
  }

  /** Why nothing more of this agent is read within this minute: it was refused too often. Null while it is read. */
  refusedTooOften(id: string): Problem | null {
    const [agent, tally] = [this.#agentOf(id), this.#tallies.get(id)];
    if (agent === undefined || tally === undefined) return null;
    return refusedTooOften(tally, agent.limits, this.#clock.now());
  }

  #tallyOf(id: string): Tally {
    const known = this.#tallies.get(id);
    if (known !== undefined) return known;
    const tally = newTally();
    this.#tallies.set(id, tally);
    return tally;
  }

  leave(id: string): void {
    const tally = this.#tallies.get(id);
    if (tally !== undefined) leave(tally);
  }

  logged(id: string, bytes: number): void {
    const tally = this.#tallies.get(id);
    if (tally !== undefined) addLogBytes(tally, bytes, this.#clock.now());
  }

  /** Calls of an agent that are running now. */
  inFlight(id: string): number {
    return this.#tallies.get(id)?.inFlight ?? 0;
  }
}
