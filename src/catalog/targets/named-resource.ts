import { LIMITS } from '../../base/limits.ts';
import type { Result } from '../../base/result.ts';
import type { Target, TargetRef } from '../../model/action.ts';
import { NO_TARGET_TYPE } from '../entry.ts';
import type { FileView } from '../files.ts';
import { HOST_TYPE, hostTarget, readAuthority } from './host.ts';
import { resolveMail } from './mail.ts';
import { pathTarget, resolvePath } from './path.ts';
import { resolveOrg, resolveRepo } from './repo.ts';
import { TAKEN_TYPE_NAMES } from './target-type.ts';
import type { UpstreamPlace } from './targets.ts';
import { resolveUrl } from './url.ts';

/**
 * Whether a resource that somebody names is one of the targets that the arguments are about: as written, or in the
 * normal form of its type. Whatever cannot be told is none of them.
 */
export function namesTarget(
  resource: TargetRef,
  targets: readonly Target[],
  place: UpstreamPlace,
  files: FileView,
): boolean {
  const isOne = (id: string) => targets.some((target) => target.type === resource.type && target.id === id);
  if (isOne(resource.id)) return true;
  const normal = normalTarget(resource, place, files);
  return normal === null ? beginsAsOne(resource, targets) : isOne(normal.id);
}

/** Whether it differs from one only in how the repository or the organisation is written with which its id begins. */
function beginsAsOne({ type, id }: TargetRef, targets: readonly Target[]): boolean {
  return targets.some((target) =>
    [...target.ancestors, ...targets].some(
      (place) =>
        (place.type === 'Repo' || place.type === 'Org') &&
        target.type === type &&
        target.id === place.id + id.slice(place.id.length) &&
        id.slice(0, place.id.length).toLowerCase() === place.id,
    ),
  );
}

/**
 * The target that a resource is by its caller's word alone, where the catalog derives none from the arguments: in the
 * normal form of its type. Null for what no target can be: a name that rules use for something else (an agent called
 * a target would be read as that agent), the place of another upstream, an id that is empty, too long or no text.
 */
export function saidTarget(
  resource: TargetRef,
  isUpstream: (id: string) => boolean,
  place: UpstreamPlace,
  files: FileView,
): Target | null {
  const { type, id } = resource;
  if (id === '' || id.length > LIMITS.targetIdLength || !id.isWellFormed()) return null;
  const plain = { type, id, ancestors: [], attributes: { id } };
  if (type === NO_TARGET_TYPE) return isUpstream(id) ? null : plain;
  if (NORMALISED.has(type)) return normalTarget(resource, place, files);
  return SAID_TYPE_NAME.test(type) && !TAKEN_TYPE_NAMES.has(type) ? plain : null;
}

/** Wider than what catalogs may declare: other programs name their types as they like, and no rule can name those. */
const SAID_TYPE_NAME = /^[A-Za-z][A-Za-z0-9_]{0,63}$/;

const NORMALISED: ReadonlySet<string> = new Set(['Path', 'Url', 'Org', 'Repo', 'MailAddress']);

function normalTarget({ type, id }: TargetRef, place: UpstreamPlace, files: FileView): Target | null {
  switch (type) {
    case 'Path': {
      const path = resolvePath(id, place.roots[0] ?? place.cwd, files);
      return path.ok ? pathTarget(path.value) : null;
    }
    case 'Url':
      return targetIn(resolveUrl(id));
    case 'Org':
      return targetIn(resolveOrg(id));
    case 'MailAddress': {
      const mail = resolveMail(id);
      return mail.ok ? mail.value.target : null;
    }
    case 'Repo': {
      const repo = resolveRepo(id);
      return repo.ok ? repo.value.target : null;
    }
    default:
      return null;
  }
}

/**
 * The id that a target of this type has, however a person wrote it; null for a type without a normal form, and for what none
 * can be called. `directory`: where relative paths start from.
 */
export function normalIdOf(written: TargetRef, directory: string, files: FileView): string | null {
  if (written.type !== HOST_TYPE)
    return normalTarget(written, { upstream: '', roots: [], cwd: directory }, files)?.id ?? null;
  const host = readAuthority(written.id);
  return host.ok ? hostTarget(host.value, false).id : null;
}

const targetIn = (result: Result<Target, string>): Target | null => (result.ok ? result.value : null);
