import { isJsonObject, type JsonObject } from '../../../base/json.ts';
import type { ClientCan } from '../../../model/ask.ts';
import type { Call } from './channel.ts';
import type { Asking } from './config.ts';

/**
 * The capabilities that a server is told at the handshake: those that `may:` lets it ask for, and none without. They are
 * the same for every session, whoever the client behind it is: servers list by them, and what is listed is pinned.
 */
export function declaredTo(asking: Asking | undefined): JsonObject {
  const may = new Set(asking?.may);
  return {
    ...(may.has('elicitation')
      ? { elicitation: { form: {}, ...(asking?.opens === true ? { url: {} } : {}) } }
      : {}),
    ...(may.has('roots') ? { roots: {} } : {}),
    ...(may.has('sampling') ? { sampling: {} } : {}),
  };
}

/**
 * The part of `declared` that the client of one call can be asked (in 2026-07-28 each request says it). Roots are in it
 * whoever the client is, because they are answered from the configuration. Undefined: nothing.
 */
function toldOf(declared: JsonObject, can: ClientCan): JsonObject | undefined {
  const { elicitation, roots, sampling } = declared;
  if (elicitation === undefined && roots === undefined && sampling === undefined) return undefined;
  const url = can.url && isJsonObject(elicitation) && elicitation['url'] !== undefined;
  return {
    ...(elicitation !== undefined && (can.form || url)
      ? { elicitation: { ...(can.form ? { form: {} } : {}), ...(url ? { url: {} } : {}) } }
      : {}),
    ...(roots === undefined ? {} : { roots }),
    ...(sampling !== undefined && can.sampling ? { sampling: can.samplingTools ? { tools: {} } : {} } : {}),
  };
}

/** The same as JSON text, with the extensions that go with the call. Undefined: nothing. */
export function toldIn(
  declared: JsonObject,
  can: ClientCan | undefined,
  extensions: JsonObject | undefined,
): string | undefined {
  const told = can === undefined ? undefined : toldOf(declared, can);
  if (told === undefined && extensions === undefined) return undefined;
  return JSON.stringify({ ...told, ...(extensions === undefined ? {} : { extensions }) });
}

/**
 * The capabilities that one request of 2026-07-28 tells the server. A call tells what its client can be asked. A request of
 * our own tells all that `may:` names, because servers list their tools by that.
 */
export function toldWith({ admit, capabilities }: Call, declared: JsonObject): string {
  return capabilities ?? (admit === undefined ? JSON.stringify(declared) : '{}');
}
