import { BriefMap } from '../../base/brief-map.ts';
import { type Clock, systemClock } from '../../base/clock.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { withoutStacks } from '../../base/without-stacks.ts';
import {
  type Doing,
  Ladder,
  type Levels,
  type Scope,
  setLevel,
  tightenLevel,
} from '../../containment/levels.ts';
import { type Agent, DRILL_PREFIX } from '../../model/agent.ts';
import { type Level, strictest } from '../../model/level.ts';
import {
  type Cut,
  type CutThing,
  type Cutting,
  type Leash,
  type Live,
  type LiveAbout,
  NOTHING_CUT,
} from './live.ts';
import type { Outside } from './outside.ts';
import { StopRepeats } from './stop-repeats.ts';

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
 * recorded then (P4). What is alive is registered here, and cut in the stop's own tick.
 */
export class HaltSwitch {
  #levels: Levels = new Map();
  #ladder = new Ladder(this.#levels);
  /** Why everything was frozen by a fault; null when it was not. */
  #fault: string | null = null;
  #stops = 0;
  readonly #stopOf = new Map<Scope, number>();
  readonly #clock: Clock;
  readonly #lives = new BriefMap<Live, Live>();
  /** Those that were frozen and can be resumed. */
  readonly #held = new Set<Live>();
  /** Stops that came past this thread's loop: taken at every look, in its very tick. */
  #outside: Outside | null = null;
  readonly #listeners = new Set<() => void>();
  readonly #watchers: (() => void)[] = [];
  /** Scopes whose release is being recorded. */
  readonly #releasing = new Set<Scope>();
  /** Stops on their way into the log, by their scope. */
  readonly #recording = new Map<Scope, Set<Promise<unknown>>>();
  #keep: Keep = () => undefined;
  /** Killed by somebody whose word revokes secrets. */
  readonly #proven = new Set<Scope>();
  readonly #sources: LevelSource[] = [];

  /** How stops get into the log, the very same ones together. */
  readonly repeats: StopRepeats;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.repeats = new StopRepeats(clock, (scope, run) => this.recording(scope, run));
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

  /** Whatever runs for an agent. Answers how to leave. */
  register(live: Live): () => void {
    this.#lives.set(live, live);
    return () => {
      this.#lives.delete(live);
      this.#held.delete(live);
    };
  }

  /** What a stop of this scope would cut now. */
  within(scope: Scope): readonly Live[] {
    const ladder = new Ladder(new Map([[scope, 'killed']]));
    return this.#lives.values().filter(({ about }) => levelIn(ladder, about) === 'killed');
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
    this.#releasing.delete(scope);
    this.#keepNow();
    for (const heard of this.#listeners) heard();
    for (const then of this.#watchers) then();
    return cutting;
  }

  /** Cuts what is alive, in this tick: for what a stop covers, and what an `apply` has taken the ground from. */
  cut(lives: readonly Live[], level: Cut): Cutting {
    return lives.length === 0 ? NOTHING_CUT : withoutStacks(() => this.#cut(lives, level));
  }

  #cut(lives: readonly Live[], level: Cut): Cutting {
    const from = this.#clock.monotonicMs();
    const since = () => Math.round((this.#clock.monotonicMs() - from) * 1000) / 1000;
    const things: CutThing[] = [];
    const ending: Promise<void>[] = [];
    for (const live of lives) {
      const thing: CutThing = { kind: live.kind, name: live.name, agent: live.about.agent, ms: null };
      const ended = () => {
        thing.ms ??= since();
      };
      if (level === 'frozen' && live.resume !== undefined) this.#held.add(live);
      try {
        const coming = live.cut(level);
        if (coming === null) continue;
        if (coming === undefined) ended();
        else ending.push(coming.then(ended, () => undefined));
      } catch {
        // It counts as not ended, and the others are cut all the same.
      }
      things.push(thing);
    }
    return { things, settled: settledWithin(ending) };
  }

  /** Told of every stop, in its own tick: for what waits and must not be found waiting. Answers how to leave. */
  listen(heard: () => void): () => void {
    this.#listeners.add(heard);
    return () => this.#listeners.delete(heard);
  }

  /** What a source says has changed: what runs of agents that stand still now is cut, as by a stop; others go on. */
  moved(): void {
    const still = this.#lives.values().filter((live) => this.#isHeldBack(live) && !this.#held.has(live));
    this.cut(still, 'frozen');
    this.#resume();
    for (const heard of this.#listeners) heard();
    for (const then of this.#watchers) then();
  }

  #isHeldBack({ about }: Live): boolean {
    return this.#sources.some((source) => isStill(source.levelOf(about.agent)));
  }

  /** Lets go on what was frozen and is not any more. */
  #resume(): void {
    for (const live of [...this.#held]) {
      if (isStill(levelIn(this.#ladder, live.about)) || this.#isHeldBack(live)) continue;
      this.#held.delete(live);
      live.resume?.();
    }
  }

  set(scope: Scope, level: Level): void {
    void this.repeats.flush(scope);
    if (level !== 'killed') this.#proven.delete(scope);
    this.#become(setLevel(this.#levels, scope, level));
    if (scope === 'all' && level === 'live') this.#fault = null;
    this.#keepNow();
    this.#resume();
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

  /** As they are now. */
  get lives(): readonly Live[] {
    return this.#lives.values();
  }

  /** `keep` writes the levels down, in the tick in which they change, whatever becomes of the log. It must not throw. */
  keepWith(keep: Keep): void {
    this.#keep = keep;
    this.#keepNow();
  }

  /** A stop of this scope is on its way into the log until this is over. */
  async recording<T>(scope: Scope, record: () => Promise<T>): Promise<T> {
    const under = this.#recording.get(scope) ?? new Set();
    this.#recording.set(scope, under);
    const recorded = record();
    under.add(recorded);
    try {
      return await recorded;
    } finally {
      under.delete(recorded);
      if (under.size === 0) this.#recording.delete(scope);
    }
  }

  /**
   * While a release is recorded the log alone says whether it happened: what is kept beside it says nothing. It
   * begins when every stop of the scope is in the log: one that came later there would stand after its own release.
   */
  async releasing<T>(scope: Scope, record: () => Promise<T>): Promise<T> {
    void this.repeats.flush(scope);
    for (let under = this.#recording.get(scope); under !== undefined; under = this.#recording.get(scope))
      await Promise.allSettled(under);
    this.#releasing.add(scope);
    this.#keepNow();
    try {
      return await record();
    } finally {
      this.#releasing.delete(scope);
      this.#keepNow();
    }
  }

  isReleasing(scope: Scope): boolean {
    return this.#releasing.has(scope);
  }

  #keepNow(): void {
    const isKept = (scope: Scope) => !this.#releasing.has(scope) && !scope.startsWith(DRILLED);
    this.#keep(new Map([...this.#levels].filter(([scope]) => isKept(scope))), this.#proven);
  }

  #become(levels: Levels): void {
    this.#levels = levels;
    this.#ladder = new Ladder(levels);
  }
}

/** `agentOf`: an agent in force now. Of one that is not, nothing may be opened. */
export function leashOf(halt: HaltSwitch, agentOf: (id: string) => Agent | undefined): Leash {
  return {
    register: (live) => {
      const owner = agentOf(live.about.agent)?.owner;
      return halt.register({ ...live, about: { ...live.about, ...(owner === undefined ? {} : { owner }) } });
    },
    mayOpen(id, upstream) {
      if (id === null) return isRunning(halt.setFor({ agent: '' }, { upstream }));
      const agent = agentOf(id);
      return agent !== undefined && halt.refusal(agent, { upstream }) === null;
    },
  };
}

const isRunning = (level: Level) => level === 'live' || level === 'watched';

/** What a drill stops must not outlive it: there is nothing real to be released. */
const DRILLED = `upstream:${DRILL_PREFIX}`;

const levelIn = (ladder: Ladder, about: LiveAbout) => ladder.levelOf(about.agent, about.owner, about, 'live');

function settledWithin(ending: readonly Promise<void>[]): Promise<void> {
  if (ending.length === 0) return Promise.resolve();
  return new Promise((resolve) => {
    const late = setTimeout(() => turnsLater(LIMITS.stopHeardTurns, resolve), LIMITS.stopSettleMs);
    void Promise.all(ending).then(() => {
      clearTimeout(late);
      // A turn later: what was cut is on its way into the log by then, before the stop that cut it.
      setImmediate(resolve);
    });
  });
}

function turnsLater(turns: number, then: () => void): void {
  if (turns === 0) then();
  else setImmediate(() => turnsLater(turns - 1, then));
}

const isStill = (level: Level): boolean => level === 'frozen' || level === 'killed';
