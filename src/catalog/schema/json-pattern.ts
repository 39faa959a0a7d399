import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { Automaton, type Work } from './pattern-automaton.ts';
import { PatternParser } from './pattern-tree.ts';

/**
 * A regular expression of a schema, matched without backtracking: whatever a server writes there and an agent sends,
 * the cost is at most the text's length times the pattern's, and `work` ends it before that.
 */
export interface Pattern {
  /** How many states its automaton has. */
  readonly states: number;
  /** Whether the text holds a match. When `work` runs out the answer means nothing: look at `work.left`. */
  test(text: string, work: Work): boolean;
}

/**
 * Compiles an ECMA-262 pattern, read with the flag `u` and, if it is none then, without, as the field does. Lookahead
 * is there, since zod writes it for e-mail addresses; lookbehind, back references and inline flags are not. The error
 * says why not, in a few words.
 */
export function compilePattern(source: string): Result<Pattern, string> {
  if (source.length > LIMITS.patternLength) return err(`a pattern longer than ${LIMITS.patternLength}`);
  const flags = isRegExp(source, 'u') ? 'u' : isRegExp(source, '') ? '' : null;
  if (flags === null) return err('a pattern that is no regular expression');
  const parser = new PatternParser(source, flags);
  const tree = parser.parse();
  if (parser.unsupported !== null) return err(`a pattern with ${parser.unsupported}`);
  const automaton = new Automaton(tree, flags === 'u');
  if (automaton.isTooLarge) return err('a pattern that is too large');
  return ok({ states: automaton.size, test: (text, work) => automaton.test(text, work) });
}

function isRegExp(source: string, flags: string): boolean {
  try {
    new RegExp(source, flags);
    return true;
  } catch {
    return false;
  }
}
