import type { ErrorCode } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import { asSentence } from '../../../base/sentence.ts';
import { OWN_UPSTREAM } from '../../../catalog/own-server.ts';
import type { DecisionMeta } from '../../../contract/mcp-meta.ts';
import type { Decision } from '../../../model/decision.ts';
import type { AnsweredRequest } from './answers.ts';

/**
 * What would help, by code, where the reason alone does not say it. For the model, so it says what to do next; never a
 * command, since an agent with a shell would run it.
 */
const HELP: { readonly [code in ErrorCode]?: string } = {
  FORBIDDEN:
    'Do not try this again in another way; ask the owner of this agent whether it should be allowed.',
  RULE_ERROR: 'The owner of this agent must mend the rule; trying again will not help.',
  APPROVAL_UNAVAILABLE:
    'Nobody can answer this here yet. Trying again will not help; go on with what needs no person, and tell the owner of this agent.',
  APPROVAL_DENIED:
    'Do not try this again, nor in another way; go on without it, or ask the owner of this agent.',
  UNREPRESENTABLE: 'Send a number with fewer digits.',
  TARGET_UNKNOWN: 'Name the target in the arguments.',
  TOO_MANY_TARGETS: 'Split the call.',
  PROTECTED: 'Nobody can allow it; go on without it.',
  PIN_CHANGED: 'Go on without it, and tell the owner of this agent.',
  RULE_DOES_NOT_FIT: 'Trying again will not help; tell the owner of this agent.',
  AMOUNT_UNKNOWN: 'Trying again will not help; tell the owner of this agent.',
  DECISION_FAILED: 'Trying again will not help; tell the owner of this agent.',
  FROZEN: 'Stop here and report.',
  NO_OWNER: 'Stop here and report.',
  LEASE_OVER: 'Stop here and report.',
  STORE_UNAVAILABLE: 'Try again later.',
  UPSTREAM_UNAVAILABLE: 'Try again later.',
};

/** `dev.lanyard/decision` of a denial. A decision that is not `review` reads `deny`, whatever it came as. */
export function decisionMeta(action: string, decision: Decision): DecisionMeta & JsonObject {
  return {
    decision: decision.decision === 'review' ? 'review' : 'deny',
    code: decision.code ?? 'DECISION_FAILED',
    rules: decision.rules,
    reason: decision.reason,
    action,
    ...(decision.reviews.length > 0 ? { reviews: decision.reviews.map((review) => review.who) } : {}),
    ...approvalOf(decision),
  };
}

function approvalOf({ approval }: Decision): { readonly approval?: string; readonly expires?: string } {
  if (approval === undefined) return {};
  const { id, expires } = approval;
  return { approval: id, ...(expires === undefined ? {} : { expires }) };
}

/** One sentence or three for the model: what was denied, why and by which rules, and what would help. */
export function denialSentence(
  { called, isJoined }: Pick<AnsweredRequest, 'called' | 'isJoined'>,
  decision: Decision,
  helps?: string,
): string {
  const code = decision.code ?? 'DECISION_FAILED';
  const rules = decision.rules.length > 0 ? ` Rules: ${decision.rules.join(', ')}.` : '';
  const help = HELP[code] === undefined ? '' : ` ${HELP[code]}`;
  const named = isJoined === true ? `${OWN_UPSTREAM}__${helps}` : `${helps} of the server ${OWN_UPSTREAM}`;
  const tool = helps === undefined ? '' : ` What helps: ${named}.`;
  const did = code === 'APPROVAL_PENDING' ? 'holds' : 'denied';
  return `Lanyard ${did} ${called} (${code}): ${asSentence(decision.reason)}${rules}${help}${tool}`;
}
