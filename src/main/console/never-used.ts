import { LIMITS } from '../../base/limits.ts';
import type { Level } from '../../model/level.ts';
import type { InForce } from '../../pipeline/in-force.ts';
import { freeOperations } from '../evidence/inventory.ts';
import type { Uses } from '../evidence/uses.ts';
import type { House } from '../house.ts';

/** What an agent at a level may do without asking, reading aside. */
interface Free {
  readonly level: Level;
  readonly operations: readonly string[];
}

/**
 * How many things each agent may do and never did. What it may do follows from what is in force, the pins and its level;
 * it is worked out once for each of these, as long as no more than LIMITS.knownFree things are kept.
 */
export class NeverUsed {
  readonly #uses: Uses;
  readonly #free = new Map<string, Free>();
  #inForce: InForce | null = null;
  #pins = -1;

  constructor(uses: Uses) {
    this.#uses = uses;
  }

  /** By agent; one without any is absent. */
  async count(house: House): Promise<ReadonlyMap<string, number>> {
    await this.#uses.catchUp(house.store);
    const { inForce } = house.standing;
    this.#forget(inForce, house.pins.version);
    const levelOf = house.halt.levelOf.bind(house.halt);
    const freeOf = freeOperations({ inForce, pins: house.pins, levelOf });
    const counts = new Map<string, number>();
    let kept = 0;
    for (const agent of inForce.agents.values()) {
      const level = levelOf(agent);
      const known = this.#free.get(agent.id);
      const free = known?.level === level ? known : { level, operations: freeOf(agent) };
      kept += free.operations.length;
      if (kept <= LIMITS.knownFree) this.#free.set(agent.id, free);
      const never = free.operations.filter((one) => this.#uses.of(agent.id, one).used === 0).length;
      if (never > 0) counts.set(agent.id, never);
    }
    return counts;
  }

  #forget(inForce: InForce, pins: number): void {
    if (this.#inForce === inForce && this.#pins === pins) return;
    this.#free.clear();
    this.#inForce = inForce;
    this.#pins = pins;
  }
}
