import type { FileProblem, RuleSet } from './in-force/rule-set.ts';

/** A problem of a file, for a person: one line, and for a rule the line that it is about. */
export function lineOf({ file, line, column, message, shown }: FileProblem): string {
  return shown ?? `${file}:${line}:${column}: ${message}`;
}

/** The text of a file of a set, to show the line that a problem is about. */
export function textOf(set: RuleSet, name: string): string | undefined {
  return set.files.find((file) => file.name === name)?.text;
}
