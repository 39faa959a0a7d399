import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { canonicalize } from '../base/canonical.ts';
import { digestOf } from '../base/hash.ts';
import type { Json } from '../base/json.ts';
import { err, ok, type Result } from '../base/result.ts';
import { type ConfigurationProblem, readConfiguration } from './configuration/read.ts';
import type { Configuration } from './configuration/shape.ts';
import { SHIPPED_PACKS } from './installation.ts';

/** A file of the set, by content. `name` is what a person is shown and what `file:line` ids of rules are made of. */
export interface SetFile {
  readonly role: 'policy' | 'catalog';
  readonly name: string;
  readonly text: string;
}

/**
 * What a person applies: the configuration except `state`, and the rules and catalogs it names, by content. Kept by
 * digest; an edited file changes nothing until somebody applies it.
 */
export interface RuleSet {
  readonly configuration: Omit<Configuration, 'state'>;
  readonly files: readonly SetFile[];
}

/** A problem of a file, as a line for a person. */
export interface FileProblem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly message: string;
}

export interface ReadSet {
  readonly set: RuleSet;
  /** Absolute. */
  readonly state: string;
  readonly warnings: readonly FileProblem[];
}

/** Reads lanyard.yaml and everything it names. All problems at once. */
export function readRuleSet(configPath: string): Result<ReadSet, readonly FileProblem[]> {
  let text: string;
  try {
    text = readFileSync(configPath, 'utf8');
  } catch (error) {
    return err([
      inFile(configPath, { line: 1, column: 1, message: `cannot be read: ${(error as Error).message}` }),
    ]);
  }
  const read = readConfiguration(text);
  if (!read.ok) return err(read.error.map((problem) => inFile(configPath, problem)));
  const { configuration, warnings } = read.value;
  const base = dirname(resolve(configPath));

  const problems: FileProblem[] = [];
  const files = [...readPacks(configuration, base, problems), ...readOwnFiles(configuration, base, problems)];
  if (problems.length > 0)
    return err(problems.map((problem) => ({ ...problem, file: problem.file || configPath })));
  const { state, ...rest } = configuration;
  const shipped = shippedCatalogs(configuration, files);
  return ok({
    set: { configuration: rest, files: [...files, ...shipped] },
    state: resolve(base, state),
    warnings: warnings.map((problem) => inFile(configPath, problem)),
  });
}

/** RFC 8785 text of a set: what is digested and kept. */
export function encodeSet(set: RuleSet): string {
  return canonicalize(set as Json & RuleSet);
}

export function decodeSet(text: string): RuleSet {
  return JSON.parse(text) as RuleSet;
}

export function digestOfSet(text: string): string {
  return digestOf(text);
}

/** The directory of a pack: a name is one of those shipped, anything with a slash is a path. */
export function packDirectory(pack: string, base: string): string {
  return pack.includes('/') ? resolve(base, pack) : join(SHIPPED_PACKS, pack);
}

function readPacks(configuration: Configuration, base: string, problems: FileProblem[]): SetFile[] {
  return configuration.packs.flatMap((pack) => {
    const directory = packDirectory(pack, base);
    if (!existsSync(join(directory, 'pack.yaml'))) {
      const shipped = readdirSync(SHIPPED_PACKS).join(', ');
      problems.push(
        atTop(`the pack \`${pack}\` has no pack.yaml in ${directory}; shipped packs: ${shipped}`),
      );
      return [];
    }
    const name = basename(directory);
    return [
      ...filesIn(join(directory, 'policies'), '.cedar', 'policy', `${name}/`),
      ...filesIn(join(directory, 'catalog'), '.yaml', 'catalog', `${name}/`),
    ];
  });
}

function readOwnFiles(configuration: Configuration, base: string, problems: FileProblem[]): SetFile[] {
  const read = (paths: readonly string[], extension: string, role: SetFile['role']) =>
    paths.flatMap((path) => {
      const full = resolve(base, path);
      if (!existsSync(full)) {
        problems.push(atTop(`\`${path}\` does not exist (${full})`));
        return [];
      }
      if (!statSync(full).isDirectory()) return [{ role, name: path, text: readFileSync(full, 'utf8') }];
      return filesIn(full, extension, role, `${relative(base, full) || '.'}/`);
    });
  return [
    ...read(configuration.policies, '.cedar', 'policy'),
    ...read(configuration.catalog, '.yaml', 'catalog'),
  ];
}

/** Catalogs that come with Lanyard and that an upstream names, unless the person brings one of that name. */
function shippedCatalogs(configuration: Configuration, files: readonly SetFile[]): SetFile[] {
  const named = new Set(Object.values(configuration.upstreams).flatMap(({ catalog }) => catalog ?? []));
  const nameOf = (file: SetFile) => /^catalog:\s*["']?([a-z0-9-]+)/m.exec(file.text)?.[1];
  for (const file of files) if (file.role === 'catalog') named.delete(nameOf(file) ?? '');
  return readdirSync(SHIPPED_PACKS)
    .flatMap((pack) => filesIn(join(SHIPPED_PACKS, pack, 'catalog'), '.yaml', 'catalog', `${pack}/`))
    .filter((file) => named.has(nameOf(file) ?? ''));
}

function filesIn(directory: string, extension: string, role: SetFile['role'], prefix: string): SetFile[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith(extension) || (extension === '.yaml' && name.endsWith('.yml')))
    .sort()
    .map((name) => ({ role, name: `${prefix}${name}`, text: readFileSync(join(directory, name), 'utf8') }));
}

const atTop = (message: string): FileProblem => ({ file: '', line: 1, column: 1, message });
const inFile = (file: string, problem: ConfigurationProblem): FileProblem => ({ file, ...problem });
