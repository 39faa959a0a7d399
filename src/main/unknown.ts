import { type ErrorCode, type Problem, problem } from '../base/errors.ts';
import { orNearest } from '../base/nearest.ts';

/** What an operator named, refused with the nearest that there is; null: it is known. */
export const unknownAgent = (id: string, agents: Iterable<string>) => unknown('AGENT_UNKNOWN', id, agents);
export const unknownPoint = (id: string, points: Iterable<string>) => unknown('POINT_UNKNOWN', id, points);
export const unknownPerson = (id: string, people: Iterable<string>) => unknown('PERSON_UNKNOWN', id, people);
export const unknownUpstream = (id: string, upstreams: Iterable<string>) =>
  unknown('UPSTREAM_UNKNOWN', id, upstreams);

function unknown(code: ErrorCode, id: string, ids: Iterable<string>): Problem | null {
  const known = [...ids];
  return known.includes(id) ? null : problem(code, { id, hint: orNearest(id, known) });
}
