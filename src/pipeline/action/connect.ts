import { type Problem, problem } from '../../base/errors.ts';
import { isAddress, isPublicAddress } from '../../catalog/targets/address.ts';
import {
  CONNECT_CLASS,
  HOST_TYPE,
  type HostPort,
  hostOfAddress,
  hostTarget,
  readAuthority,
} from '../../catalog/targets/host.ts';
import { type Action, type Attempt, CONNECT_OPERATION, WAY_OUT } from '../../model/action.ts';
import type { Agent } from '../../model/agent.ts';
import type { WorldOperation } from '../../policy/index.ts';
import type { InForce } from '../in-force.ts';
import type { DecidingRooms } from '../rooms.ts';
import { actionOf } from './action.ts';
import { policyRequest } from './decide.ts';
import { marksSeen } from './marks.ts';
import { pastSeen } from './past.ts';
import type { Prepared } from './prepare.ts';

/** The way out as rules see it; it is there whether or not a proxy listens, so that rules can be written first. */
export const CONNECT_WORLD: WorldOperation = {
  id: CONNECT_OPERATION,
  upstream: WAY_OUT,
  kind: 'tool',
  groups: [
    ...CONNECT_CLASS.effect.map((effect) => `effect:${effect}`),
    `audience:${CONNECT_CLASS.audience}`,
    `reversibility:${CONNECT_CLASS.reversibility}`,
  ],
  inputSchema: {
    type: 'object',
    properties: { host: { type: 'string' }, port: { type: 'integer' } },
    required: ['host', 'port'],
  },
  targetTypes: [HOST_TYPE],
};

/** From a CONNECT to an action. Nothing is looked up for it: the name alone would carry something out of the house. */
export function prepareConnect(
  rooms: DecidingRooms,
  inForce: InForce,
  agent: Agent,
  attempt: Attempt,
): Prepared | { readonly kind: 'refused'; readonly problem: Problem } {
  const read = readAuthority(attempt.name);
  if (!read.ok) return { kind: 'refused', problem: problem('BAD_AUTHORITY', { what: read.error }) };
  const { host, port } = read.value;
  const isOwn = isOwnModel(agent, read.value);
  const clean = (text: string) => rooms.redactor.redact(rooms.scrubber.scrub(text));
  const targets = [hostTarget(read.value, isOwn)];
  const name = `${host}:${port}`;
  const whole = { owner: agent.owner, pin: null, targets, arguments: { host, port } };
  const action = actionOf(rooms.ids(), { ...attempt, name }, whole, clean);
  const bare = host.replace(/^\[|\]$/g, '');
  // A public one is decided on as any target is.
  const isInside = isAddress(host) && !isPublicAddress(bare);
  const blocked = isInside ? refusalOfAddress(rooms, inForce, action, bare, true) : null;
  // What the program's own model says is what it is; anything else that comes in is a stranger's.
  return { kind: 'ready', agent, action, extra: {}, blocked, brings: isOwn ? [] : ['untrusted'] };
}

function isOwnModel({ run }: Agent, { host, port }: HostPort): boolean {
  return run?.model.some((one) => sameHost(one, host, port)) === true;
}

function sameHost(text: string, host: string, port: number): boolean {
  const read = readAuthority(text);
  return read.ok && read.value.host === host && read.value.port === port;
}

/**
 * Why a tunnel may not lead to this very address; null when it may. What forbids or stops it by name (`resource ==
 * Host::"192.0.2.7:443"`) holds whatever name led there. One that is not public leads into the house: only a permit that
 * names the address and the port lets it. `isToBeAsked`: whether a person may still answer; she is asked when it is decided,
 * and this is asked again before it is connected.
 */
export function refusalOfAddress(
  rooms: DecidingRooms,
  inForce: InForce,
  action: Action,
  address: string,
  isToBeAsked = false,
): Problem | null {
  const isPublic = isPublicAddress(address);
  const agent = inForce.agents.get(action.agent);
  const port = Number(action.arguments['port']);
  const code = isPublic ? 'ADDRESS_FORBIDDEN' : 'PRIVATE_ADDRESS';
  const refused = problem(code, { address: `${hostOfAddress(address)}:${port}` });
  const read = readAuthority(`${hostOfAddress(address)}:${port}`);
  if (agent === undefined || !read.ok) return refused;
  const named = {
    ...action,
    arguments: { host: read.value.host, port },
    targets: [hostTarget(read.value, false)],
  };
  const stopped = rooms.halt.refusal(agent, named);
  if (stopped !== null) return stopped;
  const prepared = { kind: 'ready', agent, action: named, extra: {}, blocked: null, brings: [] } as const;
  const seen = { marks: marksSeen(rooms, action), past: pastSeen(rooms, inForce, action) };
  // Whom a level asks, she was asked about the name.
  const level = isPublic ? 'live' : rooms.halt.levelOf(agent);
  const request = policyRequest(prepared, level, rooms.clock.now(), seen);
  const { decision, reviews } = inForce.policy.decide({ ...request, named: isPublic ? 'all' : 'permits' });
  // What a person answered about the name holds for the address that it leads to; nothing else does.
  const answered = new Set(action.approved?.reviews.map(({ rule }) => rule));
  const isAnswered = decision === 'review' && reviews.every(({ rule }) => answered.has(rule));
  const isOpen = isAnswered || (isToBeAsked && decision === 'review');
  return decision === 'allow' || isOpen ? null : refused;
}
