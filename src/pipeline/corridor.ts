import { problem } from '../base/errors.ts';
import { err, ok } from '../base/result.ts';
import { act } from './act.ts';
import { wayForward } from './action/way-forward.ts';
import { tokenRefusal, whyNotNow } from './action/why-not-now.ts';
import type { Tokens } from './credentials/tokens.ts';
import type { Corridor } from './ports/corridor.ts';
import type { Rooms } from './rooms.ts';
import type { Standing } from './standing.ts';
import { askAboutTasks } from './tasks/task-requests.ts';
import { listAnew, listKnown } from './told/listing.ts';
import { Notices } from './told/notices.ts';

/** The corridor as doors see it. */
export function openCorridor(
  rooms: Rooms,
  standing: Standing,
  tokens: Tokens,
  notices: Notices = new Notices(rooms, standing, tokens),
): Corridor {
  return {
    authenticate(bearer, from, over) {
      const caller = tokens.authenticate(bearer, from, over);
      if (!caller.ok) return caller;
      if ('point' in caller.value) return err(problem('POINT_TOKEN'));
      // An agent that was taken out of the configuration is nobody, whatever token it kept.
      return rooms.inForce().agents.has(caller.value.agent)
        ? ok(caller.value)
        : err(problem('TOKEN_REFUSED'));
    },
    upstreams: () => [...rooms.inForce().upstreams.keys()],
    hasUpstream: (id) => rooms.inForce().upstreams.has(id),
    listing: (caller, upstream, generation, known, only) =>
      known === undefined
        ? listAnew(rooms, standing, { caller, upstream, generation, only })
        : Promise.resolve(listKnown(rooms, standing, { caller, upstream, generation, only })),
    inputSchemaOf(upstream, generation, tool) {
      const found = rooms.pins.look(upstream, rooms.pins.generationFor(upstream, generation), 'tool', tool);
      return found.status === 'pinned' ? found.definition.inputSchema : null;
    },
    async act(attempt, generation, control) {
      const answer = await act(rooms, attempt, generation, control);
      if (answer.kind !== 'denied') return answer;
      return { ...answer, helps: wayForward(rooms, attempt.agent, answer.decision.code) };
    },
    tasks: (who, request, control) => askAboutTasks(rooms, who, request, control),
    listen: (listener) => notices.listen(listener),
    left: (session) => rooms.pauses.endSession(session),
    whyNotNow: ({ agent }) => whyNotNow(rooms, agent),
    gone: (caller) => tokenRefusal(rooms, caller),
    look: ({ agent }) => rooms.admission.look(agent),
    refusedTooOften: ({ agent }) => rooms.admission.refusedTooOften(agent),
    refused(agent, problem) {
      rooms.refusals.count(agent, problem.code);
      if (agent !== null) rooms.admission.refused(agent, problem);
    },
  };
}
