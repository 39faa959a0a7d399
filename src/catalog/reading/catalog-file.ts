import { LIMITS } from '../../base/limits.ts';
import { didYouMean } from '../../base/nearest.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { ActionMethod } from '../../model/action.ts';
import { ID_PATTERN } from '../../model/agent.ts';
import type { OperationEntry, ParentTemplate } from '../entry.ts';
import { isToolName } from '../listed-name.ts';
import { type RootTemplate, readRootTemplate } from '../targets/roots.ts';
import { BUILT_IN_TYPES, readTypes, type TargetType } from '../targets/target-type.ts';
import { FieldReader } from './field-reader.ts';
import { readOperation } from './operation-reader.ts';
import { type CatalogProblem, readYaml, type YamlNode } from './yaml-document.ts';

export interface CatalogFile {
  /** As shown to a person. */
  readonly name: string;
  readonly text: string;
}

/** What is known of one kind of server. In use where an upstream's own `catalog:` names it, and nowhere else. */
export interface Catalog {
  readonly name: string;
  readonly file: string;
  readonly match: { readonly package: readonly string[]; readonly url: readonly string[] };
  readonly roots: readonly RootTemplate[];
  /** By tool name, `resources/read` or `prompts/get` (`leafOf`); what is not among them is unclassified. */
  readonly operations: ReadonlyMap<string, OperationEntry>;
}

export interface Catalogs {
  get(name: string): Catalog | undefined;
  names(): readonly string[];
  /** Names of catalogs whose `match` fits a package name or an upstream's URL: a proposal to a person, never in use by itself. */
  propose(packageOrUrl: string): readonly string[];
  /** Every type of target that any catalog uses, for the schema of the rules. */
  readonly types: Readonly<Record<string, TargetType>>;
}

/** Reads catalogs. All problems of all files are found at once; with one there are no catalogs at all. Pure. */
export function loadCatalogs(files: readonly CatalogFile[]): Result<Catalogs, readonly CatalogProblem[]> {
  const problems: CatalogProblem[] = [];
  const catalogs = new Map<string, Catalog>();
  const types = new Map<string, TargetType>(Object.entries(BUILT_IN_TYPES));
  for (const file of files) {
    const reader = new FieldReader(file.name, problems);
    const catalog = readCatalog(reader, file, types);
    if (catalog === undefined) continue;
    const other = catalogs.get(catalog.name);
    if (other !== undefined)
      reader.say({ line: 1, column: 1 }, `the catalog \`${catalog.name}\` stands in ${other.file} already`);
    catalogs.set(catalog.name, catalog);
  }
  if (problems.length > 0) return err(problems);
  return ok({
    get: (name) => catalogs.get(name),
    names: () => [...catalogs.keys()],
    propose: (packageOrUrl) =>
      [...catalogs.values()].filter((one) => matches(one, packageOrUrl)).map((one) => one.name),
    types: Object.fromEntries(types),
  });
}

const KEYS = ['catalog', 'match', 'roots', 'types', 'operations'] as const;

function readCatalog(
  reader: FieldReader,
  file: CatalogFile,
  types: Map<string, TargetType>,
): Catalog | undefined {
  const bytes = Buffer.byteLength(file.text);
  if (bytes > LIMITS.catalogFileBytes) {
    reader.say({ line: 1, column: 1 }, `the file is larger than ${LIMITS.catalogFileBytes} bytes`);
    return undefined;
  }
  const root = readYaml(file.name, file.text, reader.problems);
  const fields =
    root === null ? undefined : reader.fields(root, 'a catalog', KEYS, ['catalog', 'operations']);
  if (fields === undefined) return undefined;
  const of = (key: (typeof KEYS)[number]) => fields.get(key)?.node;

  const nameNode = of('catalog');
  const name = reader.text(nameNode, '`catalog`');
  if (name !== undefined && nameNode !== undefined && !ID_PATTERN.test(name))
    reader.say(nameNode.at, `the catalog name \`${name}\` must match ${ID_PATTERN.source}`);
  const match = readMatch(reader, of('match'));
  const roots = reader.list(of('roots'), '`roots`').flatMap((item) => readRoot(reader, item) ?? []);
  const declared = readTypes(reader, of('types'));
  for (const [type, { parents }] of declared)
    addType(
      types,
      type,
      parents.map((parent) => parent.type),
    );

  const operations = new Map<string, OperationEntry>();
  const operationsNode = of('operations');
  const members = operationsNode === undefined ? undefined : reader.map(operationsNode, '`operations`');
  for (const [operation, { at, node }] of members ?? []) {
    if (!isToolName(operation) && !isMethod(operation)) {
      const hint =
        'an operation is a tool of at most 128 letters, digits, `_`, `.`, `-`; resources/read; or prompts/get';
      reader.say(at, `\`${operation}\` is no name of an operation`, hint);
    }
    const entry = readOperation(reader, operation, node, declared);
    if (entry !== undefined) operations.set(operation, entry);
  }
  if (members !== undefined) checkCalls(reader, members, operations);
  for (const entry of operations.values()) for (const target of entry.targets) addTypes(types, target);
  return name === undefined ? undefined : { name, file: file.name, match, roots, operations };
}

const METHODS: readonly ActionMethod[] = ['resources/read', 'prompts/get'];
const isMethod = (name: string): boolean => METHODS.some((method) => method === name);

function readMatch(reader: FieldReader, node: YamlNode | undefined): Catalog['match'] {
  const fields = node === undefined ? undefined : reader.fields(node, '`match`', ['package', 'url'], []);
  return {
    package: reader.texts(fields?.get('package')?.node, 'match.package'),
    url: reader.texts(fields?.get('url')?.node, 'match.url'),
  };
}

function readRoot(reader: FieldReader, node: YamlNode): RootTemplate | undefined {
  const text = reader.text(node, 'each of `roots`');
  if (text === undefined) return undefined;
  const root = readRootTemplate(text);
  if (root === undefined)
    reader.say(
      node.at,
      `\`${text}\` names no root`,
      'write "{argv[1]}", "{argv[1..]}", "{cwd}" or an absolute path',
    );
  return root;
}

/** `state` and `undo` name operations of the same catalog. */
function checkCalls(
  reader: FieldReader,
  members: ReadonlyMap<string, { readonly node: YamlNode }>,
  operations: ReadonlyMap<string, OperationEntry>,
): void {
  for (const [name, entry] of operations) {
    const node = members.get(name)?.node;
    for (const key of ['state', 'undo'] as const) {
      const call = entry[key];
      if (call === undefined || members.has(call.operation) || node?.kind !== 'map') continue;
      const hint = didYouMean(call.operation, members.keys(), '`');
      reader.say(
        node.members.get(key)?.at ?? node.at,
        `${key} of ${name} names \`${call.operation}\`, which is not in this catalog`,
        hint,
      );
    }
  }
}

function addTypes(
  types: Map<string, TargetType>,
  { type, parents }: { type: string; parents: readonly ParentTemplate[] },
): void {
  addType(
    types,
    type,
    parents.map((parent) => parent.type),
  );
  for (const parent of parents) addTypes(types, parent);
}

/** Catalogs may share a type; rules then see all its parents. */
function addType(types: Map<string, TargetType>, type: string, parents: readonly string[]): void {
  const known = types.get(type) ?? { parents: [], attributes: ['id'] };
  types.set(type, { parents: [...new Set([...known.parents, ...parents])], attributes: known.attributes });
  for (const parent of parents)
    if (!types.has(parent)) types.set(parent, { parents: [], attributes: ['id'] });
}

function matches({ match }: Catalog, packageOrUrl: string): boolean {
  return match.package.includes(packageOrUrl) || match.url.some((prefix) => fitsUrl(prefix, packageOrUrl));
}

/** A URL fits one with the same origin whose path it continues at a slash. */
function fitsUrl(prefix: string, url: string): boolean {
  if (!URL.canParse(prefix) || !URL.canParse(url)) return false;
  const [known, given] = [new URL(prefix), new URL(url)];
  const path = known.pathname.endsWith('/') ? known.pathname : `${known.pathname}/`;
  return known.origin !== 'null' && known.origin === given.origin && `${given.pathname}/`.startsWith(path);
}
