import { type Problem, problem } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { TASKS_EXTENSION } from '../../../intake/client-capabilities.ts';
import type { Message } from '../../../intake/message.ts';
import { PROTOCOL_META } from '../../../intake/revision.ts';
import type { Caller, Generation } from '../../../pipeline/ports/call.ts';
import type { Corridor } from '../../../pipeline/ports/corridor.ts';
import { joinInstructions, listAll } from './listing.ts';

/** Versions with `initialize`, newest first. */
const OLDER = ['2025-11-25', '2025-06-18'];
const CURRENT = ['2026-07-28'];

/**
 * The same for every upstream and whether or not it is connected: a session must not lose a feature for good by beginning
 * early. Where an upstream has no completion or subscriptions, its own answer says so.
 */
const CAPABILITIES = {
  tools: { listChanged: true },
  prompts: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  completions: {},
  logging: {},
};

/**
 * Tasks are negotiated per generation: core in 2025-11-25, unknown in 2025-06-18, an extension in 2026-07-28. A tool
 * that has no such form is called as ever.
 */
const TASKS = { tasks: { list: {}, cancel: {}, requests: { tools: { call: {} } } } };
const EXTENSIONS = { extensions: { [TASKS_EXTENSION]: {} } };

/** Lists and discovery depend on the agent, and on rules that may change at any time. */
const UNCACHED = { ttlMs: 0, cacheScope: 'private' };

/** The version that answers an `initialize`: the one asked for, else the newest we have (2025-11-25 Lifecycle). */
export function negotiate(params: JsonObject): Result<string, Problem> {
  const asked = params['protocolVersion'];
  if (typeof asked !== 'string')
    return err(problem('BAD_PARAMS', { what: '"protocolVersion" is missing or no string' }));
  return ok(OLDER.includes(asked) ? asked : '2025-11-25');
}

export function initializeResult(
  version: string,
  serverInfo: JsonObject,
  instructions: string | undefined,
): JsonObject {
  return {
    protocolVersion: version,
    capabilities: { ...CAPABILITIES, ...(version === '2025-06-18' ? {} : TASKS) },
    serverInfo,
    ...(instructions === undefined ? {} : { instructions }),
  };
}

export function discoverResult(serverInfo: JsonObject, instructions: string | undefined): JsonObject {
  return completeList(
    {
      supportedVersions: CURRENT,
      capabilities: { ...CAPABILITIES, ...EXTENSIONS },
      ...(instructions === undefined ? {} : { instructions }),
    },
    serverInfo,
  );
}

/** What 2026-07-28 wants on the result of every list and of `server/discover`. */
export function completeList(result: JsonObject, serverInfo: JsonObject): JsonObject {
  return {
    ...result,
    resultType: 'complete',
    ...UNCACHED,
    _meta: { 'io.modelcontextprotocol/serverInfo': serverInfo },
  };
}

/** The instructions that an agent is given on this path; none where they cannot be had now. */
export async function instructionsFor(
  corridor: Corridor,
  caller: Caller,
  upstream: string | null,
  generation: Generation,
): Promise<string | undefined> {
  if (upstream === null)
    return joinInstructions(await listAll(corridor, caller, generation, 'known', ['instructions']));
  const listing = await corridor.listing(caller, upstream, generation, undefined, ['instructions']);
  return listing.ok ? listing.value.instructions : undefined;
}

/**
 * What UnsupportedProtocolVersionError carries, so that the client can choose one and ask again (2026-07-28 Versioning):
 * those of `server/discover`, as the older ones begin with another request. Nothing for any other problem. `named` is
 * the version of the header, where there is one.
 */
export function versionDetails(found: Problem, message: Message, named?: unknown): JsonObject | undefined {
  if (found.code !== 'UNSUPPORTED_VERSION') return undefined;
  const claimed = 'meta' in message ? message.meta[PROTOCOL_META.protocolVersion] : undefined;
  return { supported: CURRENT, requested: claimed ?? (typeof named === 'string' ? named : null) };
}
