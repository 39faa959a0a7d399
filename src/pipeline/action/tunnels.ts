import type { Attempt } from '../../model/action.ts';
import type { Tokens } from '../credentials/tokens.ts';
import type { InForce } from '../in-force.ts';
import type { Standing } from '../standing.ts';
import type { HaltSwitch } from '../stop/halt-switch.ts';
import { whyNotNow } from './why-not-now.ts';

interface Open {
  readonly agent: string;
  readonly token: string | null;
  readonly ofRun: string | undefined;
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
  add({ agent, token, ofRun }: Pick<Attempt, 'agent' | 'token' | 'ofRun'>, cut: () => void): () => void {
    const own = this.#open.get(agent) ?? new Set();
    const open = { agent, token, ofRun, cut };
    this.#open.set(agent, own.add(open));
    return () => {
      own.delete(open);
      if (own.size === 0 && this.#open.get(agent) === own) this.#open.delete(agent);
    };
  }

  /** Whether what it came with is good still: of a program under `run` its own token too. */
  #holds({ token, ofRun }: Open): boolean {
    if (token === null) return true;
    return this.#tokens.isLive(token) && (ofRun === undefined || this.#tokens.isLive(ofRun));
  }

  #look(): void {
    for (const [agent, own] of this.#open) {
      const isStopped = whyNotNow(this.#ground, agent) !== null;
      for (const open of own) if (isStopped || !this.#holds(open)) open.cut();
    }
  }
}
