import { type Problem, problem } from '../../../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../base/json.ts';
import { LIMITS } from '../../../base/limits.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { splitName } from '../../../intake/mcp.ts';
import type { RequestMessage } from '../../../intake/message.ts';
import type { Caller, Generation } from '../../../pipeline/ports/call.ts';
import type { Corridor } from '../../../pipeline/ports/corridor.ts';
import { listAll } from './listing.ts';
import { routeResource, routeTemplate } from './resource-route.ts';

export type Route = { readonly upstream: string; readonly name?: string };

const RESOURCES = ['resources', 'resourceTemplates'] as const;

/** On the common path: whose tool, prompt or resource is meant. */
export async function route(
  corridor: Corridor,
  { caller, generation }: { readonly caller: Caller; readonly generation: Generation },
  { method, params }: RequestMessage,
): Promise<Result<Route, Problem>> {
  if (method === 'tools/call') return byName(corridor, 'tool', params['name']);
  if (method === 'prompts/get') return byName(corridor, 'prompt', params['name']);
  const ref: JsonObject = isJsonObject(params['ref']) ? params['ref'] : {};
  const completes = method === 'completion/complete';
  if (completes && ref['type'] === 'ref/prompt') return byName(corridor, 'prompt', ref['name']);
  const uri = completes ? ref['uri'] : params['uri'];
  if (typeof uri !== 'string') return err(problem('BAD_PARAMS', { what: '"uri" is no string' }));
  const find = completes ? routeTemplate : routeResource;
  const known = find(uri, await listAll(corridor, caller, generation, 'known', RESOURCES));
  // All upstreams are asked only for what none is known to have: it may be new.
  const owner = known.ok
    ? known
    : find(uri, await listAll(corridor, caller, generation, undefined, RESOURCES));
  return owner.ok ? ok({ upstream: owner.value }) : owner;
}

function byName(corridor: Corridor, what: 'tool' | 'prompt', name: Json | undefined): Result<Route, Problem> {
  if (typeof name !== 'string') return err(problem('BAD_PARAMS', { what: '"name" is no string' }));
  // A name that joinName hides because it is too long must not work either.
  const split = name.length > LIMITS.toolNameLength ? null : splitName(name);
  if (split === null || !corridor.hasUpstream(split.upstream))
    return err(problem('UNKNOWN_OPERATION', { what, name }));
  return ok(split);
}
