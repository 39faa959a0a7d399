import type { PolicyProblem } from './problem.ts';

const OF_AN_ACTION = /^(.* in context for )(Action::"[^"]*")( not found)$/;

/**
 * A wrong name in a rule about many operations is wrong for each of them, and the engine complains of each, in no
 * order. These become one problem, with the first operation by name and how many more there are.
 */
export function foldAlike(problems: readonly PolicyProblem[]): PolicyProblem[] {
  const groups = new Map<string, PolicyProblem[]>();
  for (const problem of problems) {
    const { severity, file, line, column, message } = problem;
    const key = JSON.stringify([severity, file, line, column, message.replace(OF_AN_ACTION, '$1$3')]);
    groups.set(key, [...(groups.get(key) ?? []), problem]);
  }
  return [...groups.values()].flatMap(foldOne).sort(byPlace);
}

/** What differs in nothing but the operation, or in nothing at all. */
function foldOne(group: readonly PolicyProblem[]): PolicyProblem[] {
  const [first, ...more] = [...group].sort((a, b) => (a.message < b.message ? -1 : 1));
  if (first === undefined) return [];
  const others = more.filter(({ message }) => message !== first.message).length;
  if (others === 0) return [first];
  const message = first.message.replace(OF_AN_ACTION, `$1$2 and ${others} more$3`);
  const hint = hintOfAll([first, ...more].map((one) => one.hint ?? ''));
  const { hint: _, ...rest } = first;
  return [{ ...rest, message, ...(hint === '' ? {} : { hint }) }];
}

const byPlace = (a: PolicyProblem, b: PolicyProblem) =>
  a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column;

const GUESS = /^did you mean `[^`]*`\?(?: or, as )?/;

/** The hint with the nearest name, unless that is another one for each operation. */
function hintOfAll(hints: readonly string[]): string {
  const guesses = new Set(hints.flatMap((hint) => GUESS.exec(hint)?.[0] ?? []));
  const guessing = hints.find((hint) => GUESS.test(hint));
  return guesses.size === 1 && guessing !== undefined ? guessing : (hints[0] ?? '').replace(GUESS, '');
}
