import { isJsonObject, type Json, type JsonObject, setKey } from '../../base/json.ts';
import type { OperationEntry } from '../entry.ts';
import type { Field } from './template.ts';

/** What stands in a stored body in place of an argument that is never stored. */
const NOT_STORED = '[not stored]';

/**
 * The arguments as they may be stored: those that the entry calls `secret` replaced. Where the arguments have another
 * shape than the entry thinks, what stands on the way is replaced whole. The same object when there is nothing to do.
 */
export function withoutSecrets(args: JsonObject, entry: OperationEntry | undefined): JsonObject {
  let kept = args;
  for (const field of entry?.secret ?? []) {
    const next = hide(kept, field.steps);
    if (isJsonObject(next)) kept = next;
  }
  return kept;
}

function hide(value: Json, steps: Field['steps']): Json {
  const [step, ...rest] = steps;
  if (step === undefined || !isJsonObject(value)) return NOT_STORED;
  if (!Object.hasOwn(value, step.name)) return value;
  const copy: Record<string, Json> = { ...value };
  setKey(copy, step.name, hideMember(value[step.name] ?? null, step.each, rest));
  return copy;
}

function hideMember(value: Json, each: boolean, rest: Field['steps']): Json {
  if (!each) return hide(value, rest);
  return Array.isArray(value) ? value.map((item) => hide(item, rest)) : NOT_STORED;
}
