import { validateRules } from './cedar.ts';
import { buildSchema } from './schema.ts';
import { shapeOfInput } from './shape.ts';
import type { World } from './world.ts';

/** Operation → the rules that do not fit its arguments. */
export type Misfits = Map<string, readonly string[]>;

/**
 * Finds which operations some failing rules do not fit. The official validator names the rule and not the operation,
 * so they are validated with one operation at a time that applies to anything. A rule that cannot be validated for
 * any reason counts as not fitting.
 */
export function findMisfits(world: World, texts: Readonly<Record<string, string>>): Misfits {
  const misfits: Misfits = new Map();
  const ids = world.operations.map(({ id }) => id);
  const named = new Set(Object.values(texts).flatMap((text) => mentioned(text)));
  for (const operation of world.operations) {
    const others = [...named, ...ids.filter((id) => named.has(id))].filter((id) => id !== operation.id);
    const groups = new Set(operation.groups);
    const schema = buildSchema(
      world,
      [{ operation, shape: shapeOfInput(operation) }],
      others.filter((id) => !groups.has(id)),
    );
    const validated = validateRules(schema, texts);
    const rules = validated.ok
      ? validated.value.filter(({ severity }) => severity === 'error').map(({ rule }) => rule)
      : Object.keys(texts);
    if (rules.length > 0) misfits.set(operation.id, [...new Set(rules)]);
  }
  return misfits;
}

/** Ids of actions that a rule's text may name. Too many do no harm. */
function mentioned(text: string): string[] {
  return Array.from(text.matchAll(/Action\s*::\s*"([^"\\]*)"/g), (found) => found[1] ?? '');
}
