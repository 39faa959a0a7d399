import { stackOf } from '../../base/error-text.ts';
import { type Problem, problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Mutable } from '../../base/mutable.ts';
import { protectedBy } from '../../catalog/protected.ts';
import type { Action } from '../../model/action.ts';
import type { Decision } from '../../model/decision.ts';
import type { Level } from '../../model/level.ts';
import type { Mark } from '../../model/mark.ts';
import type { PastFacts } from '../../model/past.ts';
import type { PolicyRequest, SystemFacts } from '../../policy/index.ts';
import type { InForce } from '../in-force.ts';
import type { DecidingRooms } from '../rooms.ts';
import { overBudget } from './budgets.ts';
import { marksSeen } from './marks.ts';
import { lookedAt, pastSeen } from './past.ts';
import type { Prepared } from './prepare.ts';

/**
 * One decision about one prepared action. What no rule can permit comes first; then the rules. Synchronous: nothing
 * can change between the first question and the last. Any error is a deny. `responses`: what a paused call goes on with.
 */
export function decide(
  rooms: DecidingRooms,
  inForce: InForce,
  prepared: Prepared,
  responses?: string,
): Decision {
  try {
    const marks = marksSeen(rooms, prepared.action);
    const past = pastSeen(rooms, inForce, prepared.action);
    const hard = hardDenial(rooms, inForce, prepared);
    const seen = responses === undefined ? { marks, past } : { marks, past, responses };
    const decision =
      hard === null
        ? withinBudgets(rooms, inForce, prepared, decideByRules(rooms, inForce, prepared, seen))
        : denied(hard);
    const { looksBack } = inForce.policy;
    const answer = { ...decision, marks };
    return looksBack.length === 0 ? answer : { ...answer, past: lookedAt(past, looksBack) };
  } catch (error) {
    rooms.report(`a decision met a fault: ${stackOf(error)}`);
    return denied(problem('DECISION_FAILED'));
  }
}

/** What denies before any rule is asked, and that no rule can permit; null: nothing does. */
function hardDenial(
  rooms: DecidingRooms,
  inForce: InForce,
  { agent, action, blocked }: Prepared,
): Problem | null {
  const halted = rooms.halt.refusal(agent, action);
  if (halted !== null) return halted;
  if (!inForce.people.has(agent.owner)) return problem('NO_OWNER');
  if (blocked !== null) return blocked;
  for (const target of action.targets) {
    if (protectedBy(target, rooms.protectedPaths) !== null)
      return problem('PROTECTED', { target: `${target.type} ${target.id}` });
  }
  return null;
}

/** Budgets come after the rules, so that a breaker sees what a spent budget would hide, and before people are asked. */
function withinBudgets(
  rooms: DecidingRooms,
  inForce: InForce,
  { action }: Prepared,
  decision: Decision,
): Decision {
  if (decision.decision === 'deny') return decision;
  const over = overBudget(rooms, inForce, action);
  return over === null ? decision : denied(over);
}

function decideByRules(rooms: DecidingRooms, inForce: InForce, prepared: Prepared, seen: Seen): Decision {
  const level = rooms.halt.levelOf(prepared.agent, prepared.action);
  return inForce.policy.decide(policyRequest(prepared, level, rooms.clock.now(), seen));
}

/** What Lanyard knows of an action besides what it is. */
interface Seen {
  readonly marks: readonly Mark[];
  readonly past: PastFacts;
  /** What a paused call goes on with. */
  readonly responses?: string;
}

/** What the rules are asked. */
export function policyRequest(
  { agent, action, extra, said }: Prepared,
  level: Level,
  nowMs: number,
  seen: Seen,
): PolicyRequest {
  const { marks, past, responses } = seen;
  const { session, door } = action;
  const system: Mutable<SystemFacts> = { nowMs, session, door, marks, past };
  if (action.unsure === true) system.unsure = true;
  if (responses !== undefined) system.responses = responses;
  const request: Mutable<PolicyRequest> = {
    agent: agent.id,
    level,
    operation: action.operation,
    targets: action.targets,
    arguments: inputOf(action),
    system,
  };
  if (said !== undefined) request.said = said;
  if (Object.keys(extra).length > 0) request.extra = extra;
  return request;
}

/** `context.input`: a prompt's own arguments are one text beside its name, for nothing types them. */
function inputOf(action: Action): JsonObject {
  return action.method === 'prompts/get'
    ? { name: action.name, arguments: action.argumentsText }
    : action.arguments;
}

/** A denial that no rule determined. */
export function denied(why: Problem): Decision {
  return { decision: 'deny', code: why.code, rules: [], reason: why.sentence, reviews: [], trips: [] };
}

/** It was decided, and cannot run for another reason: denied for that one, with the marks that the decision saw. */
export function overruled(decision: Decision, why: Problem): Decision {
  return { ...denied(why), marks: decision.marks ?? [] };
}
