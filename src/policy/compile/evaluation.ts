import { fault } from '../values/fault.ts';
import { isLong, type Long } from '../values/integers.ts';
import { EntityUid, type RecordValue, SetValue, type Value } from '../values/values.ts';

/** What a rule is evaluated in: one request about one target. */
export interface Scene {
  readonly principal: EntityUid;
  readonly action: EntityUid;
  readonly resource: EntityUid;
  readonly context: RecordValue;
  readonly entities: Entities;
}

export interface Entities {
  /** By `EntityUid.key`; undefined for an entity that is not there. */
  get(key: string): EntityData | undefined;
}

export interface EntityData {
  readonly attributes: RecordValue;
  readonly tags: RecordValue;
  /** Keys of everything it lies in, transitively, without itself. */
  readonly ancestors: ReadonlySet<string>;
}

/** A compiled expression. Throws EvaluationFault exactly where Cedar answers with an evaluation error. */
type Evaluate = (scene: Scene) => Value;

/** `constant`: its value does not depend on the scene, so what is built on it may be computed once. */
export interface Compiled {
  readonly evaluate: Evaluate;
  readonly constant: boolean;
}

/** Folds: with constant operands the value is computed once, here. Where that is an error, it stays one each time it is reached. */
export function build(operands: readonly Compiled[], evaluate: Evaluate): Compiled {
  if (!operands.every((operand) => operand.constant)) return { evaluate, constant: false };
  try {
    const value = evaluate(NOWHERE);
    return { evaluate: () => value, constant: true };
  } catch {
    return { evaluate, constant: false };
  }
}

const NOWHERE: Scene = {
  get principal(): never {
    throw new TypeError('a constant does not depend on the scene');
  },
  get action(): never {
    throw new TypeError('a constant does not depend on the scene');
  },
  get resource(): never {
    throw new TypeError('a constant does not depend on the scene');
  },
  get context(): never {
    throw new TypeError('a constant does not depend on the scene');
  },
  get entities(): never {
    throw new TypeError('a constant does not depend on the scene');
  },
};

export function asBoolean(value: Value): boolean {
  return typeof value === 'boolean' ? value : fault('a Boolean was expected');
}

export function asLong(value: Value): Long {
  return isLong(value) ? value : fault('a Long was expected');
}

export function asString(value: Value): string {
  return typeof value === 'string' ? value : fault('a String was expected');
}

export function asSet(value: Value): SetValue {
  return value instanceof SetValue ? value : fault('a Set was expected');
}

export function asEntity(value: Value): EntityUid {
  return value instanceof EntityUid ? value : fault('an entity was expected');
}

/** Whether an entity is the other or lies in it. */
export function isIn(entities: Entities, uid: EntityUid, other: EntityUid): boolean {
  return uid.key === other.key || entities.get(uid.key)?.ancestors.has(other.key) === true;
}
