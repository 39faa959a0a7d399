import { problem } from '../base/errors.ts';
import type { Action } from '../model/action.ts';
import type { Decision } from '../model/decision.ts';
import type { HeldCall } from './held-call.ts';
import { endCall } from './pause.ts';
import type { Answer } from './ports.ts';
import type { Rooms } from './rooms.ts';

/** A fault of ours after the record: what the upstream did is not known, and nothing stays open until the next start. */
export function endFaulty(rooms: Rooms, action: Action, error: unknown, held?: HeldCall): Promise<Answer> {
  const what = error instanceof Error ? error.stack : String(error);
  rooms.report(`action ${action.id} of ${action.agent} met a fault: ${what}`);
  return held?.end(problem('INTERNAL')) ?? endCall(rooms, action, problem('INTERNAL'));
}

/** The upstream was asked before, so this is an outcome; to the agent it is a denial. */
export async function endDenied(rooms: Rooms, action: Action, decision: Decision): Promise<Answer> {
  const code = decision.code ?? 'DECISION_FAILED';
  const answer = await endCall(rooms, action, { code, sentence: decision.reason });
  if (answer.kind === 'failed' && answer.problem.code === 'OUTCOME_UNRECORDED') return answer;
  return { kind: 'denied', action: action.id, decision: { ...decision, decision: 'deny' } };
}
