import { canonicalize } from '../../base/canonical.ts';
import { digestOf } from '../../base/hash.ts';
import { isJsonObject, type Json, type JsonObject, memberAt } from '../../base/json.ts';
import { filledCall } from '../../catalog/targets/filled-call.ts';
import type { Action, Attempt } from '../../model/action.ts';
import type { Prepared } from '../action/prepare.ts';
import type { Arrived } from '../arrived.ts';
import type { InForce } from '../in-force.ts';
import type { Answer } from '../ports/answer.ts';
import type { Version } from './hold.ts';

/** Takes the call that reads through the corridor, which is handed down to here: a step does not import it. */
export type ReadThrough = (reading: Arrived) => Promise<Answer>;

/**
 * How the target's version is read, where the catalog says how: by an action of its own, of the same agent and under the
 * rules in force, for which nobody is asked.
 */
export function versionOf(
  inForce: InForce,
  { action }: Prepared,
  { generation, control: { signal } }: Arrived,
  readThrough: ReadThrough,
): Version {
  const reading = versionReading(inForce, action);
  return {
    isKept: reading !== null,
    async read() {
      if (reading === null) return null;
      const answer = await readThrough({ attempt: reading.attempt, generation, control: { signal } });
      return answer.kind === 'result' ? reading.versionIn(answer.result) : null;
    },
  };
}

/** How the version of what an action is done to can be read: one call, and where in its result the version stands. */
interface VersionReading {
  readonly attempt: Attempt;
  /** Digest of the version in a result; null where it is not there. */
  versionIn(result: JsonObject): string | null;
}

/** As the catalog's `state` says; null where it says nothing, or where an argument that it needs is absent. */
function versionReading(inForce: InForce, action: Action): VersionReading | null {
  const { agent, session, token, door, upstream, id, arguments: args, method, name } = action;
  if (method !== 'tools/call') return null;
  const state = inForce.upstreams.get(upstream)?.entryOf(name)?.state;
  if (state === undefined) return null;
  const given = filledCall(state, args);
  if (given === null) return null;
  const steps = state.version.steps.map((step) => step.name);
  return {
    attempt: {
      agent,
      session,
      token,
      door,
      upstream,
      during: id,
      method: 'tools/call',
      name: state.operation,
      arguments: given,
    },
    versionIn: (result) => {
      const version = contentOf(result).map((content) => memberAt(content, steps));
      const found = version.find((one) => one !== undefined && one !== null);
      return found === undefined ? null : digestOf(canonicalize(found));
    },
  };
}

/** What a result may carry its members in: structured content, else the JSON of its text. */
function contentOf(result: JsonObject): readonly Json[] {
  const found: Json[] = [];
  if (result['structuredContent'] !== undefined) found.push(result['structuredContent']);
  const { content } = result;
  for (const item of Array.isArray(content) ? content : []) {
    if (!isJsonObject(item) || typeof item['text'] !== 'string') continue;
    try {
      found.push(JSON.parse(item['text']) as Json);
    } catch {
      // Prose has no members.
    }
  }
  return found;
}
