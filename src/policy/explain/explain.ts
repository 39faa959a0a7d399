import type { ErrorCode } from '../../base/errors.ts';
import type { Target, TargetRef } from '../../model/action.ts';
import type { Decision } from '../../model/decision.ts';
import type { Scene } from '../compile/evaluation.ts';
import type { TargetScene } from '../request.ts';
import type { Rule } from '../rule.ts';
import { resourceText } from '../text/cedar-text.ts';
import { admits } from '../text/scope.ts';
import { EvaluationFault } from '../values/fault.ts';
import type { Verdict } from '../verdict.ts';
import { type NearMisses, nearMisses } from './outcome-change.ts';

/** Why a decision came out as it did. */
export interface Explanation {
  readonly decision: Decision;
  readonly targets: readonly ExplainedTarget[];
}

export interface ExplainedTarget {
  readonly target: TargetRef;
  readonly decision: Decision['decision'];
  readonly code?: ErrorCode;
  /** Ids of the rules that determined it. */
  readonly rules: readonly string[];
  /** Every rule whose scope matches the agent and the operation. */
  readonly considered: readonly ExplainedRule[];
  /** Which rules nearly decided, and what would have changed the answer; absent where that cannot be told of rules. */
  readonly otherwise?: NearMisses;
}

export interface ExplainedRule {
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly effect: 'permit' | 'forbid';
  readonly outcome: 'holds' | 'does not hold' | 'error' | 'is about other targets';
  /** Where the outcome is `is about other targets`: about which. */
  readonly why?: string;
  readonly clauses: readonly ExplainedClause[];
}

export interface ExplainedClause {
  readonly kind: 'when' | 'unless';
  readonly text: string;
  /** What the condition evaluated to; absent where it erred, or was not reached because an earlier one failed. */
  readonly value?: boolean;
  readonly error?: string;
}

export function explainTarget(
  rules: readonly Rule[],
  target: Target,
  scene: TargetScene,
  verdict: Verdict,
): ExplainedTarget {
  const matches = (rule: Rule) => admits(rule.scope.resource, scene.resource, scene.target.ancestors);
  return {
    target: { type: target.type, id: target.id },
    decision: verdict.decision,
    ...(verdict.code === undefined ? {} : { code: verdict.code }),
    rules: verdict.rules.map(({ id }) => id),
    considered: rules.map((rule) => explainRule(rule, scene, matches(rule))),
    // Where a number cannot be seen by rules, no change of rules would change the answer.
    ...(verdict.code === 'UNREPRESENTABLE' ? {} : { otherwise: nearMisses(rules, scene) }),
  };
}

function explainRule(rule: Rule, scene: Scene, matches: boolean): ExplainedRule {
  const { id, file, line, effect } = rule;
  const head = { id, file, line, effect };
  if (!matches)
    return {
      ...head,
      outcome: 'is about other targets',
      why: resourceText(rule.scope.resource),
      clauses: [],
    };
  const clauses: ExplainedClause[] = [];
  let outcome: ExplainedRule['outcome'] = 'holds';
  for (const clause of rule.clauses) {
    const { kind, text } = clause;
    if (outcome !== 'holds') {
      clauses.push({ kind, text });
      continue;
    }
    try {
      const satisfied = clause.holds(scene);
      clauses.push({ kind, text, value: satisfied === (kind === 'when') });
      if (!satisfied) outcome = 'does not hold';
    } catch (thrown) {
      if (!(thrown instanceof EvaluationFault)) throw thrown;
      clauses.push({ kind, text, error: thrown.what });
      outcome = 'error';
    }
  }
  return { ...head, outcome, clauses };
}
