import type { Clock } from '../base/clock.ts';
import { type Problem, problem } from '../base/errors.ts';
import { addLogBytes, enter, leave, newTally, type Tally } from '../containment/floods.ts';
import type { Agent } from '../model/agent.ts';

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
    let tally = this.#tallies.get(id);
    if (tally === undefined) {
      tally = newTally();
      this.#tallies.set(id, tally);
    }
    return enter(tally, agent.limits, this.#clock.now());
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
