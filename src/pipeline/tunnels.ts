import type { Attempt } from '../model/action.ts';
import type { HaltSwitch } from './halt-switch.ts';
import type { InForce } from './in-force.ts';
import type { Standing } from './standing.ts';
import type { Tokens } from './tokens.ts';
import { whyNotNow } from './why-not-now.ts';

interface Open {
  readonly agent: string;
  readonly token: string | null;
  cut(): void;
}

/**
 * Tunnels that are open, so that they end in the tick in which what permits them does: a token taken away, an agent that
 * an `apply` takes out. A stop finds them by itself (sending.ts).
 */
export class Tunnels {
  readonly #ground: { readonly halt: HaltSwitch; inForce(): InForce };
  readonly #tokens: Tokens;
  readonly #open = new Map<string, Set<Open>>();

  constructor(halt: HaltSwitch, standing: Standing, tokens: Tokens) {
    this.#ground = { halt, inForce: () => standing.inForce };
    this.#tokens = tokens;
    const look = () => this.#look();
    standing.watch(look);
    tokens.watch(look);
  }

  /** How many this agent has open. */
  of(agent: string): number {
    return this.#open.get(agent)?.size ?? 0;
  }

  /** Answers how to leave. */
  add({ agent, token }: Pick<Attempt, 'agent' | 'token'>, cut: () => void): () => void {
    const own = this.#open.get(agent) ?? new Set();
    const open = { agent, token, cut };
    this.#open.set(agent, own.add(open));
    return () => {
      own.delete(open);
      if (own.size === 0 && this.#open.get(agent) === own) this.#open.delete(agent);
    };
  }

  #look(): void {
    for (const [agent, own] of this.#open) {
      const isStopped = whyNotNow(this.#ground, agent) !== null;
      for (const open of own)
        if (isStopped || (open.token !== null && !this.#tokens.isLive(open.token))) open.cut();
    }
  }
}
