import { canonicalize } from '../../base/canonical.ts';
import { isJsonObject, type Json, type JsonObject, setKey } from '../../base/json.ts';
import { decimalOf } from '../values/decimal.ts';
import { longOf } from '../values/integers.ts';
import { RecordValue, SetValue, type Value } from '../values/values.ts';
import type { RecordShape, Shape } from './shape.ts';

/**
 * Arguments as rules see them, converted when they are read. Arguments were checked against the schema that the shape
 * comes from: meeting another type throws a TypeError, which denies. A null is absent, and so is a number that a
 * decimal cannot hold: where a rule mentions one, `unrepresentable` has denied before.
 */
export class InputRecord extends RecordValue {
  readonly #json: JsonObject;
  readonly #shape: RecordShape;
  readonly #made = new Map<string, Value>();
  constructor(json: JsonObject, shape: RecordShape) {
    super();
    this.#json = json;
    this.#shape = shape;
  }
  get(name: string): Value | undefined {
    const member = this.#shape.members.get(name);
    if (member === undefined || !Object.hasOwn(this.#json, name)) return undefined;
    const json = this.#json[name];
    if (json === undefined || json === null) return undefined;
    if (typeof json !== 'object' && member.shape.kind !== 'text') return readValue(member.shape, json);
    const made = this.#made.get(name) ?? readValue(member.shape, json);
    if (made !== undefined) this.#made.set(name, made);
    return made;
  }
  *names(): Iterable<string> {
    for (const name of this.#shape.members.keys()) if (this.get(name) !== undefined) yield name;
  }
}

function readValue(shape: Shape, json: Exclude<Json, null>): Value | undefined {
  switch (shape.kind) {
    case 'text':
      return canonicalize(json);
    case 'string':
      if (typeof json === 'string') return json;
      break;
    case 'bool':
      if (typeof json === 'boolean') return json;
      break;
    case 'long': {
      const long = typeof json === 'number' ? longOf(json) : undefined;
      if (long !== undefined) return long;
      break;
    }
    case 'decimal':
      if (typeof json === 'number') return decimalOf(json);
      break;
    case 'set':
      if (Array.isArray(json)) return new SetValue(elements(shape.element, json));
      break;
    case 'record':
      if (isJsonObject(json)) return new InputRecord(json, shape);
      break;
  }
  throw new TypeError(`an argument is not the ${shape.kind} that its schema says`);
}

function elements(shape: Shape, items: readonly Json[]): Value[] {
  const values: Value[] = [];
  for (const item of items) {
    const value = item === null ? undefined : readValue(shape, item);
    if (value !== undefined) values.push(value);
  }
  return values;
}

/**
 * What of arguments has no name in their shape: let through by `additionalProperties`, a pattern or an alternative, or
 * declared in the other generation of the upstream alone, where rules are typed by this one. Undefined where there is
 * nothing. It stands where it stood, and of a list only such elements are left.
 */
export function unseenOf(shape: RecordShape, json: JsonObject): JsonObject | undefined {
  const unseen: Record<string, Json> = {};
  for (const [name, value] of Object.entries(json)) {
    const member = shape.members.get(name);
    const part = member === undefined ? value : unseenIn(member.shape, value);
    if (part !== undefined) setKey(unseen, name, part);
  }
  return Object.keys(unseen).length === 0 ? undefined : unseen;
}

function unseenIn(shape: Shape, json: Json): Json | undefined {
  if (shape.kind === 'record' && isJsonObject(json)) return unseenOf(shape, json);
  if (shape.kind !== 'set' || !Array.isArray(json)) return undefined;
  const { element } = shape;
  if (element.kind !== 'set' && element.kind !== 'record') return undefined;
  const parts = json.map((item) => unseenIn(element, item)).filter((part) => part !== undefined);
  return parts.length === 0 ? undefined : parts;
}

/** Whether arguments of this shape may hold a number that a decimal cannot. */
export function holdsDecimals(shape: Shape): boolean {
  if (shape.kind === 'decimal') return true;
  if (shape.kind === 'set') return holdsDecimals(shape.element);
  return shape.kind === 'record' && [...shape.members.values()].some((member) => holdsDecimals(member.shape));
}

/** Paths of the arguments that rules cannot see as they were sent; elements of a set share the set's path. */
export function unrepresentable(
  shape: Shape,
  json: Json | undefined,
  path: readonly string[] = [],
): readonly (readonly string[])[] {
  if (json === undefined || json === null) return [];
  if (shape.kind === 'decimal')
    return typeof json === 'number' && decimalOf(json) === undefined ? [path] : [];
  if (shape.kind === 'set' && Array.isArray(json))
    return json.flatMap((item) => unrepresentable(shape.element, item, path)).slice(0, 1);
  if (shape.kind === 'record' && isJsonObject(json)) {
    const object = json;
    return [...shape.members].flatMap(([name, member]) =>
      Object.hasOwn(object, name) ? unrepresentable(member.shape, object[name], [...path, name]) : [],
    );
  }
  return [];
}
