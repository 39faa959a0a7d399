import { ERRORS, type Problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Decision } from '../../model/decision.ts';
import type { AccessRequest } from '../../pipeline/check/access-request.ts';
import { offered } from './access-request.ts';

/**
 * A decision as AuthZEN 1.0 words it ("Decision"): `decision`, and in `context` why. A review is no allow: nobody has
 * answered it. `action` is the id by which its outcome is told and `log show` finds it.
 */
export function answerDecision(
  decision: Decision,
  action?: string,
  asked: AccessRequest | null = null,
): JsonObject {
  const { code, rules, reason, reviews, approval } = decision;
  return {
    decision: decision.decision === 'allow',
    context: {
      ...(action === undefined ? {} : { action }),
      ...(code === undefined ? {} : { code }),
      rules,
      reason,
      ...(reviews.length === 0 ? {} : { reviews: reviews.map((review) => review.who) }),
      ...(approval === undefined ? {} : { approval: approval.id }),
      ...(asked === null ? {} : { access_request: offered(asked), evaluation_id: action ?? '' }),
    },
  };
}

/** A refusal where there is a decision to be given all the same: one of many, or a line of `decide` ("Errors"). */
export function answerRefusal({ code, sentence }: Problem): JsonObject {
  return {
    decision: false,
    context: { code, rules: [], reason: sentence, error: { status: statusOf(code), message: sentence } },
  };
}

/** HTTP status of what is refused at this door. The table has JSON-RPC's 200 where a message carries its own error. */
export function statusOf(code: Problem['code']): number {
  const { http, kind } = ERRORS[code];
  if (http === 200) return kind === 'refuse' ? 400 : 500;
  // Here it is a word in the body that names nothing; the address is there.
  if (code === 'UNKNOWN_UPSTREAM') return 400;
  return code === 'INTERNAL' ? 500 : http;
}
