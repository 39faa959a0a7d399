import { type Problem, problem } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import { LIMITS } from '../../../base/limits.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { Caller, Generation } from '../../../pipeline/ports/call.ts';
import type { Corridor, Listing } from '../../../pipeline/ports/corridor.ts';
import { readCursor, writeCursor } from './cursor.ts';
import { joinName } from './names.ts';
import type { UpstreamListing } from './resource-route.ts';

/** The listing methods, and under which member each list stands in its result. */
export const LISTS = {
  'tools/list': 'tools',
  'prompts/list': 'prompts',
  'resources/list': 'resources',
  'resources/templates/list': 'resourceTemplates',
} as const;
export type ListMethod = keyof typeof LISTS;

export function isListMethod(method: string): method is ListMethod {
  return Object.hasOwn(LISTS, method);
}

/**
 * Every upstream's listing for this caller; an upstream that cannot be listed now is left out. `known`: without waiting
 * for a hundred of them to be asked first; see Corridor.
 */
export async function listAll(
  corridor: Corridor,
  caller: Caller,
  generation: Generation,
  known?: 'known',
  only?: readonly (keyof Listing)[],
): Promise<readonly UpstreamListing[]> {
  const listed = await Promise.all(
    corridor.upstreams().map(async (upstream) => ({
      upstream,
      listing: await corridor.listing(caller, upstream, generation, known, only),
    })),
  );
  return listed.flatMap(({ upstream, listing }) =>
    listing.ok ? [{ upstream, listing: listing.value }] : [],
  );
}

/** The definitions that one list shows on `/mcp`, over all upstreams. */
export function joinLists(method: ListMethod, listed: readonly UpstreamListing[]): readonly JsonObject[] {
  const member = LISTS[method];
  if (member === 'tools' || member === 'prompts') {
    return listed.flatMap(({ upstream, listing }) =>
      listing[member].flatMap((definition) => {
        const name = definition['name'];
        const joined = typeof name === 'string' ? joinName(upstream, name) : null;
        return joined === null ? [] : [named(definition, joined)];
      }),
    );
  }
  const key = member === 'resources' ? 'uri' : 'uriTemplate';
  const offeredBy = new Map<unknown, number>();
  for (const { listing } of listed)
    for (const uri of new Set(listing[member].map((definition) => definition[key])))
      offeredBy.set(uri, (offeredBy.get(uri) ?? 0) + 1);
  return listed.flatMap(({ listing }) =>
    listing[member].filter((definition) => offeredBy.get(definition[key]) === 1),
  );
}

/** Definitions under the names that they have on `/mcp`: made once, as they are shown again and again. */
const renamed = new WeakMap<JsonObject, JsonObject>();

function named(definition: JsonObject, name: string): JsonObject {
  const known = renamed.get(definition);
  if (known?.['name'] === name) return known;
  const made = { ...definition, name };
  renamed.set(definition, made);
  return made;
}

/** One page of a list: the items, and what stands beside them in the result. */
interface Page {
  readonly items: readonly JsonObject[];
  readonly rest: JsonObject;
}

/** `params.cursor` is one that an earlier page gave. */
export function pageOf(
  method: ListMethod,
  definitions: readonly JsonObject[],
  params: JsonObject,
): Result<Page, Problem> {
  const cursor = params['cursor'];
  const from = cursor === undefined ? 0 : readCursor(cursor, method, definitions.length);
  if (from === null)
    return err(problem('BAD_PARAMS', { what: 'this cursor is not (or no longer) one of ours' }));
  const to = from + LIMITS.listPageSize;
  return ok({
    items: from === 0 && to >= definitions.length ? definitions : definitions.slice(from, to),
    rest: to < definitions.length ? { nextCursor: writeCursor(method, to, definitions.length) } : {},
  });
}

/** The instructions of one upstream, or of all, each under the prefix of its tools. */
export function joinInstructions(listed: readonly UpstreamListing[]): string | undefined {
  const parts = listed.flatMap(({ upstream, listing }) =>
    listing.instructions === undefined ? [] : [`${upstream}__*: ${listing.instructions}`],
  );
  return parts.length === 0 ? undefined : parts.join('\n\n');
}
