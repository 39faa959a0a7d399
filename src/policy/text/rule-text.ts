import type { PolicyFile } from '../problem.ts';
import { split } from './split.ts';

/** A rule as it is written. */
export interface RuleText {
  /** Its `@id`, else `file:line`. */
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  /** Names of its annotations. */
  readonly annotations: readonly string[];
  /** From its first annotation to its semicolon. */
  readonly text: string;
}

/** The rules of a file, in order, as the loader takes it apart; null where they cannot be told apart. */
export function ruleTexts(file: PolicyFile): RuleText[] | null {
  const { rules, problems } = split(file);
  if (problems.length > 0) return null;
  return rules.map(({ annotations, effect, start, end, line }) => ({
    id: annotations.find(({ name }) => name === 'id')?.value ?? `${file.name}:${line}`,
    effect,
    annotations: annotations.map(({ name }) => name),
    text: file.text.slice(start, end),
  }));
}
