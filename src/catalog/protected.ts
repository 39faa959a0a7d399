import { fold } from '../base/fold.ts';
import type { Target } from '../model/action.ts';

/**
 * The path of Lanyard's own (state, configuration, code) that a target touches, or null. A Path touches what it is,
 * what it lies in, and what it holds: whether an operation on a directory reaches into it cannot be known.
 *
 * All paths are real ones. They are compared without regard to case and Unicode form, because some file systems see
 * none: a namesake in other letters beside a protected path is then protected too, which is the side to err on. A hard
 * link, a bind mount or a link swapped afterwards has no name to be known by (THREATS.md).
 */
export function protectedBy(target: Target, protectedPaths: readonly string[]): string | null {
  if (target.type !== 'Path') return null;
  return protectedPaths.find((path) => holds(path, target.id) || holds(target.id, path)) ?? null;
}

/**
 * The protected path that lies in a served directory, or that it lies in, or null. An upstream with such a root does
 * not start: its tools reach everything below the root, whatever their arguments say.
 */
export function holdsProtected(root: string, protectedPaths: readonly string[]): string | null {
  return protectedPaths.find((path) => holds(root, path) || holds(path, root)) ?? null;
}

function holds(directory: string, path: string): boolean {
  const [outer, inner] = [fold(directory), fold(path)];
  return inner === outer || inner.startsWith(outer.endsWith('/') ? outer : `${outer}/`);
}
