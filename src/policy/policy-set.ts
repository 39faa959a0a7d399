import { LIMITS } from '../base/limits.ts';
import type { Target } from '../model/action.ts';
import type { Decision } from '../model/decision.ts';
import type { Level } from '../model/level.ts';
import { PAST_NAMES, type PastFacts } from '../model/past.ts';
import { Answers } from './answers.ts';
import { CandidateIndex, type Candidates } from './candidates.ts';
import { type Explanation, explainTarget } from './explain/explain.ts';
import { couldBeHad, NO_OUTLOOK, type Outlook, outlookOf, type Prospect } from './listable.ts';
import type { PolicyProblem } from './problem.ts';
import { ContextRecord, type PolicyRequest, type Setting, TargetScene } from './request.ts';
import { type Principal, Residents } from './residents.ts';
import type { Rule } from './rule.ts';
import { holdsDecimals, unrepresentable } from './schema/input.ts';
import type { CedarSchema } from './schema/schema.ts';
import type { RecordShape } from './schema/shape.ts';
import { touches } from './text/mentions.ts';
import { EntityUid } from './values/values.ts';
import { deny, forbidsOf, judge, type Verdict } from './verdict.ts';
import type { World, WorldOperation } from './world.ts';

export interface RuleInfo {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly effect: 'permit' | 'forbid';
  readonly annotations: Rule['annotations'];
  /** As it stands in the file. */
  readonly text: string;
}

/** Rules in force, ready to decide. A decision changes nothing in it but caches. */
export interface PolicySet {
  /** `sha256:…` over rules and schema: the `policy` of log entries. */
  readonly digest: string;
  readonly rules: readonly RuleInfo[];
  readonly warnings: readonly PolicyProblem[];
  /** What the rules were validated against. */
  readonly schema: CedarSchema;
  /** Operations that a rule does not fit, with those rules; every one is denied and unlisted. */
  readonly misfits: ReadonlyMap<string, readonly string[]>;
  /** Which facts about an agent's past the rules look at. What a decision saw of these stands in its log entry. */
  readonly looksBack: readonly (keyof PastFacts)[];
  /**
   * The decision over all targets: the strictest answer wins, and the rules of those that gave it unite. Never throws.
   */
  decide(request: PolicyRequest): Decision;
  /** Whether an agent at this level could have this operation with some arguments on some target. */
  listable(agent: string, level: Level, operation: string): boolean;
  /** Every rule that could apply to this operation of an agent at this level, with some arguments on some target. */
  outlook(agent: string, level: Level, operation: string): Outlook;
  /** What decided, rule by rule and clause by clause. Never throws. */
  explain(request: PolicyRequest): Explanation;
}

interface PolicyParts {
  readonly digest: string;
  readonly rules: readonly Rule[];
  readonly warnings: readonly PolicyProblem[];
  readonly world: World;
  readonly shapes: ReadonlyMap<string, RecordShape>;
  readonly misfits: ReadonlyMap<string, readonly string[]>;
  readonly schema: CedarSchema;
}

/** What is known of an operation before anybody asks. */
interface Known {
  readonly operation: WorldOperation;
  readonly uid: EntityUid;
  readonly shape: RecordShape;
  readonly groups: ReadonlySet<string>;
  readonly reads: boolean;
  readonly decimals: boolean;
}

export function createPolicySet(parts: PolicyParts): PolicySet {
  const decider = new Decider(parts);
  return {
    digest: parts.digest,
    rules: parts.rules.map(({ id, file, line, effect, annotations, text }) => ({
      id,
      file,
      line,
      effect,
      annotations,
      text,
    })),
    schema: parts.schema,
    warnings: parts.warnings,
    misfits: parts.misfits,
    looksBack: looksBack(parts.rules),
    decide: (request) => decider.decide(request),
    listable: (agent, level, operation) => decider.listable(agent, level, operation),
    outlook: (agent, level, operation) => decider.outlook(agent, level, operation),
    explain: (request) => decider.explain(request),
  };
}

/**
 * Names of facts about the past as rules write them. A name in a comment counts too, which costs a few bytes of log.
 */
const LOOKS_BACK = new RegExp(`\\b(${PAST_NAMES.join('|')})\\b`, 'g');

function looksBack(rules: readonly Rule[]): (keyof PastFacts)[] {
  const found = new Set(rules.flatMap(({ text }) => text.match(LOOKS_BACK) ?? []));
  return PAST_NAMES.filter((name) => found.has(name));
}

class Decider {
  readonly #parts: PolicyParts;
  readonly #residents: Residents;
  readonly #index: CandidateIndex;
  readonly #operations: ReadonlyMap<string, Known>;
  readonly #declared: ReadonlyMap<string, ReadonlySet<string>>;
  readonly #answers = new Answers();
  readonly #listable = new Map<string, boolean>();

  constructor(parts: PolicyParts) {
    const { world, shapes } = parts;
    this.#parts = parts;
    this.#residents = new Residents(world);
    this.#index = new CandidateIndex(parts.rules);
    this.#operations = new Map(world.operations.map((each) => [each.id, knownOf(each, shapes)]));
    this.#declared = new Map(
      Object.entries(world.types).map(([name, { attributes }]) => [name, new Set(attributes)]),
    );
  }

  decide(request: PolicyRequest): Decision {
    try {
      return this.#decide(request);
    } catch {
      return deny('DECISION_FAILED', request.operation);
    }
  }

  #decide(request: PolicyRequest): Decision {
    const { operation } = request;
    const known = this.#operations.get(operation);
    const principal = this.#residents.principals.get(request.agent);
    const refusal = this.#refusal(request, known, principal);
    if (refusal !== undefined) return refusal;
    if (known === undefined || principal === undefined) return deny('DECISION_FAILED', operation);
    const setting = this.#setting(request, known, principal);
    const candidates = this.#index.find(operation, known.groups, principal);
    const hidden = this.#hidden(request, known);
    const verdicts = request.targets.map((target, i) => {
      const rules = countedIn(candidates.matching(target), request.named);
      return verdictOn(rules, hidden, this.#scene(setting, target), needsPermit(request, i));
    });
    return this.#answers.unite(verdicts, operation, request.level === 'watched' && !known.reads);
  }

  /** What denies before any rule is asked. */
  #refusal(
    request: PolicyRequest,
    known: Known | undefined,
    principal: Principal | undefined,
  ): Decision | undefined {
    const { operation, level, targets } = request;
    if (known === undefined || principal === undefined || targets.length === 0)
      return deny('DECISION_FAILED', operation);
    if (level !== 'live' && level !== 'watched') return deny('FROZEN', operation);
    if (!principal.hasOwner) return deny('NO_OWNER', operation);
    const misfits = this.#parts.misfits.get(operation);
    if (misfits !== undefined) return deny('RULE_DOES_NOT_FIT', operation, misfits);
    // Rules were validated for these types of target and for no other: on another type they may read what it lacks,
    // which is an error.
    const derived = request.said === true ? targets.slice(1) : targets;
    if (!derived.every(({ type }) => known.operation.targetTypes.includes(type)))
      return deny('DECISION_FAILED', operation);
    if (request.said === true && this.#lacksContainer(targets[0]))
      return deny(
        'TARGET_UNKNOWN',
        operation,
        [],
        'what a resource of this type lies in is not known from its name',
      );
    return undefined;
  }

  /**
   * Whether it is unknown what the target lies in, so that a rule or a stop about one of those things would miss it.
   * Never for a Path, whose name tells everything that it lies in.
   */
  #lacksContainer(target: Target | undefined): boolean {
    if (target === undefined || target.type === 'Path') return false;
    const parents = this.#parts.world.types[target.type]?.parents ?? [];
    return !parents.every((parent) => target.ancestors.some(({ type }) => type === parent));
  }

  /** Paths of arguments that rules cannot see as they were sent. */
  #hidden(request: PolicyRequest, known: Known): readonly (readonly string[])[] {
    return known.decimals ? unrepresentable(known.shape, request.arguments) : [];
  }

  #setting(request: PolicyRequest, known: Known, principal: Principal): Setting {
    return {
      principal: principal.uid,
      principalData: principal.atLevel[request.level],
      action: known.uid,
      context: new ContextRecord(request, known.shape),
      world: this.#residents,
    };
  }

  #scene(setting: Setting, target: Target): TargetScene {
    return new TargetScene(setting, target, this.#declared.get(target.type) ?? UNDECLARED);
  }

  /** Cached, because a listing asks it of every operation. */
  listable(agent: string, level: Level, operation: string): boolean {
    const key = `${agent}\0${level}\0${operation}`;
    const kept = this.#listable.get(key);
    if (kept !== undefined) return kept;
    const found = this.#couldBeHad(agent, level, operation);
    if (this.#listable.size < LIMITS.listableAnswers) this.#listable.set(key, found);
    return found;
  }

  #couldBeHad(agent: string, level: Level, operation: string): boolean {
    const found = this.#prospect(agent, level, operation);
    return found !== undefined && couldBeHad(found.rules, found.prospect);
  }

  outlook(agent: string, level: Level, operation: string): Outlook {
    const found = this.#prospect(agent, level, operation);
    return found === undefined ? NO_OUTLOOK : outlookOf(found.rules, found.prospect);
  }

  /** Undefined where the operation is denied whatever the rules say. */
  #prospect(
    agent: string,
    level: Level,
    operation: string,
  ): { rules: readonly Rule[]; prospect: Prospect } | undefined {
    const known = this.#operations.get(operation);
    const principal = this.#residents.principals.get(agent);
    if (known === undefined || principal === undefined) return undefined;
    if ((level !== 'live' && level !== 'watched') || !principal.hasOwner) return undefined;
    if (this.#parts.misfits.has(operation)) return undefined;
    const candidates: Candidates = this.#index.find(operation, known.groups, principal);
    const prospect = {
      principal: principal.uid,
      principalData: principal.atLevel[level],
      action: known.uid,
      input: known.shape,
      targetTypes: known.operation.targetTypes,
      types: this.#parts.world.types,
      world: this.#residents,
    };
    return { rules: candidates.rules, prospect };
  }

  explain(request: PolicyRequest): Explanation {
    const decision = this.decide(request);
    const known = this.#operations.get(request.operation);
    const principal = this.#residents.principals.get(request.agent);
    if (known === undefined || principal === undefined) return { decision, targets: [] };
    const setting = this.#setting(request, known, principal);
    const candidates = this.#index.find(request.operation, known.groups, principal);
    try {
      const hidden = this.#hidden(request, known);
      const targets = request.targets.map((target, i) => {
        const scene = this.#scene(setting, target);
        const verdict = verdictOn(candidates.matching(target), hidden, scene, needsPermit(request, i));
        return explainTarget(candidates.rules, target, scene, verdict);
      });
      return { decision, targets };
    } catch {
      return { decision, targets: [] };
    }
  }
}

/** What rules can read of a target whose type only its caller names. */
const UNDECLARED: ReadonlySet<string> = new Set(['id']);

function knownOf(operation: WorldOperation, shapes: ReadonlyMap<string, RecordShape>): Known {
  const shape = shapes.get(operation.id);
  if (shape === undefined) throw new Error(`the operation ${operation.id} has no shape`);
  const groups = new Set(operation.groups);
  return {
    operation,
    uid: new EntityUid('Action', operation.id),
    shape,
    groups,
    reads: groups.has('risk:read'),
    decimals: holdsDecimals(shape),
  };
}

function countedIn(rules: readonly Rule[], named: PolicyRequest['named']): readonly Rule[] {
  if (named === undefined) return rules;
  return rules.filter(
    ({ effect, scope }) => scope.resource.kind === 'equals' || (named === 'permits' && effect === 'forbid'),
  );
}

function verdictOn(
  rules: readonly Rule[],
  hidden: readonly (readonly string[])[],
  scene: TargetScene,
  needed: boolean,
): Verdict {
  return unseen(rules, scene, hidden) ?? judge(rules, scene, needed);
}

/** Where the caller named the target, only that one needs a permit. The upstream, which stands last, is there to be forbidden. */
const needsPermit = ({ said, named }: PolicyRequest, index: number): boolean =>
  named !== 'all' && (said !== true || index === 0);

/**
 * A denial where a rule that could apply reads a number that rules cannot see as it was sent. It also names the forbids
 * that hold without reading that number: no number must keep a breaker from tripping that never looks at it.
 */
function unseen(
  rules: readonly Rule[],
  scene: TargetScene,
  hidden: readonly (readonly string[])[],
): Verdict | undefined {
  const isBlind = (path: readonly string[]) => (rule: Rule) =>
    rule.mentions.some((mention) => touches(mention, path));
  for (const path of hidden) {
    const blind = rules.filter(isBlind(path));
    if (blind.length === 0) continue;
    const seeing = rules.filter((rule) => !hidden.some((one) => isBlind(one)(rule)));
    const forbids = forbidsOf(judge(seeing, scene, false));
    return { decision: 'deny', code: 'UNREPRESENTABLE', rules: blind, what: path.join('.'), forbids };
  }
  return undefined;
}
