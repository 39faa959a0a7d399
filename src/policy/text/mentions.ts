import { type Expression, parts } from './expression.ts';

/** A part of `context.input` that a rule looks at. */
export interface Mention {
  readonly path: readonly string[];
  /** Whether the value itself is used, with all that lies in it, and not only whether it is there. */
  readonly whole: boolean;
}

/** Everything of `context.input` that expressions look at; a path of `context` itself counts as all of it. */
export function mentionsOf(expressions: readonly Expression[]): Mention[] {
  const mentions: Mention[] = [];
  for (const expression of expressions) collect(expression, mentions);
  return mentions;
}

function collect(expression: Expression, mentions: Mention[]): void {
  if (expression.op === 'has') {
    const base = pathOf(expression.of);
    if (base === undefined) collect(expression.of, mentions);
    else note([...base, ...expression.path], false, mentions);
    return;
  }
  const path = pathOf(expression);
  if (path === undefined) for (const part of parts(expression)) collect(part, mentions);
  else note(path, true, mentions);
}

function note(path: readonly string[], whole: boolean, mentions: Mention[]): void {
  const [first, ...rest] = path;
  if (first === 'input') mentions.push({ path: rest, whole });
  else if (first === undefined) mentions.push({ path: [], whole });
}

/** `context.a.b` → [a, b]; undefined for what is no plain path from the context. */
function pathOf(expression: Expression): readonly string[] | undefined {
  if (expression.op === 'variable') return expression.name === 'context' ? [] : undefined;
  if (expression.op !== 'attribute') return undefined;
  const base = pathOf(expression.of);
  return base === undefined ? undefined : [...base, expression.name];
}

/** Whether a mention depends on the argument at `path`. */
export function touches(mention: Mention, path: readonly string[]): boolean {
  const shared = Math.min(mention.path.length, path.length);
  for (let i = 0; i < shared; i++) if (mention.path[i] !== path[i]) return false;
  return mention.whole || mention.path.length >= path.length;
}
