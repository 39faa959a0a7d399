import type { TargetRef } from '../../model/action.ts';
import { entityText } from '../text/cedar-text.ts';

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

const STRING = String.raw`"(?:[^"\\\n]|\\.)*"`;
const ON = String.raw`resource == [A-Za-z_][\w:]*::${STRING}`;
const ENDS = new RegExp(
  String.raw`\nunless \{ (principal == Agent::${STRING} && action == Action::${STRING} && (?:${ON}|\(${ON}(?: \|\| ${ON})+\))) \};$`,
);

/**
 * The last exception of a rule's text, where it stands exactly as `withException` writes those of `exceptionText`, and the
 * text without it; null where it ends otherwise. Such a clause can neither err nor say anything but whom it spares.
 */
export function lastException(rule: string): { readonly exception: string; readonly without: string } | null {
  const found = ENDS.exec(rule);
  return found?.[1] === undefined ? null : { exception: found[1], without: `${rule.slice(0, found.index)};` };
}
