import { type Problem, problem } from '../../../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../base/json.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { Definitions } from '../../../pipeline/ports/upstream.ts';
import type { Channel } from './channel.ts';
import type { UpstreamLimits } from './config.ts';
import type { Handshake } from './handshake.ts';
import { problemOf } from './reply.ts';

interface ListKind {
  readonly method: string;
  readonly member: 'tools' | 'prompts' | 'resources' | 'resourceTemplates';
  readonly capability: string;
  /** The member that names an item. */
  readonly key: string;
}

const LISTS: readonly ListKind[] = [
  { method: 'tools/list', member: 'tools', capability: 'tools', key: 'name' },
  { method: 'prompts/list', member: 'prompts', capability: 'prompts', key: 'name' },
  { method: 'resources/list', member: 'resources', capability: 'resources', key: 'uri' },
  {
    method: 'resources/templates/list',
    member: 'resourceTemplates',
    capability: 'resources',
    key: 'uriTemplate',
  },
];

/** What is left for all lists of one reading together. */
interface Budget {
  definitions: number;
  pages: number;
  bytes: number;
  /** Aborted when the time is over. Then no further page is asked for: each page may come in time and announce another, for ever. */
  readonly time: AbortSignal;
}

/** -32601: a server may declare resources and know no templates. */
const METHOD_NOT_FOUND = -32601;

/**
 * Everything the server lists, every page, a name that stands twice included. A list beyond the bounds, or with an item
 * that has no name, is an error as a whole: half a list would hide a change from its pins. All of it has `connectMs` of time,
 * and its last page as long again.
 */
export async function listDefinitions(
  upstream: string,
  channel: Channel,
  handshake: Handshake,
  limits: UpstreamLimits,
): Promise<Result<Definitions, Problem>> {
  const { definitions, listPages: pages, listBytes: bytes, connectMs } = limits;
  const budget: Budget = { definitions, pages, bytes, time: AbortSignal.timeout(connectMs) };
  const lists: Record<ListKind['member'], readonly JsonObject[]> = {
    tools: [],
    prompts: [],
    resources: [],
    resourceTemplates: [],
  };
  for (const kind of LISTS) {
    if (!isJsonObject(handshake.capabilities[kind.capability])) continue;
    const items = await listPages(upstream, channel, kind, limits.connectMs, budget);
    if (!items.ok) return items;
    lists[kind.member] = items.value;
  }
  const { server, instructions } = handshake;
  return ok({ server, ...lists, ...(instructions === undefined ? {} : { instructions }) });
}

async function listPages(
  upstream: string,
  channel: Channel,
  kind: ListKind,
  timeoutMs: number,
  budget: Budget,
): Promise<Result<readonly JsonObject[], Problem>> {
  const bad = (what: string) =>
    err(problem('UPSTREAM_FAILED', { upstream, what: `${kind.method}: ${what}` }));
  const items: JsonObject[] = [];
  let cursor: Json | undefined;
  for (;;) {
    if (--budget.pages < 0) return bad('too many pages');
    if (budget.time.aborted) return err(problem('UPSTREAM_TIMEOUT', { upstream, limit: timeoutMs }));
    const paramsText = cursor === undefined ? '{}' : JSON.stringify({ cursor });
    const reply = await channel.call({ method: kind.method, paramsText, timeoutMs });
    if (reply.kind === 'error' && reply.error.code === METHOD_NOT_FOUND && cursor === undefined)
      return ok([]);
    if (reply.kind !== 'result') return err(problemOf(upstream, reply));
    const page = reply.result[kind.member];
    if (!Array.isArray(page)) return bad(`no "${kind.member}"`);
    budget.definitions -= page.length;
    if (budget.definitions < 0) return bad('too many definitions');
    budget.bytes -= JSON.stringify(page).length;
    if (budget.bytes < 0) return bad('too much text');
    for (const item of page) {
      if (!isJsonObject(item) || typeof item[kind.key] !== 'string')
        return bad(`an item without "${kind.key}"`);
      items.push(item);
    }
    const next: Json | undefined = reply.result['nextCursor'];
    if (next === undefined || next === null || next === '') return ok(items);
    if (typeof next !== 'string' || next === cursor) return bad('its pages do not end');
    cursor = next;
  }
}
