import type { Doing, Levels, Scope } from '../../containment/levels.ts';
import { WAY_OUT } from '../../model/action.ts';
import type { Agent } from '../../model/agent.ts';
import type { Level } from '../../model/level.ts';
import { HaltSwitch } from '../../pipeline/stop/halt-switch.ts';
import type { Cut, Cutting, Live, LiveAbout } from '../../pipeline/stop/live.ts';

/**
 * The halt switch of the instance itself, as a drill sees it: the same levels, the same stops. What the drill registers
 * is cut by the real one; what is not the drill's it cannot see, and so not cut; and it leaves nothing behind.
 */
export class BorrowedSwitch extends HaltSwitch {
  readonly #real: HaltSwitch;
  readonly #live = new Map<Live, () => void>();
  readonly #watchers: (() => void)[] = [];
  readonly #leave: () => void;
  readonly #canary: string;

  /** `canary`: what its tunnels and programs count for, which lead to no upstream: so the drill's own stop covers them. */
  constructor(real: HaltSwitch, canary: string) {
    super();
    this.#real = real;
    this.#canary = canary;
    this.#leave = real.listen(() => {
      for (const then of this.#watchers) then();
    });
  }

  /** Nothing of it is told, or found, any more. */
  end(): void {
    this.#leave();
    for (const leave of this.#live.values()) leave();
    this.#live.clear();
  }

  override get stops(): number {
    return this.#real.stops;
  }

  override watch(then: () => void): void {
    this.#watchers.push(then);
  }

  override levelOf(agent: Pick<Agent, 'id' | 'owner' | 'level'>, doing?: Doing): Level {
    return this.#real.levelOf(agent, this.#own(doing));
  }

  override refusal(agent: Pick<Agent, 'id' | 'owner' | 'level'>, doing?: Doing) {
    return this.#real.refusal(agent, this.#own(doing));
  }

  override setFor(about: Pick<LiveAbout, 'agent' | 'owner'>, doing?: Doing): Level {
    return this.#real.setFor(about, this.#own(doing));
  }

  override register(live: Live): () => void {
    const about = { ...live.about, ...this.#own(live.about) };
    const resume = live.resume?.bind(live);
    const leave = this.#real.register({
      kind: live.kind,
      name: live.name,
      about,
      cut: (level) => live.cut(level),
      ...(resume === undefined ? {} : { resume }),
    });
    this.#live.set(live, leave);
    return () => {
      leave();
      this.#live.delete(live);
    };
  }

  override tighten(scope: Scope, level: Level): Cutting {
    return this.#real.tighten(scope, level);
  }

  override cut(those: readonly Live[], level: Cut): Cutting {
    return this.#real.cut(those, level);
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

  override get alive(): readonly Live[] {
    return [...this.#live.keys()];
  }

  #own(doing: Doing | undefined): Doing | undefined {
    const isNowhere = doing !== undefined && (doing.upstream === undefined || doing.upstream === WAY_OUT);
    return isNowhere ? { ...doing, upstream: this.#canary } : doing;
  }
}
