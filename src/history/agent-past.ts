import { HOUR_MS } from '../base/duration.ts';
import { digestOf } from '../base/hash.ts';
import { LIMITS } from '../base/limits.ts';
import type { TargetShape } from '../contract/log-entry.ts';
import type { PastFacts } from '../model/past.ts';
import { Usual } from './usual.ts';
import { DistinctWindow, hourWindow, minuteWindow, type Window } from './window.ts';

/** What a catalog says of an operation, as far as it is counted by; of an unclassified one the dangerous reading. */
export interface Traits {
  readonly risk: string;
  readonly audience: string;
  readonly reads: boolean;
  readonly deletes: boolean;
}

/** As much of an action as is counted by. */
export interface Step {
  readonly agent: string;
  readonly operation: string;
  readonly upstream: string;
  readonly namedTargets: readonly TargetShape[];
  /** Whom its targets belong to, where that can be told. */
  readonly owners: readonly string[];
  readonly argumentsText: string;
}

/** The last call of an operation that failed: a digest of its arguments, and how often it has in a row. */
interface Failing {
  readonly length: number;
  readonly digest: string;
  count: number;
}

/** Of one agent. */
export class AgentPast {
  readonly operations = new Map<string, Window>();
  readonly classes = new Map<string, Window>();
  readonly used = new Set<string>();
  readonly upstreams = new Set<string>();
  /** Audiences and owners of targets, as `knownKeys` names them. */
  readonly known = new Set<string>();
  /** By target: how many noes. */
  readonly refused = new Map<string, number>();
  /** By operation and target, likewise. */
  readonly again = new Map<string, number>();
  readonly usual = new Usual();
  readonly #minute = minuteWindow();
  readonly #changes = hourWindow();
  readonly #deletedMinute = minuteWindow();
  readonly #deletedHour = hourWindow();
  readonly #targets = new DistinctWindow(HOUR_MS, LIMITS.distinctTargets);
  readonly #others = new DistinctWindow(HOUR_MS, LIMITS.distinctTargets);
  readonly #failing = new Map<string, Failing>();
  #denials = 0;
  #failures = 0;
  /** It was released then: what was before counts no more. */
  #releasedMs = Number.NEGATIVE_INFINITY;

  facts(step: Step, traits: Traits, nowMs: number): PastFacts {
    const halfOpen = this.halfOpenUntil(nowMs) !== null;
    const weight = halfOpen ? 2 : 1;
    const { operation, upstream, namedTargets, owners } = step;
    let [refusedHere, repeatsAfterNo] = [0, 0];
    if (this.refused.size > 0)
      for (const target of namedTargets) {
        const key = keyOf(target);
        refusedHere += this.refused.get(key) ?? 0;
        repeatsAfterNo += this.again.get(`${operation} ${key}`) ?? 0;
      }
    const usual = this.usual.at(nowMs);
    return {
      operationLastHour: weight * (this.operations.get(operation)?.countAt(nowMs) ?? 0),
      classLastHour: weight * (this.classes.get(traits.risk)?.countAt(nowMs) ?? 0),
      actionsLastMinute: weight * this.#minute.countAt(nowMs),
      changesLastHour: weight * this.#changes.countAt(nowMs),
      targetsLastHour: weight * this.#targets.countAt(nowMs),
      othersLastHour: weight * this.#others.countAt(nowMs),
      deletionsLastMinute: weight * this.#deletedMinute.countAt(nowMs),
      deletionsLastHour: weight * this.#deletedHour.countAt(nowMs),
      denialsInRow: this.#denials,
      failuresInRow: this.#failures,
      sameFailures: this.#sameFailures(step),
      firstOperation: !this.used.has(operation),
      firstUpstream: !this.upstreams.has(upstream),
      firstAudience: !this.known.has(audienceKey(traits.audience)),
      firstOwner: owners.some((owner) => !this.known.has(ownerKey(owner))),
      targetsHere: namedTargets.length,
      refusedHere,
      repeatsAfterNo,
      usualChanges: usual.changes,
      usualTargets: usual.targets,
      budgetPercent: 0,
      outsideHours: false,
      outsidePurpose: false,
      halfOpen,
    };
  }

  count(
    { operation, namedTargets }: Pick<Step, 'operation' | 'namedTargets'>,
    traits: Traits,
    atMs: number,
  ): void {
    if (atMs < this.#releasedMs) return;
    windowOf(this.operations, operation).add(atMs);
    windowOf(this.classes, traits.risk).add(atMs);
    this.#minute.add(atMs);
    this.#denials = 0;
    // One call that names many deletes as many.
    if (traits.deletes) this.#deletedMinute.add(atMs, namedTargets.length);
    if (traits.deletes) this.#deletedHour.add(atMs, namedTargets.length);
    if (traits.reads) return;
    this.#changes.add(atMs);
    for (const target of namedTargets) {
      const key = keyOf(target);
      this.#targets.add(key, atMs);
      if (traits.audience !== 'self') this.#others.add(key, atMs);
    }
    this.usual.add(atMs, this.#targets.countAt(atMs));
  }

  denied(): void {
    this.#denials++;
  }

  ended({ operation, argumentsText }: Pick<Step, 'operation' | 'argumentsText'>, well: boolean): void {
    this.#failures = well ? 0 : this.#failures + 1;
    const failing = this.#failing.get(operation);
    if (well && failing === undefined) return;
    const isSame = failing !== undefined && isCall(failing, argumentsText);
    if (well) {
      if (isSame) this.#failing.delete(operation);
      return;
    }
    if (isSame) failing.count++;
    else this.#failing.set(operation, { ...callOf(argumentsText), count: 1 });
  }

  /** Until when everything counts double, after a release; null: it does not. */
  halfOpenUntil(nowMs: number): number | null {
    const until = this.#releasedMs + LIMITS.halfOpenMs;
    return nowMs < until ? until : null;
  }

  #sameFailures({ operation, argumentsText }: Step): number {
    if (this.#failing.size === 0) return 0;
    const failing = this.#failing.get(operation);
    return failing !== undefined && isCall(failing, argumentsText) ? failing.count : 0;
  }

  /** A person has looked and let it go on: what tripped it is behind it, and for a while everything counts double. */
  release(atMs: number): void {
    this.#releasedMs = Math.max(this.#releasedMs, atMs);
    for (const window of [...this.operations.values(), ...this.classes.values()]) window.clear();
    for (const window of [this.#minute, this.#changes, this.#deletedMinute, this.#deletedHour])
      window.clear();
    this.#targets.clear();
    this.#others.clear();
    this.#failing.clear();
    this.#denials = 0;
    this.#failures = 0;
  }
}

export const keyOf = ({ type, id }: TargetShape): string => `${type} ${id}`;
const audienceKey = (audience: string): string => `audience/${audience}`;
const ownerKey = (owner: string): string => `owner/${owner}`;

/** What an allowed action makes known: its audience, and whom its targets belong to. */
export function knownKeys({ owners }: Pick<Step, 'owners'>, { audience }: Traits): readonly string[] {
  return owners.length === 0 ? [audienceKey(audience)] : [audienceKey(audience), ...owners.map(ownerKey)];
}

const callOf = (text: string): Pick<Failing, 'length' | 'digest'> => ({
  length: text.length,
  digest: digestOf(text),
});
const isCall = (failing: Failing, text: string): boolean =>
  failing.length === text.length && failing.digest === digestOf(text);

function windowOf(windows: Map<string, Window>, key: string): Window {
  let window = windows.get(key);
  if (window === undefined) {
    window = hourWindow();
    windows.set(key, window);
  }
  return window;
}
