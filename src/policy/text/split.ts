import { LIMITS } from '../../base/limits.ts';
import { type PolicyFile, type PolicyProblem, problemAt } from '../problem.ts';
import { measureDepth } from './depth.ts';
import { type Token, tokenize, unquote } from './tokenizer.ts';

/** One rule as it stands in its file: from its first annotation or effect to its semicolon. */
export interface RuleSource {
  readonly file: PolicyFile;
  /** Where the rule's text begins and ends in the file's, UTF-16 code units. */
  readonly start: number;
  readonly end: number;
  /** Where it is said to stand: its first token. */
  readonly line: number;
  readonly tokens: readonly Token[];
  readonly annotations: readonly AnnotationSource[];
  readonly effect: 'permit' | 'forbid';
  /** The conditions, in order: `when { … }` and `unless { … }`. */
  readonly clauses: readonly ClauseSource[];
  /**
   * `temporal { … }` blocks, whole clauses and inline ones, in order. Each is one closed condition: lowering replaces
   * block k by `context.<rule>__temporal_k` before the official parser sees the rule.
   */
  readonly temporal: readonly Span[];
}

interface Span {
  readonly start: number;
  readonly end: number;
}

interface ClauseSource extends Span {
  readonly kind: 'when' | 'unless';
  /** What stands between the braces. */
  readonly text: string;
}

export interface AnnotationSource extends Span {
  readonly name: string;
  /** Null for a bare `@name`. */
  readonly value: string | null;
}

/** Splits a file into rules. Positions are those of the file; comments and strings never split a rule. */
export function split(file: PolicyFile): { rules: RuleSource[]; problems: PolicyProblem[] } {
  const { tokens, error } = tokenize(file.text);
  const problems: PolicyProblem[] = [];
  if (error !== undefined) problems.push(problemAt(file, error.at, error.message));
  const rules: RuleSource[] = [];
  let from = 0;
  let open: Token[] = [];
  const lineOf = lineCounter(file.text);
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at];
    if (token === undefined) break;
    const mismatch = track(open, token);
    if (mismatch) {
      problems.push(problemAt(file, token.start, `this "${token.text}" closes nothing`));
      open = [];
    }
    if (token.text === ';' && token.kind === 'sign' && open.length === 0) {
      const rule = readRule(file, tokens.slice(from, at + 1), lineOf);
      const tooDeep = measureDepth(rule.tokens);
      if (tooDeep !== undefined) problems.push(problemAt(file, tooDeep.at, tooDeep.message));
      else rules.push(rule);
      from = at + 1;
    }
  }
  const rest = tokens[from];
  const unclosed = open.at(-1);
  if (rest !== undefined && error === undefined)
    problems.push(
      unclosed === undefined
        ? problemAt(file, rest.start, 'this rule has no end', { hint: 'a rule ends with ";"' })
        : problemAt(file, unclosed.start, `this "${unclosed.text}" is never closed`),
    );
  if (rules.length > LIMITS.rules)
    problems.push(problemAt(file, 0, `a file holds at most ${LIMITS.rules} rules`));
  return { rules, problems };
}

/** Counts lines forward only: called with growing offsets it reads the text once. */
function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let next = text.indexOf('\n');
  return (offset) => {
    while (next >= 0 && next < offset) {
      line++;
      next = text.indexOf('\n', next + 1);
    }
    return line;
  };
}

const CLOSES: Readonly<Record<string, string>> = { ')': '(', '}': '{', ']': '[' };

/** Keeps the stack of open brackets; true where a bracket closes another than the one open. */
function track(open: Token[], token: Token): boolean {
  if (token.kind !== 'sign') return false;
  if (token.text === '(' || token.text === '{' || token.text === '[') open.push(token);
  const opener = CLOSES[token.text];
  return opener !== undefined && open.pop()?.text !== opener;
}

function readRule(
  file: PolicyFile,
  tokens: readonly Token[],
  lineOf: (offset: number) => number,
): RuleSource {
  const start = tokens[0]?.start ?? 0;
  const annotations = readAnnotations(tokens);
  const head = tokens.find((token) => token.start >= (annotations.at(-1)?.end ?? start));
  return {
    file,
    start,
    end: tokens.at(-1)?.end ?? start,
    line: lineOf(start),
    tokens,
    annotations,
    effect: head?.text === 'permit' ? 'permit' : 'forbid',
    clauses: readClauses(file, tokens),
    temporal: readTemporal(tokens),
  };
}

function readAnnotations(tokens: readonly Token[]): AnnotationSource[] {
  const annotations: AnnotationSource[] = [];
  let at = 0;
  while (tokens[at]?.text === '@') {
    const sign = tokens[at];
    const name = tokens[at + 1];
    if (sign === undefined || name === undefined) break;
    const text = tokens[at + 3];
    const valued = tokens[at + 2]?.text === '(' && text?.kind === 'string' && tokens[at + 4]?.text === ')';
    const value = valued ? unquote(text.text) : null;
    const end = (valued ? tokens[at + 4] : name)?.end ?? name.end;
    annotations.push({ name: name.text, value, start: sign.start, end });
    at += valued ? 5 : 2;
  }
  return annotations;
}

function readClauses(file: PolicyFile, tokens: readonly Token[]): ClauseSource[] {
  const clauses: ClauseSource[] = [];
  for (let at = 0; at < tokens.length; at++) {
    const word = tokens[at];
    const brace = tokens[at + 1];
    if (word === undefined || brace === undefined) break;
    if ((word.text === 'when' || word.text === 'unless') && word.kind === 'word' && brace.text === '{') {
      const close = closing(tokens, at + 1);
      const end = tokens[close]?.end ?? brace.end;
      const text = file.text.slice(brace.end, end - 1).trim();
      clauses.push({ kind: word.text, start: word.start, end, text });
      at = close;
    }
  }
  return clauses;
}

function readTemporal(tokens: readonly Token[]): Span[] {
  const blocks: Span[] = [];
  for (const [at, word] of tokens.entries()) {
    if (word.kind !== 'word' || word.text !== 'temporal' || tokens[at + 1]?.text !== '{') continue;
    blocks.push({ start: word.start, end: tokens[closing(tokens, at + 1)]?.end ?? word.end });
  }
  return blocks;
}

/** The index of the bracket that closes the one at `from`; brackets are known to be balanced. */
function closing(tokens: readonly Token[], from: number): number {
  let depth = 0;
  for (let at = from; at < tokens.length; at++) {
    const token = tokens[at];
    if (token?.kind !== 'sign') continue;
    if ('({['.includes(token.text)) depth++;
    else if (')}]'.includes(token.text) && --depth === 0) return at;
  }
  return tokens.length - 1;
}
