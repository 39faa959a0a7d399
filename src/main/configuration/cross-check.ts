import { didYouMean } from '../../base/nearest.ts';
import { OWN_UPSTREAM } from '../../catalog/own-server.ts';
import { DRILL_PREFIX, ID_PATTERN } from '../../model/agent.ts';
import { type Fields, fieldsOf, listOf } from './fields.ts';
import type { ConfigurationProblem, Locate, Path } from './problem.ts';

type Say = (path: Path, message: string) => void;

/**
 * What one value cannot show by itself: ids that exist, once each; names that are free; what listening beyond loopback
 * needs. Works on the file as it stands: what has another shape than it should is told by the shape.
 */
export function crossCheck(file: unknown, at: Locate): ConfigurationProblem[] {
  const problems: ConfigurationProblem[] = [];
  const say: Say = (path, message) => problems.push({ ...at(path), message });
  const fields = fieldsOf(file);
  const { people, agents, points, upstreams, redact } = fields;
  for (const [name, list, what] of [
    ['people', people, 'person'],
    ['agents', agents, 'agent'],
    ['points', points, 'point'],
  ] as const)
    checkTwice(name, idsOf(list), what, say);
  checkPeople(listOf(agents), new Set(idsOf(people).map(String)), say);
  checkPoints(listOf(points), new Set(idsOf(agents)), say);
  checkNames(idsOf(agents), Object.keys(fieldsOf(upstreams)), say);
  checkPatterns(listOf(redact), say);
  checkAddresses(fields, say);
  return problems;
}

const idsOf = (list: unknown) => listOf(list).map((item) => fieldsOf(item)['id']);

function checkTwice(list: string, ids: readonly unknown[], what: string, say: Say): void {
  const seen = new Set<unknown>();
  for (const [i, id] of ids.entries()) {
    if (id !== undefined && seen.has(id))
      say([list, i, 'id'], `a second ${what} has the id \`${String(id)}\``);
    seen.add(id);
  }
}

const isDrills = (id: unknown): id is string => typeof id === 'string' && id.startsWith(DRILL_PREFIX);
const takenByDrills = (id: string) =>
  `\`${id}\` begins as the canaries of drills do, which no case looks at; name this one otherwise`;

/** Names that something built in has. */
function checkNames(agents: readonly unknown[], upstreams: readonly string[], say: Say): void {
  for (const [i, id] of agents.entries()) if (isDrills(id)) say(['agents', i, 'id'], takenByDrills(id));
  for (const id of upstreams) {
    if (isDrills(id)) say(['upstreams', id], takenByDrills(id));
    if (!ID_PATTERN.test(id))
      say(['upstreams', id], `the upstream id \`${id}\` must match [a-z][a-z0-9-]{0,31}`);
    if (id === OWN_UPSTREAM)
      say(['upstreams', id], `\`${id}\` is the server that is built in; name this one otherwise`);
  }
}

function checkPatterns(redact: readonly unknown[], say: Say): void {
  for (const [i, pattern] of redact.entries()) {
    if (typeof pattern === 'string' && !isPattern(pattern))
      say(['redact', i], `\`redact[${i}]\` is not a regular expression`);
  }
}

/** No token travels in the clear, and people meet a page on which they can make a passkey. */
function checkAddresses(fields: Fields, say: Say): void {
  const { egress, publicUrl, tls, behindProxy } = fields;
  for (const key of ['listen', 'control', 'brake'] as const) {
    const address = fields[key];
    if (typeof address !== 'string' || !isBeyondLoopback(address)) continue;
    if (tls !== undefined || behindProxy === true) continue;
    say(
      [key],
      `\`${key}\` is beyond loopback: tokens would travel in the clear; set \`tls\`, or \`behindProxy: true\` where a proxy ends TLS`,
    );
  }
  if (typeof egress === 'string' && isBeyondLoopback(egress))
    say(['egress'], '`egress` is beyond loopback: tokens would travel in the clear; keep it on loopback');
  if (typeof publicUrl === 'string' && !isPlaceForPeople(publicUrl))
    say(
      ['publicUrl'],
      '`publicUrl` must be https with a name and nothing behind it: passkeys work nowhere else',
    );
}

/** WebAuthn §5.1.3: a relying party is a domain, so never an address. */
function isPlaceForPeople(text: string): boolean {
  if (!URL.canParse(text)) return true;
  const { protocol, hostname, pathname, search, hash } = new URL(text);
  if (protocol !== 'https:' || pathname !== '/' || search !== '' || hash !== '') return false;
  return !/^[\d.]+$|^\[/.test(hostname);
}

function checkPeople(agents: readonly unknown[], people: ReadonlySet<string>, say: Say): void {
  for (const [i, agent] of agents.entries()) {
    const fields = fieldsOf(agent);
    for (const role of ['owner', 'backup'] as const) {
      const id = fields[role];
      if (typeof id !== 'string' || people.has(id)) continue;
      const hint = didYouMean(id, people, '`') ?? 'add them under `people`';
      say(
        ['agents', i, role],
        `the ${role} of agent \`${String(fields['id'])}\`, \`${id}\`, is not among the people; ${hint}`,
      );
    }
  }
}

function checkPoints(points: readonly unknown[], agents: ReadonlySet<unknown>, say: Say): void {
  for (const [i, point] of points.entries()) {
    const fields = fieldsOf(point);
    for (const [j, agent] of listOf(fields['agents']).entries()) {
      if (agents.has(agent)) continue;
      const message = `the point \`${String(fields['id'])}\` speaks for \`${String(agent)}\`, which is no agent here`;
      say(['points', i, 'agents', j], message);
    }
  }
}

function isPattern(text: string): boolean {
  try {
    new RegExp(text, 'u');
    return true;
  } catch {
    return false;
  }
}

/** An address that is no address is told by the shape. */
function isBeyondLoopback(address: string): boolean {
  const host = /^(.+):\d+$/.exec(address)?.[1];
  if (host === undefined || host === 'localhost' || host === '[::1]') return false;
  return !/^127(\.\d{1,3}){3}$/.test(host);
}
