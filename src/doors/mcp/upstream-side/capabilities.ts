import type { JsonObject } from '../../../base/json.ts';
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
