import { canonicalize } from '../../base/canonical.ts';
import { isJsonObject, type Json } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { APPLICATORS } from './json-schema-applicators.ts';
import { ASSERTIONS } from './json-schema-assertions.ts';
import { dialectOf, SchemaScope } from './json-schema-scope.ts';
import { type Check, hasOnlySeen } from './json-schema-walk.ts';

/**
 * Compiles a schema (JSON Schema 2020-12, 2019-09 or draft-07) into a function. Unlike a general validator it can be
 * given schemas of a hostile server and arguments of a hostile agent: no code is generated, every step is counted in
 * `walk.left`, patterns do not backtrack, `uniqueItems` does not compare pairs, and references stay in the document.
 * `format` and unknown keywords are annotations. The error is one line: which keyword, where, and what about it.
 */
export function compileSchema(schema: Json): Result<Check, string> {
  if (isDeeperThan(schema, LIMITS.schemaDepth)) {
    return err(`the schema nests deeper than ${LIMITS.schemaDepth} levels`);
  }
  if (canonicalize(schema).length > LIMITS.schemaBytes) {
    return err(`the schema is larger than ${LIMITS.schemaBytes} bytes`);
  }
  const dialect = dialectOf(schema);
  if (dialect === null) return err('its "$schema" names a dialect that is not known here');
  const scope = new SchemaScope(schema, dialect, [...ASSERTIONS, ...APPLICATORS]);
  const check = scope.compile(schema, '#');
  if (scope.fault !== null) return err(scope.fault);
  // At the root every object is closed, also where the schema names no member at all.
  return ok((value, walk, seen) => {
    return check(value, walk, seen) && (!isJsonObject(value) || hasOnlySeen(value, walk, seen));
  });
}

function isDeeperThan(value: Json, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((below: Json) => isDeeperThan(below, levels - 1));
}
