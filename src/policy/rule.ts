import { canonicalize } from '../base/canonical.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { compile } from './compile/compile.ts';
import { asBoolean, type Scene } from './compile/evaluation.ts';
import type { Annotations } from './text/annotations.ts';
import { type Expression, readExpression } from './text/expression.ts';
import { type Mention, mentionsOf } from './text/mentions.ts';
import { readScope, type Scope } from './text/scope.ts';

/** A rule ready to decide with. */
export interface Rule {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly effect: 'permit' | 'forbid';
  readonly annotations: Annotations;
  /** As it stands in the file, annotations included. */
  readonly text: string;
  readonly scope: Scope;
  readonly clauses: readonly Clause[];
  readonly mentions: readonly Mention[];
  /** RFC 8785 text of Cedar's JSON form, for the digest of the set. */
  readonly canonical: string;
  /** Its place in the set, which orders answers. */
  readonly index: number;
}

interface Clause {
  readonly kind: 'when' | 'unless';
  /** As it stands in the file. */
  readonly text: string;
  readonly expression: Expression;
  /** Whether the clause is satisfied (an `unless`: whether its condition is false). Throws EvaluationFault. */
  readonly holds: (scene: Scene) => boolean;
}

interface RuleHead {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly annotations: Annotations;
  readonly text: string;
  readonly clauseTexts: readonly string[];
  readonly index: number;
}

/** Compiles a rule from Cedar's JSON form. Throws TypeError where anything in it is not understood. */
export function compileRule(head: RuleHead, json: JsonObject): Rule {
  const { clauseTexts, ...rest } = head;
  const effect = json['effect'];
  const conditions = json['conditions'];
  if (effect !== 'permit' && effect !== 'forbid') throw new TypeError('a rule without an effect');
  if (!Array.isArray(conditions) || conditions.length !== clauseTexts.length)
    throw new TypeError('the clauses of this rule are not understood');
  const clauses = conditions.map((condition, i): Clause => {
    if (!isJsonObject(condition)) throw new TypeError('a clause that is not understood');
    const { kind, body } = condition;
    if (kind !== 'when' && kind !== 'unless') throw new TypeError('a clause that is not understood');
    const expression = readExpression(body);
    const { evaluate } = compile(expression);
    const wanted = kind === 'when';
    const holds = (scene: Scene) => asBoolean(evaluate(scene)) === wanted;
    return { kind, text: clauseTexts[i] ?? '', expression, holds };
  });
  return {
    ...rest,
    effect,
    scope: readScope(json),
    clauses,
    mentions: mentionsOf(clauses.map(({ expression }) => expression)),
    canonical: canonicalize(json),
  };
}

/** Whether a rule whose scope matches is satisfied. Throws EvaluationFault. */
export function holds(rule: Rule, scene: Scene): boolean {
  for (const clause of rule.clauses) if (!clause.holds(scene)) return false;
  return true;
}
