import type { JsonObject } from '../base/json.ts';
import { ok, type Result } from '../base/result.ts';
import { groupsOf, type OperationEntry, targetTypesOf } from '../catalog/entry.ts';
import { OWN_UPSTREAM, ownEntryOf } from '../catalog/own-server.ts';
import type { Catalogs } from '../catalog/reading/catalog-file.ts';
import { misspeltIn } from '../catalog/targets/spelling.ts';
import type { UpstreamPlace } from '../catalog/targets/targets.ts';
import type { Agent, Point } from '../model/agent.ts';
import type { AskPermission } from '../model/ask.ts';
import type { Person } from '../model/person.ts';
import type {
  OnMisfit,
  PolicyFile,
  PolicyProblem,
  PolicySet,
  World,
  WorldOperation,
} from '../policy/index.ts';
import { checkAhead, loadPolicies } from '../policy/index.ts';
import { CONNECT_WORLD } from './action/connect.ts';
import type { Pins } from './action/pins.ts';
import { askOperations, MAY_NOTHING } from './asks/ask-operations.ts';

/** What a person applied, read and resolved; everything but the pins. Plain values. */
export interface SetParts {
  /** Digest of the applied set: configuration, packs, rules and catalog by content. */
  readonly digest: string;
  readonly people: readonly Person[];
  readonly agents: readonly Agent[];
  readonly points: readonly Point[];
  readonly upstreams: readonly UpstreamParts[];
  readonly policies: readonly PolicyFile[];
  readonly catalogs: Catalogs;
  readonly bodyRetentionMs: number;
}

export interface UpstreamParts {
  /** What it may ask in the middle of a call; absent: nothing. */
  readonly asks?: AskPermission;
  readonly id: string;
  /** Name of the catalog whose entries classify its operations; absent: nothing is classified. */
  readonly catalog?: string;
  readonly place: UpstreamPlace;
}

/**
 * Everything that decides, as one value: swapped whole by `apply`, by a first pin and by `catalog accept`. A running
 * action keeps the one it began with.
 */
export interface InForce {
  readonly set: string;
  readonly people: ReadonlyMap<string, Person>;
  readonly agents: ReadonlyMap<string, Agent>;
  readonly points: ReadonlyMap<string, Point>;
  readonly upstreams: ReadonlyMap<string, UpstreamInForce>;
  readonly policy: PolicySet;
  readonly bodyRetentionMs: number;
}

export interface UpstreamInForce {
  readonly id: string;
  readonly place: UpstreamPlace;
  readonly asks: AskPermission;
  /** The catalog's entry of a tool, `resources/read` or `prompts/get`; undefined: unclassified. */
  entryOf(operation: string): OperationEntry | undefined;
}

export function compileInForce(
  parts: SetParts,
  pins: Pins,
  misfits: OnMisfit,
): Result<InForce, readonly PolicyProblem[]> {
  const upstreams = upstreamsOf(parts);
  const world = worldOf(parts, upstreams, pins);
  const policy = loadPolicies(parts.policies, world, { misfits, lookAtTarget: misspeltIn(parts.catalogs) });
  if (!policy.ok) return policy;
  return ok({
    set: parts.digest,
    people: new Map(parts.people.map((person) => [person.id, person])),
    agents: new Map(parts.agents.map((agent) => [agent.id, agent])),
    points: new Map(parts.points.map((point) => [point.id, point])),
    upstreams,
    policy: policy.value,
    bodyRetentionMs: parts.bodyRetentionMs,
  });
}

/**
 * Has the rules checked on another thread. Awaited before `compileInForce` of the same parts and pins, it keeps that from
 * holding up this thread.
 */
export function compileAhead(parts: SetParts, pins: Pins, misfits: OnMisfit): Promise<void> {
  return checkAhead(parts.policies, worldOf(parts, upstreamsOf(parts), pins), { misfits });
}

/** The configured upstreams in their order, then the built-in one. */
function upstreamsOf({ upstreams, catalogs }: SetParts): Map<string, UpstreamInForce> {
  const all = new Map(upstreams.map((upstream) => [upstream.id, upstreamInForce(upstream, catalogs)]));
  return all.set(OWN_UPSTREAM, {
    id: OWN_UPSTREAM,
    place: { upstream: OWN_UPSTREAM, roots: [], cwd: '/' },
    asks: MAY_NOTHING,
    entryOf: ownEntryOf,
  });
}

function upstreamInForce(upstream: UpstreamParts, catalogs: Catalogs): UpstreamInForce {
  const catalog = upstream.catalog === undefined ? undefined : catalogs.get(upstream.catalog);
  return {
    id: upstream.id,
    place: upstream.place,
    asks: upstream.asks ?? MAY_NOTHING,
    entryOf: (name) => catalog?.operations.get(name),
  };
}

/** What rules are typed against: every operation that is pinned, with its class, its arguments and its target types. */
export function worldOf(parts: SetParts, upstreams: ReadonlyMap<string, UpstreamInForce>, pins: Pins): World {
  const operations: WorldOperation[] = [];
  for (const upstream of upstreams.values()) {
    const pinned = pins.of(upstream.id);
    for (const { kind, name, inputSchema } of pinned.values()) {
      if (kind === 'tool') operations.push(worldOperation(upstream, name, inputSchema));
    }
    if (pinned.size === 0 || upstream.id === OWN_UPSTREAM) continue;
    for (const name of ['resources/read', 'prompts/get'])
      operations.push(worldOperation(upstream, name, null));
    operations.push(...askOperations(upstream));
  }
  operations.push(CONNECT_WORLD);
  return {
    people: parts.people,
    agents: parts.agents,
    operations,
    upstreams: [...upstreams.keys()].map((id) => ({ id, pinned: pins.of(id).size > 0 })),
    types: parts.catalogs.types,
  };
}

/** One operation as rules see it; `inputSchema` is a tool's, null for what has a fixed shape. */
export function worldOperation(
  upstream: Pick<UpstreamInForce, 'id' | 'entryOf'>,
  name: string,
  inputSchema: JsonObject | null,
): WorldOperation {
  const entry = upstream.entryOf(name);
  return {
    id: `mcp:${upstream.id}/${name}`,
    upstream: upstream.id,
    kind: name === 'resources/read' ? 'resource' : name === 'prompts/get' ? 'prompt' : 'tool',
    groups: groupsOf(entry, upstream.id),
    inputSchema,
    targetTypes: targetTypesOf(entry),
  };
}
