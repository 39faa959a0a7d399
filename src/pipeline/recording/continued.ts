import { canonicalize } from '../../base/canonical.ts';
import { type Problem, problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Action } from '../../model/action.ts';
import type { Decision } from '../../model/decision.ts';
import { saltedDigest, whoseFields } from '../action/action.ts';
import { markCells } from '../action/marks.ts';
import type { InForce } from '../in-force.ts';
import type { Rooms } from '../rooms.ts';

/**
 * Makes durable that a paused call goes on, or why it may not. `inputDigest` is SHA-256 of salt ‖ RFC 8785
 * {digest, inputResponses}, under the action's own salt. A Problem: it could not be recorded, and nothing may be sent.
 */
export async function recordContinued(
  rooms: Rooms,
  action: Action,
  decision: Decision,
  responses: JsonObject,
  inForce: InForce,
): Promise<Problem | null> {
  const { agent, digest } = action;
  const { code, marks = [] } = decision;
  const fields = {
    kind: 'action.continued',
    ...whoseFields(action),
    digest,
    inputDigest: saltedDigest(action.salt, canonicalize({ digest, inputResponses: responses })),
    decision: decision.decision === 'allow' ? 'allow' : 'deny',
    ...(code === undefined ? {} : { code }),
    rules: decision.rules,
    policy: inForce.policy.digest,
    ...(marks.length === 0 ? {} : { marks }),
  } as const;
  const cells = markCells(rooms.marks.due(action, rooms.clock.now()));
  try {
    const { bytes } = await rooms.recorder.record({ fields, cells });
    rooms.admission.logged(agent, bytes);
    return null;
  } catch (error) {
    rooms.report(`a continuation could not be recorded, so nothing was sent: ${String(error)}`);
    rooms.marks.unstored(action);
    return problem('STORE_UNAVAILABLE');
  }
}
