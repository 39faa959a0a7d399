import { canonicalize } from '../base/canonical.ts';
import { digestOf } from '../base/hash.ts';
import { isJsonObject, type Json, type JsonObject, setKey } from '../base/json.ts';
import { loneReference, type Reference, type Template } from '../catalog/template.ts';
import type { Action, Attempt } from '../model/action.ts';
import type { InForce } from './in-force.ts';

/** How the version of what an action is done to can be read: one call, and where in its result the version stands. */
export interface VersionReading {
  readonly attempt: Attempt;
  /** Digest of the version in a result; null where it is not there. */
  versionIn(result: JsonObject): string | null;
}

/** As the catalog's `state` says; null where it says nothing, or where an argument that it needs is absent. */
export function versionReading(inForce: InForce, action: Action): VersionReading | null {
  const { agent, session, token, door, upstream, id, arguments: args, method, name } = action;
  if (method !== 'tools/call') return null;
  const state = inForce.upstreams.get(upstream)?.entryOf(name)?.state;
  if (state === undefined) return null;
  const given: Record<string, Json> = {};
  for (const [key, template] of Object.entries(state.arguments)) {
    const value = fill(template, args);
    if (value === undefined) return null;
    setKey(given, key, value);
  }
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
      const version = contentOf(result).map((content) => at(content, steps));
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

function at(value: Json, steps: readonly string[]): Json | undefined {
  let here: Json | undefined = value;
  for (const step of steps) here = isJsonObject(here) && Object.hasOwn(here, step) ? here[step] : undefined;
  return here;
}

/** A lone reference gives the argument whole; text around references makes a text. */
function fill(template: Template, args: JsonObject): Json | undefined {
  const lone = loneReference(template);
  if (lone !== undefined) return argumentAt(lone, args);
  let text = '';
  for (const part of template) {
    if (typeof part === 'string') {
      text += part;
      continue;
    }
    const value = argumentAt(part, args);
    if (value === undefined || value === null || typeof value === 'object') return undefined;
    text += String(value);
  }
  return text;
}

function argumentAt({ of, path }: Reference, args: JsonObject): Json | undefined {
  return of === 'arguments' ? at(args, path) : undefined;
}
