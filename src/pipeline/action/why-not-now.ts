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
 * Why nothing more may be done by a token: it was taken away or has run out since; null where it is good, and where no
 * token is. What stands against its agent is a denial, and told as that.
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

/** Why a point may not speak for this agent any more: an `apply` took it, or the agent from it, since it asked. */
export function pointRefusal(rooms: Pick<Rooms, 'inForce'>, { point, agent }: Action): Problem | null {
  if (point === undefined || rooms.inForce().points.get(point)?.agents.includes(agent) === true) return null;
  return problem('FOREIGN_AGENT', { agent });
}
