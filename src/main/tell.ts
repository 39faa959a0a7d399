import type { FileProblem, RuleSet } from './rule-set.ts';

/** A problem of a file, as one line for a person. */
export function lineOf({ file, line, column, message }: FileProblem): string {
  return `${file}:${line}:${column}: ${message}`;
}

/** The text of a file of a set, to show the line that a problem is about. */
export function textOf(set: RuleSet, name: string): string | undefined {
  return set.files.find((file) => file.name === name)?.text;
}
