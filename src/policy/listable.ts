import { compile } from './compile/compile.ts';
import type { Entities, EntityData, Scene } from './compile/evaluation.ts';
import { ALWAYS_KNOWN } from './request.ts';
import type { Rule } from './rule.ts';
import { holdsDecimals } from './schema/input.ts';
import type { Member, RecordShape } from './schema/shape.ts';
import { type Expression, parts } from './text/expression.ts';
import type { Constraint } from './text/scope.ts';
import { EvaluationFault } from './values/fault.ts';
import { EMPTY_RECORD, EntityUid } from './values/values.ts';
import type { TargetType } from './world.ts';

/** What is known of a request before there is one: who and which operation, not on what or with what. */
export interface Prospect {
  readonly principal: EntityUid;
  readonly principalData: EntityData;
  readonly action: EntityUid;
  readonly input: RecordShape;
  readonly targetTypes: readonly string[];
  readonly types: Readonly<Record<string, TargetType>>;
  readonly world: Entities;
}

/**
 * Whether some arguments and target could be allowed or held for review, as far as can be told: some permit is not
 * definitely false, and no review-less forbid is definitely true. `rules` match the agent and the operation. It may
 * answer true for what is always denied, never false for what could be had.
 */
export function couldBeHad(rules: readonly Rule[], prospect: Prospect): boolean {
  const permitted = rules.some(
    (rule) =>
      rule.effect === 'permit' &&
      scopeTruth(rule.scope.resource, prospect) !== false &&
      conditionTruth(rule, prospect) !== false,
  );
  if (!permitted) return false;
  return !rules.some(
    (rule) =>
      rule.effect === 'forbid' &&
      rule.annotations.review === undefined &&
      scopeTruth(rule.scope.resource, prospect) === true &&
      conditionTruth(rule, prospect) === true,
  );
}

/** One rule that could apply to a prospect. `always`: it does, whatever the arguments and the target. */
export interface RuleOutlook {
  readonly rule: string;
  readonly always: boolean;
}

/** What rules make of an operation before there is a request: every rule that could apply, by what it would do. */
export interface Outlook {
  /** Whether anything of it could be allowed or held; the answer of `couldBeHad`. */
  readonly could: boolean;
  readonly permits: readonly RuleOutlook[];
  readonly forbids: readonly RuleOutlook[];
  readonly reviews: readonly (RuleOutlook & { readonly who: string })[];
}

export const NO_OUTLOOK: Outlook = { could: false, permits: [], forbids: [], reviews: [] };

export function outlookOf(rules: readonly Rule[], prospect: Prospect): Outlook {
  const likely = rules.flatMap((rule) => {
    const truth = all([scopeTruth(rule.scope.resource, prospect), conditionTruth(rule, prospect)]);
    return truth === false ? [] : [{ rule, always: truth === true }];
  });
  const named = ({ rule, always }: (typeof likely)[number]) => ({ rule: rule.id, always });
  return {
    could: couldBeHad(rules, prospect),
    permits: likely.filter(({ rule }) => rule.effect === 'permit').map(named),
    forbids: likely
      .filter(({ rule }) => rule.effect === 'forbid' && rule.annotations.review === undefined)
      .map(named),
    reviews: likely.flatMap((one) => {
      const { review } = one.rule.annotations;
      return one.rule.effect === 'forbid' && review !== undefined ? [{ ...named(one), who: review }] : [];
    }),
  };
}

/**
 * True, false, or undefined for what depends on the unknown. An error in any part denies whatever the whole would have
 * been, so both answers may ignore that parts can err: `unknown && false` is false or denies.
 */
type Truth = boolean | undefined;

function conditionTruth(rule: Rule, prospect: Prospect): Truth {
  return all(
    rule.clauses.map(({ kind, expression }) => {
      const truth = truthOf(expression, prospect);
      return kind === 'when' ? truth : not(truth);
    }),
  );
}

function scopeTruth(constraint: Constraint, prospect: Prospect): Truth {
  switch (constraint.kind) {
    case 'any':
      return true;
    case 'is':
      return typeTruth(constraint.type, prospect);
    case 'equals':
      return typeTruth(constraint.uid.type, prospect) === false ? false : undefined;
    case 'in': {
      if (constraint.type !== undefined && typeTruth(constraint.type, prospect) === false) return false;
      return canLieIn(constraint.uid.type, prospect) ? undefined : false;
    }
  }
}

function typeTruth(type: string, { targetTypes }: Prospect): Truth {
  if (targetTypes.every((each) => each === type)) return true;
  return targetTypes.includes(type) ? undefined : false;
}

/** Whether a target of this operation could be or lie in something of a type. */
function canLieIn(type: string, { targetTypes, types }: Prospect): boolean {
  const seen = new Set<string>();
  const open = [...targetTypes];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === type) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(types[next]?.parents ?? []));
  }
  return false;
}

function truthOf(expression: Expression, prospect: Prospect): Truth {
  if (!dependsOnUnknown(expression)) return concrete(expression, prospect);
  switch (expression.op) {
    case '&&':
      return all([truthOf(expression.left, prospect), truthOf(expression.right, prospect)]);
    case '||':
      return not(all([not(truthOf(expression.left, prospect)), not(truthOf(expression.right, prospect))]));
    case '!':
      return not(truthOf(expression.of, prospect));
    case 'if': {
      const condition = truthOf(expression.condition, prospect);
      if (condition !== undefined)
        return truthOf(condition ? expression.consequent : expression.otherwise, prospect);
      const then = truthOf(expression.consequent, prospect);
      return then === truthOf(expression.otherwise, prospect) ? then : undefined;
    }
    case 'has':
      return hasTruth(expression.of, expression.path, prospect);
    case 'is': {
      if (!isResource(expression.of)) return undefined;
      const is = typeTruth(expression.type, prospect);
      return expression.within === undefined || is === false ? is : undefined;
    }
    case 'in':
    case '==':
      return relationTruth(expression.op, expression.left, expression.right, prospect);
    case '!=':
      return not(relationTruth('==', expression.left, expression.right, prospect));
    default:
      return undefined;
  }
}

/** `resource == T::"x"` and `resource in T::"x"` are false where no target can be of such a type. */
function relationTruth(op: 'in' | '==', left: Expression, right: Expression, prospect: Prospect): Truth {
  if (!isResource(left) || right.op !== 'literal' || !(right.value instanceof EntityUid)) return undefined;
  const { type } = right.value;
  const possible = op === 'in' ? canLieIn(type, prospect) : prospect.targetTypes.includes(type);
  return possible ? undefined : false;
}

function isResource(expression: Expression): boolean {
  return expression.op === 'variable' && expression.name === 'resource';
}

/** Whether something is there can be told of `context` alone: its shape is known though its values are not. */
function hasTruth(of: Expression, path: readonly string[], prospect: Prospect): Truth {
  const full = contextPath(of);
  if (full === undefined) return undefined;
  const [first, ...rest] = [...full, ...path];
  if (first === 'system') {
    if (rest.length === 0) return true;
    return rest.length === 1 && ALWAYS_KNOWN.includes(rest[0] ?? '') ? true : undefined;
  }
  if (first !== 'input') return false;
  let shape: RecordShape | undefined = prospect.input;
  let certain = true;
  for (const name of rest) {
    const member: Member | undefined = shape?.members.get(name);
    if (member === undefined) return false;
    if (!member.required || holdsDecimals(member.shape)) certain = false;
    shape = member.shape.kind === 'record' ? member.shape : undefined;
  }
  return certain ? true : undefined;
}

function contextPath(expression: Expression): readonly string[] | undefined {
  if (expression.op === 'variable') return expression.name === 'context' ? [] : undefined;
  if (expression.op !== 'attribute') return undefined;
  const base = contextPath(expression.of);
  return base === undefined ? undefined : [...base, expression.name];
}

function dependsOnUnknown(expression: Expression): boolean {
  if (expression.op === 'variable') return expression.name === 'resource' || expression.name === 'context';
  return parts(expression).some(dependsOnUnknown);
}

function concrete(expression: Expression, prospect: Prospect): Truth {
  const { principal, principalData, action, world } = prospect;
  const scene: Scene = {
    principal,
    action,
    resource: principal,
    context: EMPTY_RECORD,
    entities: { get: (key) => (key === principal.key ? principalData : world.get(key)) },
  };
  try {
    const value = compile(expression).evaluate(scene);
    return typeof value === 'boolean' ? value : undefined;
  } catch (thrown) {
    if (!(thrown instanceof EvaluationFault)) throw thrown;
    return undefined;
  }
}

function all(truths: readonly Truth[]): Truth {
  if (truths.includes(false)) return false;
  return truths.includes(undefined) ? undefined : true;
}

function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}
