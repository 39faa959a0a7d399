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

/** From a CONNECT to an action. The host name is not resolved here: a DNS query alone could carry something out. */
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
  // A public address is decided like any other target.
  const isInside = isAddress(host) && !isPublicAddress(bare);
  const blocked = isInside ? refusalOfAddress(rooms, inForce, action, bare, true) : null;
  // The words of the program's own model bring no mark; whatever else comes in through a tunnel is a stranger's.
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
 * Why a tunnel may not lead to this address; null when it may. A stop, or a rule that forbids the address itself (`resource ==
 * Host::"192.0.2.7:443"`), holds whatever host name led there. An address that is not public lies in our own network: only a
 * permit that names the address and the port lets a tunnel go there. `isToBeAsked`: true while the action is being decided,
 * when people can still be asked; before the tunnel is connected this is looked at once more, without it.
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
  // A public address needs no review for the level: the person it asks was asked about the name already.
  const level = isPublic ? 'live' : rooms.halt.levelOf(agent);
  const request = policyRequest(prepared, level, rooms.clock.now(), seen);
  const { decision, reviews } = inForce.policy.decide({ ...request, named: isPublic ? 'all' : 'permits' });
  // A yes to the name also covers the address that it leads to, for the reviews that were answered and no others.
  const answered = new Set(action.approved?.reviews.map(({ rule }) => rule));
  const isAnswered = decision === 'review' && reviews.every(({ rule }) => answered.has(rule));
  const isOpen = isAnswered || (isToBeAsked && decision === 'review');
  return decision === 'allow' || isOpen ? null : refused;
}
