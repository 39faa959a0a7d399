import { canonicalize } from '../../base/canonical.ts';
import { problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { decide, overruled } from '../action/decide.ts';
import type { Prepared } from '../action/prepare.ts';
import { stillApproved } from '../approval/discharge.ts';
import type { InForce } from '../in-force.ts';
import type { Answer } from '../ports/answer.ts';
import type { CallControl } from '../ports/call.ts';
import { recordContinued } from '../recording/continued.ts';
import type { Rooms } from '../rooms.ts';
import type { HeldCall } from './held-call.ts';
import { awaitClient, shownOf } from './pause.ts';

/** What one request of the client is answered: how the call ended, or what its upstream asks. */
export async function answerHeld(
  rooms: Rooms,
  held: HeldCall,
  control: CallControl,
  round: number,
): Promise<Answer> {
  const asked = await held.next(control);
  if (asked === null) return held.answer();
  const shown = { requests: shownOf(asked, held.can), state: null };
  return awaitClient(rooms, { action: held.action, asked, round, held }, shown, (why) => held.end(why));
}

/**
 * The client goes on with a held call: the same action, decided again with what it answers, recorded, and only then
 * answered to the upstream. Where the call has ended meanwhile nothing goes up, and there is nothing to decide: its end
 * is recorded, and is what the client is answered.
 */
export async function goOnHeld(
  rooms: Rooms,
  inForce: InForce,
  held: HeldCall,
  { prepared, responses, control, round }: Continued,
): Promise<Answer> {
  if (!held.isOver) {
    const { action } = held;
    const now = decide(rooms, inForce, { ...prepared, action }, canonicalize(responses));
    let decision = stillApproved(action, inForce, now);
    if (decision.decision === 'allow' && !rooms.sessionPins.holds(action, held.session))
      decision = overruled(decision, problem('PIN_CHANGED', { operation: action.operation }));
    const ended = await held.beforeItsEnd(async () => {
      const unrecorded = await recordContinued(rooms, action, decision, responses, inForce);
      if (unrecorded === null && decision.decision === 'allow') return null;
      const { code = 'DECISION_FAILED', reason } = decision;
      // Not waited for in here: the end waits for this.
      return { answer: held.end(unrecorded ?? { code, sentence: reason }), unrecorded };
    });
    if (ended !== null) {
      const answer = await ended.answer;
      if (ended.unrecorded !== null || answer.kind === 'failed') return answer;
      return { kind: 'denied', action: action.id, decision: { ...decision, decision: 'deny' } };
    }
    held.respond(responses);
  }
  return answerHeld(rooms, held, control, round + 1);
}

interface Continued {
  readonly prepared: Prepared;
  readonly responses: JsonObject;
  readonly control: CallControl;
  /** The round that the client has answered. */
  readonly round: number;
}
