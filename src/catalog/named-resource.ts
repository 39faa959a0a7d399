import type { Result } from '../base/result.ts';
import type { Target, TargetRef } from '../model/action.ts';
import type { FileView } from './files.ts';
import { resolvePath } from './path.ts';
import { resolveOrg, resolveRepo } from './repo.ts';
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
  const normal = normalId(resource, place, files);
  return normal !== null && isOne(normal);
}

function normalId({ type, id }: TargetRef, place: UpstreamPlace, files: FileView): string | null {
  switch (type) {
    case 'Path':
      return textOf(resolvePath(id, place.roots[0] ?? place.cwd, files));
    case 'Url':
      return idOf(resolveUrl(id));
    case 'Org':
      return idOf(resolveOrg(id));
    case 'Repo': {
      const repo = resolveRepo(id);
      return repo.ok ? repo.value.target.id : null;
    }
    default:
      return null;
  }
}

const textOf = (result: Result<string, string>): string | null => (result.ok ? result.value : null);
const idOf = (result: Result<Target, string>): string | null => (result.ok ? result.value.id : null);
