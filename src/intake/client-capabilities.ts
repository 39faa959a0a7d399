import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import type { ClientCan } from '../model/ask.ts';

export const TASKS_EXTENSION = 'io.modelcontextprotocol/tasks';

/**
 * What a client's declared capabilities come to (`initialize` of the older generation, `_meta` of each request of
 * 2026-07-28). An empty `elicitation` means the form mode alone (2025-11-25 Elicitation, "Capabilities").
 */
export function readClientCan(capabilities: Json | undefined): ClientCan {
  const declared = isJsonObject(capabilities) ? capabilities : {};
  const elicitation = memberOf(declared, 'elicitation');
  const sampling = memberOf(declared, 'sampling');
  const url = elicitation !== null && isJsonObject(elicitation['url']);
  return {
    form: elicitation !== null && (isJsonObject(elicitation['form']) || !url),
    url,
    sampling: sampling !== null,
    samplingTools: sampling !== null && isJsonObject(sampling['tools']),
    roots: memberOf(declared, 'roots') !== null,
    tasks: memberOf(memberOf(declared, 'extensions') ?? {}, TASKS_EXTENSION) !== null,
  };
}

function memberOf(object: JsonObject, key: string): JsonObject | null {
  const value = Object.hasOwn(object, key) ? object[key] : undefined;
  return isJsonObject(value) ? value : null;
}
