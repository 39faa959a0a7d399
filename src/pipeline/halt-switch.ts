import { type Problem, problem } from '../base/errors.ts';
import { type Levels, levelOf, type Scope, setLevel, tightenLevel } from '../containment/levels.ts';
import type { Agent } from '../model/agent.ts';
import type { Level } from '../model/level.ts';

/**
 * The halt switch: levels set by people and by faults, in memory, read synchronously. A stop lands here first and is
 * recorded then (P4).
 */
export class HaltSwitch {
  #levels: Levels = new Map();
  /** Why everything was frozen by a fault; null when it was not. */
  #fault: string | null = null;
  #stops = 0;
  readonly #listeners = new Set<() => void>();
  readonly #watchers: (() => void)[] = [];

  /** Grows with every stop: what was about to be released must not undo a stop that came meanwhile. */
  get stops(): number {
    return this.#stops;
  }

  /** `then` is called after every change, a stop's included. */
  watch(then: () => void): void {
    this.#watchers.push(then);
  }

  levelOf(agent: Agent): Level {
    return levelOf(this.#levels, agent.id, agent.level);
  }

  /** Why nothing may run for this agent now; null when it may. */
  refusal(agent: Agent): Problem | null {
    const level = this.levelOf(agent);
    return level === 'frozen' || level === 'killed' ? problem('FROZEN') : null;
  }

  tighten(scope: Scope, level: Level): void {
    this.#stops++;
    this.#levels = tightenLevel(this.#levels, scope, level);
    for (const heard of this.#listeners) heard();
    for (const then of this.#watchers) then();
  }

  /** Told of every stop, in its own tick: for what waits and must not be found waiting. Answers how to leave. */
  listen(heard: () => void): () => void {
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }

  set(scope: Scope, level: Level): void {
    this.#levels = setLevel(this.#levels, scope, level);
    if (scope === 'all' && level === 'live') this.#fault = null;
    for (const then of this.#watchers) then();
  }

  /** Something of ours broke: nothing runs until a person has looked and released it. */
  freezeForFault(why: string): void {
    this.#fault ??= why;
    this.tighten('all', 'frozen');
  }

  get fault(): string | null {
    return this.#fault;
  }

  get levels(): Levels {
    return this.#levels;
  }
}
