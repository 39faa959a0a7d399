import { err, ok, type Result } from '../../base/result.ts';
import { loadCatalogs } from '../../catalog/reading/catalog-file.ts';
import { renderProblem, syntaxProblems } from '../../policy/index.ts';
import { catalogProblem, type ResolvedSet, resolveSet, type Surroundings } from './resolve-set.ts';
import { type FileProblem, readFilesOf, type SetFile } from './rule-set.ts';

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
  const { read, files, problems } = readFilesOf(around.configPath);
  if (read === null) return err([...problems, ...catalogProblems(files), ...ruleProblems(files)]);
  const state = around.state ?? read.state;
  const resolved = resolveSet(read.set, { ...around, state }, read.at);
  if (resolved.ok && problems.length === 0)
    return ok({ resolved: resolved.value, warnings: read.warnings, state });
  const found = resolved.ok ? problems : [...problems, ...resolved.error].sort(byLine);
  return err([...found, ...ruleProblems(files)]);
}

function catalogProblems(files: readonly SetFile[]): FileProblem[] {
  const catalogs = loadCatalogs(files.filter(({ role }) => role === 'catalog'));
  return catalogs.ok ? [] : catalogs.error.map(catalogProblem);
}

/** What their rules may name cannot be told here; what is wrong with them by themselves can. */
function ruleProblems(files: readonly SetFile[]): FileProblem[] {
  const found = syntaxProblems(files.filter(({ role }) => role === 'policy'));
  return found.map((one) => {
    const text = files.find(({ role, name }) => role === 'policy' && name === one.file)?.text;
    return { ...one, shown: renderProblem(one, text) };
  });
}

function byLine(a: FileProblem, b: FileProblem): number {
  return a.file === b.file ? a.line - b.line || a.column - b.column : 0;
}
