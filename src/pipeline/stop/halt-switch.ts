import { type Clock, systemClock } from '../../base/clock.ts';
import { type Problem, problem } from '../../base/errors.ts';
import {
  type Doing,
  isDrillScope,
  Ladder,
  type Levels,
  type Scope,
  setLevel,
  tightenLevel,
} from '../../containment/levels.ts';
import type { Agent } from '../../model/agent.ts';
import { type Level, strictest } from '../../model/level.ts';
import { type Cut, type Cutting, type Live, type LiveAbout, NOTHING_CUT } from './live.ts';
import { LiveThings } from './live-things.ts';
import type { Outside } from './outside.ts';
import { ScopeRecords } from './scope-records.ts';

/** Writes set levels down, and which of them are kills that revoke secrets. */
type Keep = (levels: Levels, proven: ReadonlySet<Scope>) => void;

/** What also holds agents back, besides what was set: a level that comes and goes by itself, and nobody releases. */
interface LevelSource {
  /** By the agent's id, now. */
  levelOf(agent: string): Level;
  /** What an agent is told that this keeps from running. */
  readonly refusal: Problem;
}

/**
 * The halt switch: levels set by people and by faults, in memory, read synchronously. A stop lands here first and is
 * recorded then (P4). What is alive (`live-things.ts`) is registered here, and cut in the stop's own tick.
 */
export class HaltSwitch {
  #levels: Levels = new Map();
  #ladder = new Ladder(this.#levels);
  /** Why everything was frozen by a fault; null when it was not. */
  #fault: string | null = null;
  #stops = 0;
  readonly #stopOf = new Map<Scope, number>();
  /** Stops that came past this thread's loop: taken at every look, in its very tick. */
  #outside: Outside | null = null;
  readonly #listeners = new Set<() => void>();
  readonly #watchers: (() => void)[] = [];
  #keep: Keep = () => undefined;
  /** Killed by somebody whose word revokes secrets. */
  readonly #proven = new Set<Scope>();
  readonly #sources: LevelSource[] = [];
  readonly #live: LiveThings;

  /** How stops and releases get into the log. */
  readonly records: ScopeRecords;

  constructor(clock: Clock = systemClock) {
    this.#live = new LiveThings(clock);
    this.records = new ScopeRecords(clock, () => this.#keepNow());
  }

  /** Grows with every stop: what was about to be released must not undo a stop that came meanwhile. */
  get stops(): number {
    this.#look();
    return this.#stops;
  }

  hearOutside(outside: Outside | null): void {
    this.#outside = outside;
  }

  #look(): void {
    if (this.#outside?.moved() === true) this.#outside.take();
  }

  /** Which stop the last one of this scope was; 0 where it was before the start. */
  stopOf(scope: Scope): number {
    this.#look();
    return this.#stopOf.get(scope) ?? 0;
  }

  /** `then` is called after every change, a stop's included. */
  watch(then: () => void): void {
    this.#watchers.push(then);
  }

  /** The strictest level for this agent, and for what it does where that is given. */
  levelOf(agent: Pick<Agent, 'id' | 'owner' | 'level'>, doing?: Doing): Level {
    this.#look();
    let level = this.#ladder.levelOf(agent.id, agent.owner, doing, agent.level);
    for (const source of this.#sources) level = strictest(level, source.levelOf(agent.id));
    return level;
  }

  /** From now on the level of an agent is also what this says, asked anew each time. */
  heed(source: LevelSource): void {
    this.#sources.push(source);
  }

  /** Why nothing may run for this agent now, or not this; null when it may. */
  refusal(agent: Pick<Agent, 'id' | 'owner' | 'level'>, doing?: Doing): Problem | null {
    this.#look();
    if (isStill(this.#ladder.levelOf(agent.id, agent.owner, doing, agent.level))) return problem('FROZEN');
    for (const source of this.#sources) if (isStill(source.levelOf(agent.id))) return source.refusal;
    return null;
  }

  /** What is set for this, whatever is configured. */
  setFor({ agent, owner }: Pick<LiveAbout, 'agent' | 'owner'>, doing?: Doing): Level {
    this.#look();
    return this.#ladder.levelOf(agent, owner, doing, 'live');
  }

  /** Whatever runs for an agent, to be cut in a stop's own tick. Answers how to leave. */
  register(live: Live): () => void {
    return this.#live.register(live);
  }

  /** What is alive, as it is now. */
  get alive(): readonly Live[] {
    return this.#live.all();
  }

  /** What a stop of this scope would cut now. */
  within(scope: Scope): readonly Live[] {
    return this.#live.within(scope);
  }

  /** Cuts what is alive, in this tick: for what a stop covers, and what an `apply` has taken the ground from. */
  cut(those: readonly Live[], level: Cut): Cutting {
    return this.#live.cut(those, level);
  }

  /**
   * Sets a scope to a stricter level and cuts what it covers, all in this tick. `isProven`: a kill by this word revokes secrets,
   * which is kept with it: should its entry be lost, the next start must know.
   */
  tighten(scope: Scope, level: Level, isProven = false): Cutting {
    if (isProven && level === 'killed') this.#proven.add(scope);
    this.#stopOf.set(scope, ++this.#stops);
    this.#become(tightenLevel(this.#levels, scope, level));
    const now = this.#levels.get(scope);
    const cutting = now === 'frozen' || now === 'killed' ? this.cut(this.within(scope), now) : NOTHING_CUT;
    this.records.stoppedAgain(scope);
    this.#keepNow();
    for (const heard of this.#listeners) heard();
    for (const then of this.#watchers) then();
    return cutting;
  }

  /** Told of every stop, in its own tick: for what waits and must not be found waiting. Answers how to leave. */
  listen(heard: () => void): () => void {
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }

  /** What a source says has changed: cuts what runs for agents that it holds back now, as a stop does, and lets others go on. */
  moved(): void {
    this.#live.hold((live) => this.#isHeldBack(live));
    this.#live.resume((live) => this.#mustStand(live));
    for (const heard of this.#listeners) heard();
    for (const then of this.#watchers) then();
  }

  #isHeldBack({ about }: Live): boolean {
    return this.#sources.some((source) => isStill(source.levelOf(about.agent)));
  }

  #mustStand(live: Live): boolean {
    const { agent, owner } = live.about;
    return isStill(this.#ladder.levelOf(agent, owner, live.about, 'live')) || this.#isHeldBack(live);
  }

  set(scope: Scope, level: Level): void {
    void this.records.repeats.flush(scope);
    if (level !== 'killed') this.#proven.delete(scope);
    this.#become(setLevel(this.#levels, scope, level));
    if (scope === 'all' && level === 'live') this.#fault = null;
    this.#keepNow();
    this.#live.resume((live) => this.#mustStand(live));
    for (const then of this.#watchers) then();
  }

  /** Something of ours broke: nothing runs until a person has looked and released it. */
  freezeForFault(why: string): Cutting {
    this.#fault ??= why;
    return this.tighten('all', 'frozen');
  }

  get fault(): string | null {
    return this.#fault;
  }

  get levels(): Levels {
    this.#look();
    return this.#levels;
  }

  /** `keep` writes the levels down, in the tick in which they change, whatever becomes of the log. It must not throw. */
  keepWith(keep: Keep): void {
    this.#keep = keep;
    this.#keepNow();
  }

  #keepNow(): void {
    // Of what is being released the log alone says whether it was. What a drill stops must not outlive it.
    const isKept = (scope: Scope) => !this.records.isReleasing(scope) && !isDrillScope(scope);
    this.#keep(new Map([...this.#levels].filter(([scope]) => isKept(scope))), this.#proven);
  }

  #become(levels: Levels): void {
    this.#levels = levels;
    this.#ladder = new Ladder(levels);
  }
}

const isStill = (level: Level): boolean => level === 'frozen' || level === 'killed';
