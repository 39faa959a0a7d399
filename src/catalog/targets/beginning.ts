import { ok, type Result } from '../../base/result.ts';
import type { ParentTemplate } from '../entry.ts';
import { resolveOrg, resolveRepo } from './repo.ts';
import type { Reference, Template } from './template.ts';

/** A template of an operation with a normaliser, with which the ids of others may begin: `{owner}/{repo}` of `{owner}/{repo}#{number}`. */
export interface Beginning {
  readonly type: 'Repo' | 'Org';
  readonly id: Template;
}

const found = new WeakMap<readonly ParentTemplate[], readonly Beginning[]>();

/** Of all targets of an operation and what they lie in, the longest first. Worked out once for each operation. */
export function beginningsIn(templates: readonly ParentTemplate[]): readonly Beginning[] {
  const known = found.get(templates);
  if (known !== undefined) return known;
  const all = allIn(templates).sort((a, b) => b.id.length - a.id.length);
  found.set(templates, all);
  return all;
}

function allIn(templates: readonly ParentTemplate[]): Beginning[] {
  return flat(templates).flatMap(({ type, id }) => (type === 'Repo' || type === 'Org' ? [{ type, id }] : []));
}

/** Whether a template is another one and more behind it. */
export function beginsWith(template: Template, beginning: Template): boolean {
  return template.length > beginning.length && beginning.every((part, i) => isSame(part, template[i]));
}

function isSame(a: string | Reference, b: string | Reference | undefined): boolean {
  if (typeof a === 'string' || typeof b !== 'object') return a === b;
  return a.of === b.of && a.path.length === b.path.length && a.path.every((step, i) => step === b.path[i]);
}

/** The id that the text has as a target of its own. The error is the rest of a sentence that begins with the argument's name. */
export function normalBeginning({ type }: Beginning, text: string): Result<string, string> {
  const org = type === 'Org' ? resolveOrg(text) : null;
  if (org !== null) return org.ok ? ok(org.value.id) : org;
  const repo = resolveRepo(text);
  return repo.ok ? ok(repo.value.target.id) : repo;
}

/** The text that stands for a beginning in an id of the template, as far as that can be told; null where it is no such id. */
export function beginningOf(id: string, template: Template, beginning: Template): string | null {
  let at = 0;
  for (const [i, part] of beginning.entries()) {
    if (typeof part === 'string') {
      if (!id.startsWith(part, at)) return null;
      at += part.length;
      continue;
    }
    const next = template[i + 1];
    const end = typeof next === 'string' ? id.indexOf(next, at) : -1;
    if (end === -1) return null;
    at = end;
  }
  return id.slice(0, at);
}

/** Every way in which a catalog's operations make ids of types without a normaliser begin with one of those with one. */
export function composedIn(
  entries: Iterable<{ readonly targets: readonly ParentTemplate[] }>,
): { readonly type: string; readonly id: Template; readonly beginning: Beginning }[] {
  return [...entries].flatMap(({ targets }) => {
    const beginnings = beginningsIn(targets);
    return flat(targets).flatMap(({ type, id }) => {
      const beginning = beginnings.find((one) => beginsWith(id, one.id));
      return beginning === undefined ? [] : [{ type, id, beginning }];
    });
  });
}

const flat = (templates: readonly ParentTemplate[]): ParentTemplate[] =>
  templates.flatMap((one) => [one, ...flat(one.parents)]);
