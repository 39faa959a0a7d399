import { type Problem, problem } from '../../base/errors.ts';
import type { Doing } from '../../containment/levels.ts';
import type { Action } from '../../model/action.ts';
import type { Rooms } from '../rooms.ts';

/**
 * Why this agent may not run, nor hear anything, now: a stop, or what an `apply` has made of it; null when it may. `doing`:
 * what it is about, for stops of less than an agent.
 */
export function whyNotNow(rooms: Pick<Rooms, 'inForce' | 'halt'>, id: string, doing?: Doing): Problem | null {
  const { agents, people } = rooms.inForce();
  const agent = agents.get(id);
  if (agent === undefined) return problem('TOKEN_REFUSED');
  return people.has(agent.owner) ? rooms.halt.refusal(agent, doing) : problem('NO_OWNER');
}

type Known = Pick<Rooms, 'inForce' | 'halt' | 'isLive'>;

/**
 * Why nothing more may be done with this token: it was revoked or has run out. Null where it is good, where there is none,
 * and where its agent as a whole may not run: that is a denial, and the caller is told so by the decision.
 */
export function tokenRefusal(
  rooms: Known,
  { agent, token, ofRun }: Pick<Action, 'agent' | 'token' | 'ofRun'>,
): Problem | null {
  if (token === null || (rooms.isLive(token) && (ofRun === undefined || rooms.isLive(ofRun)))) return null;
  return whyNotNow(rooms, agent) === null ? problem('TOKEN_REFUSED') : null;
}

/** The last look: why an action may not be sent, or handed over, in this tick; null when it may. */
export function whyNotSent(rooms: Known, action: Action): Problem | null {
  return whyNotNow(rooms, action.agent, action) ?? tokenRefusal(rooms, action);
}

/** Why a point may no longer speak for this agent: since it asked, an `apply` removed the point, or the agent from its list. */
export function pointRefusal(rooms: Pick<Rooms, 'inForce'>, { point, agent }: Action): Problem | null {
  if (point === undefined || rooms.inForce().points.get(point)?.agents.includes(agent) === true) return null;
  return problem('FOREIGN_AGENT', { agent });
}
