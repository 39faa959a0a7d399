import { err, ok, type Result } from '../../base/result.ts';

/** A way into the arguments (`{a.b}`), or into the element at hand of an `each` list (`{.}`, `{.b}`). */
export interface Reference {
  readonly of: 'arguments' | 'element';
  readonly path: readonly string[];
}

/** Literal text and references, in order: `{owner}/{repo}`. */
export type Template = readonly (string | Reference)[];

const NAME = /^[^{}.[\]\s][^{}.[\]]*$/;

/**
 * Reads a template. Two references need text between them, so that an id can be taken apart in one way only.
 * The error is a sentence for the author of the catalog.
 */
export function readTemplate(text: string): Result<Template, string> {
  const parts: (string | Reference)[] = [];
  let rest = text;
  while (rest !== '') {
    const open = rest.indexOf('{');
    const literal = open === -1 ? rest : rest.slice(0, open);
    if (literal.includes('}')) return err(`\`${text}\` closes a brace that it did not open`);
    if (literal !== '') parts.push(literal);
    if (open === -1) break;
    const close = rest.indexOf('}', open);
    if (close === -1) return err(`\`${text}\` opens a brace that it does not close`);
    const reference = readReference(rest.slice(open + 1, close));
    if (reference === undefined) return err(`\`${rest.slice(open, close + 1)}\` names no argument`);
    if (typeof parts.at(-1) === 'object') return err(`\`${text}\` needs text between its references`);
    parts.push(reference);
    rest = rest.slice(close + 1);
  }
  return ok(parts);
}

/** `a.b`, `.` or `.b`, without braces. */
export function readReference(text: string): Reference | undefined {
  if (text === '.') return { of: 'element', path: [] };
  const ofElement = text.startsWith('.');
  const path = (ofElement ? text.slice(1) : text).split('.');
  return path.every((name) => NAME.test(name))
    ? { of: ofElement ? 'element' : 'arguments', path }
    : undefined;
}

/** A lone reference without text around it, the form that a Path or Url must have. */
export function loneReference(template: Template): Reference | undefined {
  const [part] = template;
  return template.length === 1 && typeof part === 'object' ? part : undefined;
}

export function referencesOf(template: Template): readonly Reference[] {
  return template.filter((part) => typeof part === 'object');
}

export function showReference({ of, path }: Reference): string {
  return of === 'element' ? `each element${path.map((name) => `.${name}`).join('')}` : path.join('.');
}

/**
 * Names one or many values among the arguments: `body`, `comment.body`, `files[].content`. A step that ends in `[]`
 * means every element. Used for what is said of arguments (texts, people, secret), never for what is decided on.
 */
export interface Field {
  readonly steps: readonly { readonly name: string; readonly each: boolean }[];
}

export function readField(text: string): Field | undefined {
  const steps = text.split('.').map((step) => {
    const each = step.endsWith('[]');
    return { name: each ? step.slice(0, -2) : step, each };
  });
  return steps.every(({ name }) => NAME.test(name)) ? { steps } : undefined;
}
