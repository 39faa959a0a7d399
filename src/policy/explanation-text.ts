import type { ExplainedClause, ExplainedRule, ExplainedTarget, Explanation } from './explain.ts';

const LONGEST_TARGET = 200;

/** An explanation as lines for a person: the answer, then each target with the rules that were considered. */
export function renderExplanation({ decision, targets }: Explanation): string {
  const lines = [
    `${decision.decision}${decision.code === undefined ? '' : ` ${decision.code}`}: ${decision.reason}`,
  ];
  if (decision.rules.length > 0) lines.push(`because of ${decision.rules.join(', ')}`);
  for (const { who, rule } of decision.reviews) lines.push(`asks ${who} (${rule})`);
  return [...lines, ...targets.flatMap(targetLines)].map(printable).join('\n');
}

function targetLines({ target, decision, code, rules, considered }: ExplainedTarget): string[] {
  const id = target.id.length > LONGEST_TARGET ? `${target.id.slice(0, LONGEST_TARGET)}…` : target.id;
  const why = rules.length === 0 ? '' : ` by ${rules.join(', ')}`;
  const answer = `${decision}${code === undefined ? '' : ` ${code}`}${why}`;
  return ['', `${target.type} ${JSON.stringify(id)}: ${answer}`, ...considered.flatMap(ruleLines)];
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

function printable(line: string): string {
  return line.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
}
