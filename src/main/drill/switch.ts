import type { Doing, Levels, Scope } from '../../containment/levels.ts';
import type { Agent } from '../../model/agent.ts';
import type { Level } from '../../model/level.ts';
import { HaltSwitch } from '../../pipeline/halt-switch.ts';
import type { Cut, Cutting, Live, LiveAbout } from '../../pipeline/live.ts';

/**
 * The halt switch of the instance itself, as a drill sees it: the same levels, the same stops. What the drill registers
 * is cut by the real one; what is not the drill's it cannot see, and so not cut; and it leaves nothing behind.
 */
export class BorrowedSwitch extends HaltSwitch {
  readonly #real: HaltSwitch;
  readonly #own = new Map<Live, () => void>();
  readonly #watchers: (() => void)[] = [];
  readonly #leave: () => void;

  constructor(real: HaltSwitch) {
    super();
    this.#real = real;
    this.#leave = real.listen(() => {
      for (const then of this.#watchers) then();
    });
  }

  /** Nothing of it is told, or found, any more. */
  end(): void {
    this.#leave();
    for (const leave of this.#own.values()) leave();
    this.#own.clear();
  }

  override get stops(): number {
    return this.#real.stops;
  }

  override watch(then: () => void): void {
    this.#watchers.push(then);
  }

  override levelOf(agent: Pick<Agent, 'id' | 'owner' | 'level'>, doing?: Doing): Level {
    return this.#real.levelOf(agent, doing);
  }

  override refusal(agent: Pick<Agent, 'id' | 'owner' | 'level'>, doing?: Doing) {
    return this.#real.refusal(agent, doing);
  }

  override setFor(about: Pick<LiveAbout, 'agent' | 'owner'>, doing?: Doing): Level {
    return this.#real.setFor(about, doing);
  }

  override register(live: Live): () => void {
    const leave = this.#real.register(live);
    this.#own.set(live, leave);
    return () => {
      leave();
      this.#own.delete(live);
    };
  }

  override tighten(scope: Scope, level: Level): Cutting {
    return this.#real.tighten(scope, level);
  }

  override cut(lives: readonly Live[], level: Cut): Cutting {
    return this.#real.cut(lives, level);
  }

  override listen(heard: () => void): () => void {
    return this.#real.listen(heard);
  }

  override set(scope: Scope, level: Level): void {
    this.#real.set(scope, level);
  }

  override freezeForFault(why: string): Cutting {
    return this.#real.freezeForFault(why);
  }

  override get fault(): string | null {
    return this.#real.fault;
  }

  override get levels(): Levels {
    return this.#real.levels;
  }

  override get lives(): readonly Live[] {
    return [...this.#own.keys()];
  }
}
