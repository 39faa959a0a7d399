import { err, ok, type Result } from '../base/result.ts';
import { type ResolvedSet, resolveSet, type Surroundings } from './resolve-set.ts';
import { type FileProblem, readFilesOf } from './rule-set.ts';

/** The files as they are on disk, and everything that they name, looked up on this machine. */
interface FoundFiles {
  readonly resolved: ResolvedSet;
  readonly warnings: readonly FileProblem[];
  /** The state that they name; absolute. */
  readonly state: string;
}

/**
 * Reads and resolves the files; whatever is wrong in either is told at once. `state`: the one that is used, whatever
 * the file says by now.
 */
export function readFiles(
  around: Omit<Surroundings, 'state'> & { readonly state?: string },
): Result<FoundFiles, readonly FileProblem[]> {
  const { read, problems } = readFilesOf(around.configPath);
  if (read === null) return err(problems);
  const state = around.state ?? read.state;
  const resolved = resolveSet(read.set, { ...around, state }, read.at);
  if (!resolved.ok) return err([...problems, ...resolved.error].sort(byLine));
  return problems.length > 0
    ? err(problems)
    : ok({ resolved: resolved.value, warnings: read.warnings, state });
}

function byLine(a: FileProblem, b: FileProblem): number {
  return a.file === b.file ? a.line - b.line || a.column - b.column : 0;
}
