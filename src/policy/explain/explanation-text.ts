import { withoutInvisible } from '../../base/invisible.ts';
import { WATCHED } from '../verdict.ts';
import type { Condition } from './condition.ts';
import type { ExplainedClause, ExplainedRule, ExplainedTarget, Explanation } from './explain.ts';
import type { ChangeStep, NearMisses, NearRule } from './outcome-change.ts';

const LONGEST_TARGET = 200;

/** An explanation as lines for a person: the answer, then each target with the rules that were considered. */
export function renderExplanation({ decision, targets }: Explanation): string {
  const lines = [
    `${decision.decision}${decision.code === undefined ? '' : ` ${decision.code}`}: ${decision.reason}`,
  ];
  if (decision.rules.length > 0) lines.push(`because of ${decision.rules.join(', ')}`);
  for (const { who, rule } of decision.reviews) lines.push(`asks ${who} (${rule})`);
  if (decision.reviews.length === 1 && decision.reviews[0]?.rule === WATCHED.rule)
    lines.push('it would have been allowed if the level of the agent had been live; it was watched');
  const also = targets.filter((target) => target.decision === decision.decision).length;
  if (decision.decision !== 'allow' && also > 1)
    lines.push(`${also} targets were answered so; each would have to change`);
  return [...lines, ...targets.flatMap(targetLines)].map((line) => withoutInvisible(line)).join('\n');
}

function targetLines({ target, decision, code, rules, considered, otherwise }: ExplainedTarget): string[] {
  const id = target.id.length > LONGEST_TARGET ? `${target.id.slice(0, LONGEST_TARGET)}…` : target.id;
  const why = rules.length === 0 ? '' : ` by ${rules.join(', ')}`;
  const answer = `${decision}${code === undefined ? '' : ` ${code}`}${why}`;
  return [
    '',
    `${target.type} ${JSON.stringify(id)}: ${answer}`,
    ...considered.flatMap(ruleLines),
    ...otherwiseLines(otherwise),
  ];
}

function ruleLines({ id, file, line, effect, outcome, why, clauses }: ExplainedRule): string[] {
  const about = why === undefined ? '' : ` (${why})`;
  return [`  ${effect} ${id} (${file}:${line}): ${outcome}${about}`, ...clauses.map(clauseLine)];
}

function clauseLine({ kind, text, value, error }: ExplainedClause): string {
  const result =
    error !== undefined ? `error: ${error}` : value === undefined ? 'not reached' : String(value);
  return `    ${kind} { ${text.replace(/\s+/g, ' ')} } → ${result}`;
}

function otherwiseLines(otherwise: NearMisses | undefined): string[] {
  if (otherwise === undefined) return [];
  const { near, change } = otherwise;
  const lines = near.length === 0 ? [] : ['  nearly decided:', ...near.flatMap(nearLines)];
  if (change === undefined) return lines;
  const answer = { allow: 'allowed', review: 'held for a person', deny: 'denied' }[change.to];
  return [...lines, `  it would have been ${answer} if`, ...change.steps.flatMap(stepLines)];
}

function nearLines({ rule, file, line, effect, review, failed }: NearRule): string[] {
  const asks = review === undefined ? '' : `, asks ${review}`;
  return [`    ${effect} ${rule} (${file}:${line}${asks}), but for this:`, ...failed.map(conditionLine)];
}

function stepLines({ rule, must, conditions }: ChangeStep): string[] {
  switch (must) {
    case 'be written':
      return ['    a rule permitted it; none does that names this agent and this operation'];
    case 'be absent':
      return [`    ${rule} were not there; nothing in it depends on the call`];
    case 'be mended':
      return [`    ${rule} could be evaluated and did not hold, or were not there`];
    case 'hold':
      return [`    ${rule} held:`, ...conditions.map(conditionLine)];
    case 'not hold':
      return [`    ${rule} did not hold:`, ...conditions.map(conditionLine)];
  }
}

function conditionLine({ words }: Condition): string {
  return `      ${words}`;
}
