import { type Json, type JsonObject, memberAt, setKey } from '../../base/json.ts';
import type { Call } from '../entry.ts';
import { loneReference, type Reference, type Template } from './template.ts';

/** The arguments of another call, made from those of this one; null where one that it needs is absent. */
export function filledCall(call: Pick<Call, 'arguments'>, args: JsonObject): JsonObject | null {
  const given: Record<string, Json> = {};
  for (const [key, template] of Object.entries(call.arguments)) {
    const value = fill(template, args);
    if (value === undefined) return null;
    setKey(given, key, value);
  }
  return given;
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
  return of === 'arguments' ? memberAt(args, path) : undefined;
}
