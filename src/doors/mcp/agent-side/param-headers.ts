import type { Problem } from '../../../base/errors.ts';
import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import { checkParamHeaders, type HeaderParam, headerParamsOf } from '../../../intake/header-params.ts';
import type { Headers } from '../../../intake/headers.ts';
import type { Attempt } from '../../../model/action.ts';
import type { Caller, Corridor } from '../../../pipeline/ports.ts';

type ParamsByTool = ReadonlyMap<string, readonly HeaderParam[]>;

/** Looked through once per list of tools: the corridor hands out the same list until it changes. */
const known = new WeakMap<readonly JsonObject[], ParamsByTool>();

/**
 * 2026-07-28, "Server Behavior for Custom Headers": arguments that a tool mirrors into `Mcp-Param-*` must agree with
 * these headers. Null where they do, and where the tool is not one that this agent is shown: then it will not run.
 */
export async function checkParams(
  corridor: Corridor,
  caller: Caller,
  attempt: Attempt,
  headers: () => Headers,
): Promise<Problem | null> {
  const listing = await corridor.listing(caller, attempt.upstream, '2026');
  if (!listing.ok) return null;
  const params = paramsOf(listing.value.tools).get(attempt.name);
  return params === undefined ? null : checkParamHeaders(headers(), params, attempt.arguments);
}

function paramsOf(tools: readonly JsonObject[]): ParamsByTool {
  const seen = known.get(tools);
  if (seen !== undefined) return seen;
  const byTool = new Map<string, readonly HeaderParam[]>();
  for (const tool of tools) {
    const { name, inputSchema } = tool;
    if (typeof name !== 'string' || !isJsonObject(inputSchema)) continue;
    const params = headerParamsOf(inputSchema);
    if (params.ok && params.value.length > 0) byTool.set(name, params.value);
  }
  known.set(tools, byTool);
  return byTool;
}
