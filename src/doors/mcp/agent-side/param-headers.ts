import { type Problem, problem } from '../../../base/errors.ts';
import type { JsonObject } from '../../../base/json.ts';
import type { Result } from '../../../base/result.ts';
import { checkParamHeaders, type HeaderParam, headerParamsOf } from '../../../intake/header-params.ts';
import type { Headers } from '../../../intake/headers.ts';
import type { Attempt } from '../../../model/action.ts';
import type { Corridor } from '../../../pipeline/ports/corridor.ts';

/** Looked through once per schema: the corridor hands out the same one until what is pinned changes. */
const known = new WeakMap<JsonObject, Result<readonly HeaderParam[], string>>();

/**
 * 2026-07-28, "Server Behavior for Custom Headers": arguments that a tool mirrors into `Mcp-Param-*` must agree with
 * these headers. Null where they do, and where no such tool is pinned: then it will not run. A tool that marks them
 * wrongly does not run either: nobody could say which header must agree, and clients must not offer it.
 */
export function checkParams(corridor: Corridor, attempt: Attempt, headers: () => Headers): Problem | null {
  if (attempt.method !== 'tools/call') return null;
  const schema = corridor.inputSchemaOf(attempt.upstream, '2026', attempt.name);
  if (schema === null) return null;
  const params = paramsOf(schema);
  if (!params.ok) return problem('SCHEMA_UNUSABLE', { what: params.error });
  return params.value.length === 0 ? null : checkParamHeaders(headers(), params.value, attempt.arguments);
}

function paramsOf(schema: JsonObject): Result<readonly HeaderParam[], string> {
  const seen = known.get(schema);
  if (seen !== undefined) return seen;
  const params = headerParamsOf(schema);
  known.set(schema, params);
  return params;
}
