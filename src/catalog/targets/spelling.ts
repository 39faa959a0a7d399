import { ok } from '../../base/result.ts';
import type { OperationEntry } from '../entry.ts';
import type { FileView } from '../files.ts';
import { beginningOf, composedIn, normalBeginning } from './beginning.ts';
import { resolveMail } from './mail.ts';
import { resolvePath } from './path.ts';
import { resolveOrg, resolveRepo } from './repo.ts';
import { resolveUrl } from './url.ts';

/** Why no target is ever called so. `usual`: how it is called instead, where that can be told. */
interface Misspelt {
  readonly why: string;
  readonly usual?: string;
}

/** Links are those of one machine at one time; what a rule says is looked at without them. */
const NO_LINKS: FileView = { realpath: (path) => path, present: () => true, names: () => null };

/**
 * What is odd about the id of a target as somebody wrote it into a rule: targets are called what their normaliser makes
 * of them, so that a forbid for `Path::"/srv/keys/"` would protect nothing. Null: nothing, or a type without a normaliser.
 */
function misspeltTarget(type: string, id: string): Misspelt | null {
  switch (type) {
    case 'Path':
      return misspeltPath(id);
    case 'Url':
      return compare(id, resolveUrl(id));
    case 'Repo':
      return misspeltRepo(id, resolveRepo(id));
    case 'MailAddress':
      return misspeltMail(id);
    case 'Org':
      return misspeltRepo(id, resolveOrg(id));
    default:
      return null;
  }
}

interface CatalogsByName {
  names(): readonly string[];
  get(name: string): { readonly operations: ReadonlyMap<string, OperationEntry> } | undefined;
}

/** The same, with what types of these catalogs are composed of: `Pull::"Octo/Hello#1"` is called `octo/hello#1`. */
export function misspeltIn(catalogs: CatalogsByName): (type: string, id: string) => Misspelt | null {
  const composed = catalogs
    .names()
    .flatMap((name) => composedIn(catalogs.get(name)?.operations.values() ?? []));
  return (type, id) => misspeltTarget(type, id) ?? misspeltBeginning(type, id, composed);
}

function misspeltBeginning(
  type: string,
  id: string,
  composed: ReturnType<typeof composedIn>,
): Misspelt | null {
  for (const one of composed) {
    const written = one.type === type ? beginningOf(id, one.id, one.beginning.id) : null;
    const normal = written === null ? null : normalBeginning(one.beginning, written);
    if (written === null || normal?.ok !== true) continue;
    return compare(id, { ok: true, value: normal.value + id.slice(written.length) });
  }
  return null;
}

function misspeltPath(id: string): Misspelt | null {
  const found = resolvePath(id, '/', NO_LINKS);
  if (!found.ok) return { why: found.error };
  if (id.startsWith('/') || /^file:/i.test(id)) return compare(id, found);
  return { why: 'is a relative path, and targets are whole ones' };
}

function misspeltMail(id: string): Misspelt | null {
  const found = resolveMail(id);
  return compare(id, found.ok ? ok(found.value.target) : found);
}

type Resolved = { readonly ok: true; readonly value: string | { readonly id: string } };

function compare(
  id: string,
  found: Resolved | { readonly ok: false; readonly error: string },
): Misspelt | null {
  if (!found.ok) return { why: found.error };
  const usual = typeof found.value === 'string' ? found.value : found.value.id;
  return usual === id ? null : { why: 'is not how Lanyard writes it', usual };
}

/** An id with a host before it is no text that the normaliser takes. */
function misspeltRepo(
  id: string,
  found: ReturnType<typeof resolveRepo> | ReturnType<typeof resolveOrg>,
): Misspelt | null {
  if (!found.ok) return compare(id, { ok: true, value: id.toLowerCase() });
  return compare(id, { ok: true, value: 'target' in found.value ? found.value.target : found.value });
}
