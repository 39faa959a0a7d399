import type { Datetime, Duration } from './datetime.ts';
import type { Decimal } from './decimal.ts';
import type { Long } from './integers.ts';
import type { Ip } from './ip.ts';

/** A Cedar value at run time. Longs are `number` while safe and `bigint` beyond (integers.ts), so `===` is equality. */
export type Value = boolean | Long | string | EntityUid | SetValue | RecordValue | ExtensionValue;
type ExtensionValue = Decimal | Ip | Datetime | Duration;
type Primitive = boolean | Long | string;

/** `Type::"id"`. The key is unique: a type name holds no NUL, so the first one ends it. */
export class EntityUid {
  readonly type: string;
  readonly id: string;
  readonly key: string;
  constructor(type: string, id: string) {
    this.type = type;
    this.id = id;
    this.key = entityKey(type, id);
  }
}

export function entityKey(type: string, id: string): string {
  return `${type}\0${id}`;
}

/** Named values. Subclasses decide when they are made: lazily from JSON, or at once. */
export abstract class RecordValue {
  #key: string | undefined;
  /** Computed once: what is compared may be as large as a caller can send. */
  key(): string {
    this.#key ??= recordKey(this);
    return this.#key;
  }
  /** The value of an attribute, undefined where it has none. */
  abstract get(name: string): Value | undefined;
  abstract names(): Iterable<string>;
}

export class MapRecord extends RecordValue {
  readonly #values: ReadonlyMap<string, Value>;
  constructor(values: ReadonlyMap<string, Value>) {
    super();
    this.#values = values;
  }
  get(name: string): Value | undefined {
    return this.#values.get(name);
  }
  names(): Iterable<string> {
    return this.#values.keys();
  }
}

export const EMPTY_RECORD: RecordValue = new MapRecord(new Map());

/** A set, without duplicates by Cedar's equality. Members are found by hash, whatever a caller sends. */
export class SetValue {
  readonly #primitives = new Set<Primitive>();
  readonly #composites = new Map<string, Value>();
  #key: string | undefined;
  constructor(items: Iterable<Value>) {
    for (const item of items) {
      if (typeof item === 'object') this.#composites.set(compositeKey(item), item);
      else this.#primitives.add(item);
    }
  }
  key(): string {
    this.#key ??= `[${Array.from(this, valueKey).sort().join()}]`;
    return this.#key;
  }
  get size(): number {
    return this.#primitives.size + this.#composites.size;
  }
  has(value: Value): boolean {
    if (typeof value !== 'object') return this.#primitives.has(value);
    return this.#composites.size > 0 && this.#composites.has(compositeKey(value));
  }
  *[Symbol.iterator](): Iterator<Value> {
    yield* this.#primitives;
    yield* this.#composites.values();
  }
}

/** Cedar's `==`: never an error, false between different types. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (typeof a !== 'object' || typeof b !== 'object') return false;
  if (a instanceof EntityUid) return b instanceof EntityUid && a.key === b.key;
  if (a instanceof SetValue && b instanceof SetValue && a.size !== b.size) return false;
  return compositeKey(a) === compositeKey(b);
}

/** A text that two composite values share exactly when they are equal. */
function compositeKey(value: Exclude<Value, Primitive>): string {
  return value instanceof EntityUid ? `e${JSON.stringify(value.key)}` : value.key();
}

function recordKey(record: RecordValue): string {
  const parts: string[] = [];
  for (const name of record.names()) {
    const value = record.get(name);
    if (value !== undefined) parts.push(`${JSON.stringify(name)}:${valueKey(value)}`);
  }
  return `{${parts.sort().join()}}`;
}

function valueKey(value: Value): string {
  if (typeof value === 'object') return compositeKey(value);
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
