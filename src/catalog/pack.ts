import { LIMITS } from '../base/limits.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { CatalogFile } from './reading/catalog-file.ts';
import { FieldReader } from './reading/field-reader.ts';
import { type CatalogProblem, readYaml } from './reading/yaml-document.ts';

/** What a user starts from: catalogs, rules that name groups, and golden cases for them. */
export interface Pack {
  readonly name: string;
  readonly description: string;
  readonly version: string;
  readonly catalog: readonly CatalogFile[];
  readonly policies: readonly CatalogFile[];
  readonly tests: readonly CatalogFile[];
}

export const PACK_FILE = 'pack.yaml';

/** A pack's directories and what their files end in; what else lies in a pack is not read. */
export const PACK_DIRECTORIES = { catalog: '.yaml', policies: '.cedar', tests: '.golden' } as const;

const NAME = /^[a-z][a-z0-9-]{0,31}$/;
const VERSION = /^\d+\.\d+\.\d+$/;

/**
 * Reads a pack from its files, named by their path inside it with forward slashes. A file of another ending in one of
 * the directories is a problem: it would be taken for a rule that holds. Pure.
 */
export function readPack(files: readonly CatalogFile[]): Result<Pack, readonly CatalogProblem[]> {
  const problems: CatalogProblem[] = [];
  const head = files.find((file) => file.name === PACK_FILE);
  if (head === undefined)
    return err([{ file: PACK_FILE, line: 1, column: 1, message: 'a pack needs this file' }]);
  const reader = new FieldReader(PACK_FILE, problems);
  const node = head.text.length > LIMITS.catalogFileBytes ? null : readYaml(PACK_FILE, head.text, problems);
  if (node === null && problems.length === 0) reader.say({ line: 1, column: 1 }, 'the file is too large');
  const keys = ['name', 'description', 'version'] as const;
  const fields = node === null ? undefined : reader.fields(node, 'a pack', keys, keys);
  const [name, description, version] = keys.map((key) => reader.text(fields?.get(key)?.node, `\`${key}\``));
  const at = (key: string) => fields?.get(key)?.at ?? { line: 1, column: 1 };
  if (name !== undefined && !NAME.test(name)) reader.say(at('name'), `the name must match ${NAME.source}`);
  if (version !== undefined && !VERSION.test(version))
    reader.say(at('version'), 'the version must be like "1.0.0"');

  const [catalog, policies, tests] = (['catalog', 'policies', 'tests'] as const).map((directory) =>
    filesIn(files, directory, problems),
  );
  if (problems.length > 0 || name === undefined || description === undefined || version === undefined)
    return err(problems);
  return ok({
    name,
    description,
    version,
    catalog: catalog ?? [],
    policies: policies ?? [],
    tests: tests ?? [],
  });
}

function filesIn(
  files: readonly CatalogFile[],
  directory: keyof typeof PACK_DIRECTORIES,
  problems: CatalogProblem[],
): CatalogFile[] {
  const ending = PACK_DIRECTORIES[directory];
  const found = files.filter((file) => file.name.startsWith(`${directory}/`));
  for (const { name } of found) {
    const inside = name.slice(directory.length + 1);
    if (!inside.endsWith(ending) || inside.includes('/'))
      problems.push({
        file: name,
        line: 1,
        column: 1,
        message: `only files *${ending} stand directly in ${directory}/`,
      });
  }
  return found.toSorted((a, b) => (a.name < b.name ? -1 : 1));
}
