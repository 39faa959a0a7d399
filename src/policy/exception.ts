import type { TargetRef } from '../model/action.ts';
import { entityText } from './cedar-text.ts';

/** The narrowest exception from a rule that asks: this agent, this operation, each of these targets. Cedar text. */
export function exceptionText(agent: string, operation: string, targets: readonly TargetRef[]): string {
  const each = targets.map((target) => `resource == ${entityText(target)}`);
  const on = each.length === 1 ? each[0] : `(${each.join(' || ')})`;
  return [
    `principal == ${entityText({ type: 'Agent', id: agent })}`,
    `action == ${entityText({ type: 'Action', id: operation })}`,
    on,
  ].join(' && ');
}

/** A rule's text, up to its semicolon, with one exception more. */
export function withException(rule: string, exception: string): string {
  return `${rule.trimEnd().replace(/;$/, '')}\nunless { ${exception} };`;
}
