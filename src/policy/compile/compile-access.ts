import { fault } from '../values/fault.ts';
import { EMPTY_RECORD, EntityUid, RecordValue, SetValue, type Value } from '../values/values.ts';
import { asEntity, asString, build, type Compiled, type Entities, isIn } from './evaluation.ts';

// Nothing that reads entities is folded: how two entities are related can differ from request to request.

export function compileAttribute(of: Compiled, name: string): Compiled {
  const missing = `there is no attribute ${JSON.stringify(name)}`;
  return build([{ ...of, constant: false }], (scene) => {
    const value = of.evaluate(scene);
    if (value instanceof RecordValue) return value.get(name) ?? fault(missing);
    const entity = scene.entities.get(owner(value).key) ?? fault('the entity does not exist');
    return entity.attributes.get(name) ?? fault(missing);
  });
}

/** `has a.b.c` is `has a && .a has b && .a.b has c`: only what is there is looked into. */
export function compileHas(of: Compiled, path: readonly string[]): Compiled {
  return {
    constant: false,
    evaluate: (scene) => {
      let value = of.evaluate(scene);
      for (const name of path) {
        const next = attributesOf(scene.entities, value).get(name);
        if (next === undefined) return false;
        value = next;
      }
      return true;
    },
  };
}

function attributesOf(entities: Entities, value: Value): RecordValue {
  if (value instanceof RecordValue) return value;
  return entities.get(owner(value).key)?.attributes ?? EMPTY_RECORD;
}

function owner(value: Value): EntityUid {
  return value instanceof EntityUid ? value : fault('an entity or a record was expected');
}

export function compileTag(op: 'hasTag' | 'getTag', of: Compiled, tag: Compiled): Compiled {
  return {
    constant: false,
    evaluate: (scene) => {
      const uid = asEntity(of.evaluate(scene));
      const name = asString(tag.evaluate(scene));
      const entity = scene.entities.get(uid.key);
      const value = entity?.tags.get(name);
      if (op === 'hasTag') return value !== undefined;
      return value ?? fault(entity === undefined ? 'the entity does not exist' : 'there is no such tag');
    },
  };
}

export function compileIs(of: Compiled, type: string, within: Compiled | undefined): Compiled {
  const is = build([of], (scene) => asEntity(of.evaluate(scene)).type === type);
  if (within === undefined) return is;
  const membership = compileMembership(of, within);
  return { constant: false, evaluate: (scene) => is.evaluate(scene) && membership.evaluate(scene) };
}

export function compileMembership(left: Compiled, right: Compiled): Compiled {
  return {
    constant: false,
    evaluate: (scene) => {
      const uid = asEntity(left.evaluate(scene));
      const other = right.evaluate(scene);
      if (other instanceof EntityUid) return isIn(scene.entities, uid, other);
      if (!(other instanceof SetValue)) return fault('an entity or a set of entities was expected');
      // Cedar looks at every member's type before it looks for one that holds.
      const others = Array.from(other, asEntity);
      return others.some((member) => isIn(scene.entities, uid, member));
    },
  };
}
