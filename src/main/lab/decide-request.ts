import type { Json, JsonObject } from '../../base/json.ts';
import { answerDecision, answerRefusal } from '../../doors/check/answers.ts';
import { readEvaluation } from '../../intake/check.ts';
import type { Action } from '../../model/action.ts';
import type { Decision } from '../../model/decision.ts';
import { decide, denied } from '../../pipeline/action/decide.ts';
import { prepare } from '../../pipeline/action/prepare.ts';
import type { InForce } from '../../pipeline/in-force.ts';
import { recordDecision } from '../../pipeline/recording/recorded.ts';
import type { DecidingRooms } from '../../pipeline/rooms.ts';
import type { House } from '../house.ts';
import { unknownAgent } from '../unknown.ts';

/**
 * One AuthZEN 1.0 evaluation → `{decision, context}`, read and worded as at the check door. Executes nothing. The
 * decision is the corridor's own: the same preparation, the same rules. What is refused is `decision: false` as well.
 */
export function decideRequest(rooms: DecidingRooms, inForce: InForce, request: Json): DecidedRequest {
  const read = readEvaluation(request);
  if (!read.ok) return { answer: answerRefusal(read.error) };
  const { agent, session = 'check', attempt, resource } = read.value;
  const nobody = unknownAgent(agent, inForce.agents.keys());
  if (nobody !== null) return { answer: answerRefusal(nobody) };
  const whole = { ...attempt, agent, session, token: null, resource, door: 'check' } as const;
  const prepared = prepare(rooms, inForce, whole, '2026');
  if (prepared.kind === 'refused') return { answer: answerRefusal(prepared.problem) };
  const decision = decide(rooms, inForce, prepared);
  return { answer: answerDecision(decision), decided: { action: prepared.action, decision } };
}

/** An action that nobody tries, by agent, operation and arguments; what it would be done to, its arguments say. */
export function decideTrial(rooms: DecidingRooms, inForce: InForce, trial: Trial): JsonObject {
  const { agent, operation, input } = trial;
  const read = readEvaluation({
    subject: { type: 'Agent', id: agent },
    action: { name: operation },
    resource: { type: 'Target', id: '-' },
    context: { input },
  });
  if (!read.ok) return answerRefusal(read.error);
  const nobody = unknownAgent(agent, inForce.agents.keys());
  if (nobody !== null) return answerRefusal(nobody);
  const whole = { ...read.value.attempt, agent, session: 'check', token: null, door: 'check' } as const;
  const prepared = prepare(rooms, inForce, whole, '2026');
  return prepared.kind === 'refused'
    ? answerRefusal(prepared.problem)
    : answerDecision(decide(rooms, inForce, prepared));
}

export interface Trial {
  readonly agent: string;
  readonly operation: string;
  readonly input: JsonObject;
}

/** The same, recorded as a decision that was asked for. */
export async function recordRequest(house: House, request: Json): Promise<JsonObject> {
  const inForce = house.standing.inForce;
  const { answer, decided } = decideRequest(house.rooms, inForce, request);
  if (decided === undefined) return answer;
  const { action, decision } = decided;
  const unrecorded = await recordDecision(house.rooms, { action, decision, inForce });
  return answerDecision(unrecorded === null ? decision : denied(unrecorded), action.id);
}

interface DecidedRequest {
  readonly answer: JsonObject;
  /** Absent where the request was refused before it became an action. */
  readonly decided?: { readonly action: Action; readonly decision: Decision };
}
