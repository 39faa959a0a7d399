/**
 * Cedar's lexical level: enough to find where rules, clauses and names begin and end. What it does not know becomes
 * a token of kind `other`, for the official parser to refuse.
 */
export interface Token {
  readonly kind: 'word' | 'string' | 'integer' | 'sign' | 'other';
  readonly text: string;
  /** Offsets in UTF-16 code units, end exclusive. */
  readonly start: number;
  readonly end: number;
}

interface LexicalError {
  readonly at: number;
  readonly message: string;
}

// Sticky. A string may span lines, and a comment ends at a carriage return too, as in Cedar's own grammar: what the
// two take for a comment must be the same.
const BLANK = /(?:\s+|\/\/[^\n\r]*)+/y;
const KINDS = [
  ['word', /[A-Za-z_][A-Za-z0-9_]*/y],
  ['integer', /[0-9]+/y],
  ['string', /"(?:\\[\s\S]|[^"\\])*"/y],
  ['sign', /::|&&|\|\||==|!=|<=|>=|[@(){}[\],;:.<>!+\-*?]/y],
  ['other', /[\s\S]/uy],
] as const;

export function tokenize(text: string): { tokens: Token[]; error?: LexicalError } {
  const tokens: Token[] = [];
  let at = skip(text, 0);
  while (at < text.length) {
    const token = next(text, at);
    if (token.text === '"') return { tokens, error: { at, message: 'this string has no end' } };
    tokens.push(token);
    at = skip(text, token.end);
  }
  return { tokens };
}

function skip(text: string, at: number): number {
  BLANK.lastIndex = at;
  return BLANK.test(text) ? BLANK.lastIndex : at;
}

function next(text: string, start: number): Token {
  for (const [kind, pattern] of KINDS) {
    pattern.lastIndex = start;
    const found = pattern.exec(text);
    if (found !== null) return { kind, text: found[0], start, end: start + found[0].length };
  }
  throw new Error('some pattern matches every character');
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t', '0': '\0' };

/** The value of a Cedar string token; a bad escape is left for the official parser to refuse. */
export function unquote(token: string): string {
  return token.slice(1, -1).replace(/\\(?:u\{([0-9a-fA-F]+)\}|x([0-9a-fA-F]{2})|([\s\S]))/g, (_, u, x, c) => {
    const code = u ?? x;
    if (typeof code === 'string') return character(Number.parseInt(code, 16));
    return ESCAPES[String(c)] ?? String(c);
  });
}

function character(code: number): string {
  return code <= 0x10ffff ? String.fromCodePoint(code) : '\ufffd';
}
