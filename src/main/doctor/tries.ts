import type { JsonObject } from '../../base/json.ts';
import type { CanaryAgent, Surface } from './agent.ts';
import type { CanaryServer } from './canary-server.ts';
import type { Sight } from './check.ts';
import { arrivalsDuring } from './laboratory.ts';
import { type Said, wordsOf } from './said.ts';

interface Call {
  readonly agent: CanaryAgent;
  readonly surface: Surface;
  readonly server: CanaryServer;
  readonly tool: string;
  readonly args: JsonObject;
}

/** A call that must pass: answered, and counted once at the canary. */
export async function mustPass(did: string, call: Call, where = placeOf(call)): Promise<Sight> {
  const { value, arrived } = await arrivalsDuring(call.server, () => send(call));
  const fired = value.kind === 'ok' && arrived.length === 1;
  return { surface: where, did, saw: `${wordsOf(value)}; ${countOf(arrived.length)}`, fired };
}

/**
 * A call that must not pass: nothing reaches the canary, and the agent is told so with one of `codes`. What reaches the
 * server is what counts; a wrong code is a control that answered for another.
 */
export async function mustNotPass(
  did: string,
  call: Call,
  codes: readonly string[],
  where = placeOf(call),
): Promise<Sight> {
  const { value, arrived } = await arrivalsDuring(call.server, () => send(call));
  return judgeStopped(did, value, arrived.length, codes, where);
}

export function judgeStopped(
  did: string,
  said: Said,
  arrived: number,
  codes: readonly string[],
  surface: string,
): Sight {
  const stopped = (said.kind === 'denied' || said.kind === 'refused') && codes.includes(said.code);
  const saw = `${wordsOf(said)}; ${countOf(arrived)}`;
  if (stopped && arrived === 0) return { surface, did, saw, fired: true };
  const expected = arrived === 0 && !stopped ? `; ${codes.join(' or ')} was to be said` : '';
  return { surface, did, saw: `${saw}${expected}`, fired: false };
}

const send = ({ agent, surface, server, tool, args }: Call): Promise<Said> =>
  agent.call(surface, server.id, tool, args);
const placeOf = ({ server, surface }: Call): string => `${server.id}, ${surface}`;

function countOf(arrived: number): string {
  if (arrived === 0) return 'nothing reached the server';
  return arrived === 1 ? 'it reached the server once' : `${arrived} calls reached the server`;
}
