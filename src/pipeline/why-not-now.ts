import { type Problem, problem } from '../base/errors.ts';
import type { Rooms } from './rooms.ts';

/** Why this agent may not run, nor hear anything, now: a stop, or what an `apply` has made of it; null when it may. */
export function whyNotNow(rooms: Pick<Rooms, 'inForce' | 'halt'>, id: string): Problem | null {
  const { agents, people } = rooms.inForce();
  const agent = agents.get(id);
  if (agent === undefined) return problem('TOKEN_REFUSED');
  return people.has(agent.owner) ? rooms.halt.refusal(agent) : problem('NO_OWNER');
}
