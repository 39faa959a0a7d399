import { type Problem, problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { asShown } from '../../catalog/shown.ts';
import { decide } from '../action/decide.ts';
import { prepare } from '../action/prepare.ts';
import type { InForce } from '../in-force.ts';
import type { Caller, Generation } from '../ports/call.ts';
import type { Listing } from '../ports/corridor.ts';
import type { Upstream } from '../ports/upstream.ts';
import { type Scrubber, scrubJson } from '../recording/scrub.ts';
import type { Rooms } from '../rooms.ts';
import type { Standing } from '../standing.ts';

/** Which list: whose, of which upstream, in which generation, and which parts of it; all where `only` is absent. */
interface ListQuery {
  readonly caller: Caller;
  readonly upstream: string;
  readonly generation: Generation;
  readonly only?: readonly (keyof Listing)[] | undefined;
}

/**
 * What one agent is shown of an upstream: what is listed as pinned, minus what it could never have. A client's list is
 * also a look at the upstream: what changed since is hidden from here on. Resources have their whole target in the
 * URI, so they are decided exactly; nothing is recorded, for nothing is attempted.
 */
export async function listAnew(
  rooms: Rooms,
  standing: Standing,
  query: ListQuery,
): Promise<Result<Listing, Problem>> {
  const { caller, upstream } = query;
  const client = upstreamIn(rooms, upstream);
  if (client === null) return err(problem('UNKNOWN_UPSTREAM', { name: upstream }));
  // Nothing goes out on account of an agent that is stopped.
  if (!mayLook(rooms, caller)) return ok(NOTHING_LISTED);
  const generation = rooms.pins.generationFor(upstream, query.generation);
  const listed = await client.list(generation);
  if (!listed.ok) return err(listed.error);
  standing.onListed(upstream, generation, listed.value);
  const shown = shownTo(rooms, { ...query, generation }, listed.value.resources);
  return ok(cleanListing(rooms, shown, query.generation));
}

/**
 * The same of what it listed last, without waiting for it: it is asked again in a moment, once for many such listings,
 * and what differs then is hidden and told. Refused where it is not connected. What is shown is what was pinned in either
 * case, and a call is held to what the upstream lists by then.
 */
export function listKnown(rooms: Rooms, standing: Standing, query: ListQuery): Result<Listing, Problem> {
  const { caller, upstream } = query;
  const client = upstreamIn(rooms, upstream);
  if (client === null) return err(problem('UNKNOWN_UPSTREAM', { name: upstream }));
  const generation = rooms.pins.generationFor(upstream, query.generation);
  if (!client.generations().includes(generation)) return err(problem('UPSTREAM_UNAVAILABLE', { upstream }));
  if (!mayLook(rooms, caller)) return ok(NOTHING_LISTED);
  client.listSoon(generation);
  const resources = standing.resources(upstream, generation);
  return ok(cleanListing(rooms, shownTo(rooms, { ...query, generation }, resources), query.generation));
}

/** The upstream itself, where it is in force; null: there is none of this name. */
function upstreamIn(rooms: Rooms, name: string): Upstream | null {
  return rooms.inForce().upstreams.has(name) ? (rooms.upstreams.get(name) ?? null) : null;
}

function mayLook(rooms: Rooms, caller: Caller): boolean {
  const agent = rooms.inForce().agents.get(caller.agent);
  return agent !== undefined && rooms.halt.refusal(agent) === null;
}

/** The same of what was listed last, as the upstream words it, in the very generation. `resources`: those it listed. */
export function shownTo(rooms: Rooms, query: ListQuery, resources: readonly JsonObject[]): Listing {
  const { caller, upstream, generation, only } = query;
  const inForce = rooms.inForce();
  const agent = inForce.agents.get(caller.agent);
  if (agent === undefined || rooms.halt.refusal(agent) !== null) return NOTHING_LISTED;
  const could = (operation: string) => {
    const doing = { operation, upstream };
    if (rooms.halt.refusal(agent, doing) !== null) return false;
    return inForce.policy.listable(agent.id, rooms.halt.levelOf(agent, doing), operation);
  };
  const pinned = (
    part: keyof Listing,
    kind: 'tool' | 'prompt' | 'template',
    may: (name: string) => boolean,
  ) =>
    only === undefined || only.includes(part)
      ? rooms.pins
          .usable(upstream, generation, kind)
          .filter((definition) => may(definition.name))
          .map((definition) => definition.json)
      : [];
  const wantsResources = only === undefined || only.includes('resources');
  const instructions = rooms.pins.usable(upstream, generation, 'server')[0]?.json['instructions'];
  return {
    tools: pinned('tools', 'tool', (name) => could(`mcp:${upstream}/${name}`)),
    prompts: pinned('prompts', 'prompt', () => could(`mcp:${upstream}/prompts/get`)),
    resourceTemplates: pinned('resourceTemplates', 'template', () => could(`mcp:${upstream}/resources/read`)),
    resources: wantsResources ? resources.filter((resource) => mayRead(rooms, inForce, query, resource)) : [],
    ...(typeof instructions === 'string' ? { instructions } : {}),
  };
}

/** The listing for a client: what an upstream says of itself is scrubbed like what it answers (P8). */
function cleanListing({ scrubber }: Rooms, listing: Listing, generation: Generation): Listing {
  const clean = (items: readonly JsonObject[]) =>
    items.map((item) => cleanItem(scrubber, asShown(item, generation === '2025')));
  return {
    tools: clean(listing.tools),
    prompts: clean(listing.prompts),
    resources: clean(listing.resources),
    resourceTemplates: clean(listing.resourceTemplates),
    ...(listing.instructions === undefined ? {} : { instructions: scrubber.scrub(listing.instructions) }),
  };
}

/** Definitions as they were scrubbed: pinned ones are shown again and again. */
const cleaned = new WeakMap<JsonObject, { readonly by: object; readonly item: JsonObject }>();

/** Scrubs one definition. Done once for as long as the scrubber knows the same secrets. */
function cleanItem(scrubber: Scrubber, item: JsonObject): JsonObject {
  const by = scrubber.edition();
  const kept = cleaned.get(item);
  if (kept?.by === by) return kept.item;
  const text = JSON.stringify(item);
  const clean = scrubber.scrub(text) === text ? item : scrubJson(scrubber, item);
  cleaned.set(item, { by, item: clean });
  return clean;
}

export const NOTHING_LISTED: Listing = { tools: [], prompts: [], resources: [], resourceTemplates: [] };

function mayRead(
  rooms: Rooms,
  inForce: InForce,
  { caller: { agent, token }, upstream, generation }: ListQuery,
  resource: JsonObject,
): boolean {
  const uri = resource['uri'];
  if (typeof uri !== 'string' || rooms.pins.isTwice(upstream, generation, 'resource', uri)) return false;
  const attempt = {
    agent,
    session: '',
    token,
    door: 'mcp',
    upstream,
    method: 'resources/read',
    name: uri,
    arguments: { uri },
  } as const;
  const prepared = prepare(rooms, inForce, attempt, generation);
  return prepared.kind === 'ready' && decide(rooms, inForce, prepared).decision !== 'deny';
}
