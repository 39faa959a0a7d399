import { LIMITS } from '../base/limits.ts';
import type { Target } from '../model/action.ts';
import type { Principal } from './residents.ts';
import type { Rule } from './rule.ts';
import { admits, admitsAction } from './text/scope.ts';
import { entityKey } from './values/values.ts';

/**
 * The rules that can match one operation by one agent, found by what their heads say of the resource. Conditions never
 * count here: a rule whose head matches must be evaluated, because it can err.
 */
export class Candidates {
  /** All of them, in order. */
  readonly rules: readonly Rule[];
  readonly #always: readonly Rule[];
  readonly #byTarget = new Map<string, Rule[]>();
  readonly #byContainer = new Map<string, Rule[]>();
  readonly #byType = new Map<string, Rule[]>();
  constructor(rules: readonly Rule[]) {
    this.rules = rules;
    const always: Rule[] = [];
    for (const rule of rules) {
      const { resource } = rule.scope;
      if (resource.kind === 'any') always.push(rule);
      else if (resource.kind === 'is') push(this.#byType, resource.type, rule);
      else if (resource.kind === 'equals') push(this.#byTarget, resource.uid.key, rule);
      else push(this.#byContainer, resource.uid.key, rule);
    }
    this.#always = always;
  }
  /** The rules whose scope matches for this target, in no particular order. */
  matching(target: Target): readonly Rule[] {
    const { type } = target;
    let found = this.#always;
    if (this.#byType.size > 0) found = join(found, this.#byType.get(type));
    if (this.#byTarget.size === 0 && this.#byContainer.size === 0) return found;
    const key = entityKey(type, target.id);
    found = join(found, this.#byTarget.get(key));
    if (this.#byContainer.size === 0) return found;
    const keys = new Set([key]);
    for (const ancestor of target.ancestors) keys.add(entityKey(ancestor.type, ancestor.id));
    for (const each of keys) found = join(found, ofType(this.#byContainer.get(each), type));
    return found;
  }
}

function push(map: Map<string, Rule[]>, key: string, rule: Rule): void {
  const rules = map.get(key);
  if (rules === undefined) map.set(key, [rule]);
  else rules.push(rule);
}

function join(rules: readonly Rule[], more: readonly Rule[] | undefined): readonly Rule[] {
  return more === undefined || more.length === 0 ? rules : [...rules, ...more];
}

/** A rule with `resource is T in X` is found under X. */
function ofType(rules: readonly Rule[] | undefined, type: string): readonly Rule[] | undefined {
  return rules?.filter(
    ({ scope: { resource } }) => resource.kind !== 'in' || (resource.type ?? type) === type,
  );
}

/** Finds candidates by operation and agent, and caches them; the oldest go first when there are too many. */
export class CandidateIndex {
  readonly #rules: readonly Rule[];
  readonly #kept = new Map<string, Candidates>();
  #held = 0;
  constructor(rules: readonly Rule[]) {
    this.#rules = rules;
  }
  /** `operation` must be one of the world's. */
  find(operation: string, groups: ReadonlySet<string>, principal: Principal): Candidates {
    const key = `${operation}\0${principal.uid.id}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return kept;
    const { ancestors } = principal.atLevel.live;
    const found = new Candidates(
      this.#rules.filter(
        ({ scope }) =>
          admitsAction(scope.action, operation, groups) && admits(scope.principal, principal.uid, ancestors),
      ),
    );
    this.#keep(key, found);
    return found;
  }

  #keep(key: string, found: Candidates): void {
    this.#kept.set(key, found);
    this.#held += weight(found);
    for (const [oldest, candidates] of this.#kept) {
      if (this.#held <= LIMITS.candidateRules) break;
      this.#kept.delete(oldest);
      this.#held -= weight(candidates);
    }
  }
}

function weight({ rules }: Candidates): number {
  return rules.length + 8;
}
