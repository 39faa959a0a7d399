import { buildSchema } from '../schema/schema.ts';
import { shapeOfInput } from '../schema/shape.ts';
import type { World, WorldOperation } from '../world.ts';
import { validateRules } from './cedar.ts';

/** Operation → the rules that do not fit its arguments. */
export type Misfits = Map<string, readonly string[]>;

/**
 * Finds which operations some failing rules do not fit. The official validator names the rule and not always the
 * operation, so the operations are halved until those that fail stand alone: with one that fails among a thousand,
 * some twenty validations. A rule that cannot be validated for any reason counts as not fitting.
 */
export function findMisfits(world: World, texts: Readonly<Record<string, string>>): Misfits {
  const misfits: Misfits = new Map();
  const named = new Set(Object.values(texts).flatMap(actionsIn));
  const search = (operations: readonly WorldOperation[]): void => {
    const rules = failing(world, operations, named, texts);
    const [only, ...others] = operations;
    if (rules.length === 0 || only === undefined) return;
    if (others.length === 0) {
      misfits.set(only.id, rules);
      return;
    }
    const half = Math.floor(operations.length / 2);
    search(operations.slice(0, half));
    search(operations.slice(half));
  };
  search(world.operations);
  return misfits;
}

/** Which rules fail where just these operations apply to anything; the others that rules name are there by name. */
function failing(
  world: World,
  operations: readonly WorldOperation[],
  named: ReadonlySet<string>,
  texts: Readonly<Record<string, string>>,
): string[] {
  const shaped = operations.map((operation) => ({ operation, shape: shapeOfInput(operation) }));
  const validated = validateRules(buildSchema(world, shaped, named), texts);
  if (!validated.ok) return Object.keys(texts);
  const errors = validated.value.filter(({ severity }) => severity === 'error');
  return [...new Set(errors.map(({ rule }) => rule))];
}

/** Ids of actions that a rule's text may name. It may find more than the rule names, which does no harm. */
function actionsIn(text: string): string[] {
  return Array.from(text.matchAll(/Action\s*::\s*"([^"\\]*)"/g), (found) => found[1] ?? '');
}
