import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { wordsOf } from './words.ts';

/** One argument of a tool, as far as a draft looks at it. */
export interface Parameter {
  readonly name: string;
  readonly words: readonly string[];
  /** `text` and `number` can be part of a target's id, `texts` is a list of text, `files` a list of objects. */
  readonly kind: 'text' | 'number' | 'boolean' | 'texts' | 'objects' | 'object' | 'other';
  readonly required: boolean;
  /** The values it may have, where the schema lists them. */
  readonly values: readonly string[];
}

/** Names that can stand in a template. Others are left alone: a draft must not be steered by what a name breaks out of. */
const USABLE = /^[A-Za-z_$][A-Za-z0-9_$-]{0,63}$/;

interface Parameters {
  readonly usable: readonly Parameter[];
  /** Names that cannot stand in a template, as the server wrote them. */
  readonly others: readonly string[];
}

export function parametersOf(schema: JsonObject): Parameters {
  const properties = isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const names = Object.keys(properties);
  return {
    usable: names
      .filter((name) => USABLE.test(name))
      .map((name) => ({
        name,
        words: wordsOf(name),
        required: required.includes(name),
        ...shapeOf(properties[name]),
      })),
    others: names.filter((name) => !USABLE.test(name)),
  };
}

function shapeOf(schema: unknown): Pick<Parameter, 'kind' | 'values'> {
  if (!isJsonObject(schema)) return { kind: 'other', values: [] };
  const values = Array.isArray(schema['enum'])
    ? schema['enum'].filter((value) => typeof value === 'string')
    : [];
  return { kind: kindOf(schema), values };
}

function kindOf(schema: JsonObject): Parameter['kind'] {
  switch (schema['type']) {
    case 'string':
      return 'text';
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'boolean';
    case 'object':
      return 'object';
    case 'array': {
      const items = isJsonObject(schema['items']) ? schema['items']['type'] : undefined;
      return items === 'string' ? 'texts' : items === 'object' ? 'objects' : 'other';
    }
    default:
      return 'other';
  }
}
