import { toInstant } from '../../base/clock.ts';
import { LIMITS } from '../../base/limits.ts';
import { entityText, stringText } from '../text/cedar-text.ts';

/** What an agent asks to be permitted, as it said it. */
export interface AskedPermit {
  /** Names the rule. */
  readonly id: string;
  readonly agent: string;
  readonly operation: string;
  /** Absent: any. */
  readonly target?: { readonly type: string; readonly id: string };
  readonly untilMs: number;
  readonly need: string;
}

/** The rule that would permit just that, as text for a person to put among hers. It is in force nowhere. */
export function askedPermitText({ id, agent, operation, target, untilMs, need }: AskedPermit): string {
  const resource = target === undefined ? 'resource' : `resource == ${entityText(target)}`;
  const said = `${agent} says: ${need}`.slice(0, LIMITS.annotationLength - 1);
  return [
    `@id(${stringText(id)})`,
    `@need(${stringText(said)})`,
    `permit (principal == ${entityText({ type: 'Agent', id: agent })}, action == ${entityText({ type: 'Action', id: operation })}, ${resource})`,
    `when { context.system.now < datetime(${stringText(toInstant(untilMs))}) };`,
  ].join('\n');
}
