import { type Problem, problem } from '../../base/errors.ts';
import { isJsonObject, type Json, type JsonObject, setKey } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { compileSchema } from './json-schema.ts';
import { isSpent, newSeen, newWalk, type Walk } from './json-schema-walk.ts';

interface CheckedArguments {
  /**
   * Arguments that the schema lets through and its own `properties` do not name, so that rules have no type for them:
   * by `additionalProperties`, by a pattern, or by an alternative.
   */
  readonly extra: JsonObject;
}

export interface ArgumentCheck {
  /**
   * Whether arguments fit the schema. Nothing is converted and no default is filled in: what is checked is what is
   * sent. The error is one line that names the place: `"edits.0.line" is not of type integer`.
   */
  check(args: JsonObject): Result<CheckedArguments, string>;
}

/**
 * Compiles the input schema of a tool; SCHEMA_UNUSABLE where it is none, too large, or holds what cannot be checked
 * here (json-schema.ts says what). Members that no schema names are refused, at every depth at which a schema names
 * any, unless one says `additionalProperties`: rules could not see them. Compiled once for each schema object.
 */
export function compileArguments(schema: JsonObject): Result<ArgumentCheck, Problem> {
  const known = compiled.get(schema);
  if (known !== undefined) return known;
  const made = compile(schema);
  compiled.set(schema, made);
  return made;
}

const compiled = new WeakMap<JsonObject, Result<ArgumentCheck, Problem>>();

function compile(schema: JsonObject): Result<ArgumentCheck, Problem> {
  const checked = compileSchema(schema);
  if (!checked.ok) return err(problem('SCHEMA_UNUSABLE', { what: checked.error }));
  const fits = checked.value;
  const named = isJsonObject(schema['properties']) ? schema['properties'] : {};
  return ok({
    check(args) {
      const walk = newWalk();
      const seen = newSeen();
      const isFitting = fits(args, walk, seen);
      if (isSpent(walk)) return err('checking them takes too long');
      if (!isFitting) return err(describe(walk));
      const extra: Record<string, Json> = {};
      for (const [key, value] of Object.entries(args))
        if (!Object.hasOwn(named, key)) setKey(extra, key, value);
      return ok({ extra });
    },
  });
}

function describe(walk: Walk): string {
  if (walk.fault === null) return 'they do not fit';
  const place = walk.fault.at.toReversed().join('.');
  return place === '' ? `the whole ${walk.fault.what}` : `"${place}" ${walk.fault.what}`;
}
