import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { canonicalize } from '../../base/canonical.ts';
import { fileFault } from '../../base/file-fault.ts';
import { digestOf } from '../../base/hash.ts';
import type { Json } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { PACK_DIRECTORIES, PACK_FILE, readPack } from '../../catalog/pack.ts';
import type { ConfigurationProblem, Locate, Path } from '../configuration/problem.ts';
import { filesNamedIn, readConfiguration } from '../configuration/read.ts';
import type { Configuration } from '../configuration/shape.ts';
import { SHIPPED_PACKS } from '../installation.ts';
import { proposeCatalogs } from './catalog-proposals.ts';

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
  /** For a terminal, where a line is not all: the line of source, a caret, a hint. */
  readonly shown?: string;
}

interface ReadSet {
  readonly set: RuleSet;
  /** Absolute. */
  readonly state: string;
  readonly warnings: readonly FileProblem[];
  /** Where a key stands in the configuration. */
  readonly at: Locate;
}

/**
 * What was read, and what is wrong with it. `read` is null where the configuration itself cannot be told; `files` are
 * then those that it names all the same, so that more can be told about them.
 */
interface FilesRead {
  readonly read: ReadSet | null;
  readonly files: readonly SetFile[];
  readonly problems: readonly FileProblem[];
}

/** Reads lanyard.yaml and everything it names. All problems at once. */
export function readRuleSet(configPath: string): Result<ReadSet, readonly FileProblem[]> {
  const { read, problems } = readFilesOf(configPath);
  return read === null || problems.length > 0 ? err(problems) : ok(read);
}

/** The same, with what could be read in spite of the problems, so that more of them can be looked for. */
export function readFilesOf(configPath: string): FilesRead {
  const inConfiguration = (problem: ConfigurationProblem): FileProblem => ({ file: configPath, ...problem });
  let text: string;
  try {
    text = readFileSync(configPath, 'utf8');
  } catch (error) {
    const problems = [inConfiguration({ line: 1, column: 1, message: unreadable(error) })];
    return { read: null, files: [], problems };
  }
  const parsed = readConfiguration(text);
  const base = dirname(resolve(configPath));
  if (!parsed.ok) {
    const named = filesNamedIn(text);
    const problems = parsed.error.map(inConfiguration);
    const say: Say = (path, message) => problems.push(inConfiguration({ ...named.at(path), message }));
    const files = [...readPacks(named, base, say), ...readOwnFiles(named, base, say)];
    return { read: null, files, problems: problems.sort((a, b) => a.line - b.line || a.column - b.column) };
  }
  const { configuration, warnings, at } = parsed.value;

  const problems: FileProblem[] = [];
  const say: Say = (path, message) => problems.push(inConfiguration({ ...at(path), message }));
  const notices = [
    ...packNotices(configuration, base),
    ...[...policyNotices(configuration, base), ...catalogNotices(configuration, base)].map(
      ({ path, message }) => inConfiguration({ ...at(path), message }),
    ),
  ];
  const own = [...readPacks(configuration, base, say), ...readOwnFiles(configuration, base, say)];
  const files = [...own, ...shippedCatalogs(configuration, own, say)];
  for (const name of namedTwice(files))
    say([], `two files are both shown as \`${name}\`, so their rules could not be told apart; rename one`);
  const { state, ...rest } = configuration;
  const set = { configuration: rest, files };
  return {
    read: { set, state: resolve(base, state), warnings: [...warnings.map(inConfiguration), ...notices], at },
    files,
    problems,
  };
}

type Say = (path: Path, message: string) => void;

function unreadable(error: unknown): string {
  return `cannot be read: ${fileFault(error, 'read')}`;
}

function namedTwice(files: readonly SetFile[]): string[] {
  const names = files.map(({ role, name }) => `${role} ${name}`);
  return [...new Set(names.filter((name, i) => names.indexOf(name) !== i))];
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

function readPacks(configuration: Pick<Configuration, 'packs'>, base: string, say: Say): SetFile[] {
  return configuration.packs.flatMap((pack, i) => {
    const directory = packDirectory(pack, base);
    if (!isPack(directory)) {
      const shipped = shippedPacks().join(', ');
      say(['packs', i], `the pack \`${pack}\` has no pack.yaml in ${directory}; shipped packs: ${shipped}`);
      return [];
    }
    const name = basename(directory);
    const sayHere = (message: string) => say(['packs', i], message);
    return [
      ...filesIn(join(directory, 'policies'), '.cedar', 'policy', `${name}/`, sayHere),
      ...filesIn(join(directory, 'catalog'), '.yaml', 'catalog', `${name}/`, sayHere),
    ];
  });
}

const isPack = (directory: string): boolean => existsSync(join(directory, PACK_FILE));

/** What in a pack is not as a pack is: a file that is passed over could have been taken for a rule that holds. */
function packNotices({ packs }: Configuration, base: string): FileProblem[] {
  return packs
    .map((pack) => packDirectory(pack, base))
    .filter(isPack)
    .flatMap((directory) => {
      const inside = Object.keys(PACK_DIRECTORIES).flatMap((name) =>
        existsSync(join(directory, name))
          ? readdirSync(join(directory, name)).map((file) => `${name}/${file}`)
          : [],
      );
      const head = { name: PACK_FILE, text: readFileSync(join(directory, PACK_FILE), 'utf8') };
      const read = readPack([head, ...inside.map((name) => ({ name, text: '' }))]);
      return read.ok ? [] : read.error.map((found) => ({ ...found, file: join(directory, found.file) }));
    });
}

/** A rule in a file that is passed over holds nobody: `mine.ceder`, `mine.cedar.txt`. */
function policyNotices({ policies }: Configuration, base: string) {
  return policies.flatMap((path, i) => {
    const full = resolve(base, path);
    if (statSync(full, { throwIfNoEntry: false })?.isDirectory() !== true) return [];
    return namesIn(full, () => undefined)
      .filter((name) => /^[^.].*\.ced/i.test(name) && !name.endsWith('.cedar'))
      .map((name) => ({
        path: ['policies', i],
        message: `\`${join(path, name)}\` is passed over: rules are read from files whose names end with \`.cedar\``,
      }));
  });
}

/** Catalogs that somebody wrote for such a server, where an upstream names none and so all it does is held. */
function catalogNotices({ upstreams, catalog }: Configuration, base: string) {
  const files = () => {
    const own = readOwnFiles({ policies: [], catalog }, base, () => undefined);
    const shipped = shippedPacks().map((pack) => join(SHIPPED_PACKS, pack, 'catalog'));
    return [...own, ...shipped.flatMap((path) => filesIn(path, '.yaml', 'catalog', '', () => undefined))];
  };
  return proposeCatalogs(upstreams, base, files).map(({ upstream, catalogs }) => ({
    path: ['upstreams', upstream],
    message: `\`upstreams.${upstream}\` names no catalog; ${catalogs.map((name) => `\`catalog: ${name}\``).join(' or ')} was written for such a server`,
  }));
}

function readOwnFiles(
  configuration: Pick<Configuration, 'policies' | 'catalog'>,
  base: string,
  say: Say,
): SetFile[] {
  const read = (key: 'policies' | 'catalog', extension: string, role: SetFile['role']) =>
    configuration[key].flatMap((path, i) => {
      const sayHere = (message: string) => say([key, i], message);
      const full = resolve(base, path);
      if (!existsSync(full)) {
        sayHere(`\`${path}\` does not exist (${full})`);
        return [];
      }
      if (statSync(full).isDirectory())
        return filesIn(full, extension, role, `${relative(base, full) || '.'}/`, sayHere);
      return readOne(full, path, role, sayHere);
    });
  return [...read('policies', '.cedar', 'policy'), ...read('catalog', '.yaml', 'catalog')];
}

/** Catalogs that come with Lanyard and that an upstream names, unless the person brings one of that name. */
function shippedCatalogs(configuration: Configuration, files: readonly SetFile[], say: Say): SetFile[] {
  const named = new Set(Object.values(configuration.upstreams).flatMap(({ catalog }) => catalog ?? []));
  for (const file of files) if (file.role === 'catalog') named.delete(nameOf(file) ?? '');
  return shippedPacks()
    .flatMap((pack) =>
      filesIn(join(SHIPPED_PACKS, pack, 'catalog'), '.yaml', 'catalog', `${pack}/`, (message) =>
        say([], message),
      ),
    )
    .filter((file) => named.has(nameOf(file) ?? ''));
}

/** Names of all catalogs that come with Lanyard. */
export function shippedCatalogNames(): string[] {
  return shippedPacks()
    .flatMap((pack) => filesIn(join(SHIPPED_PACKS, pack, 'catalog'), '.yaml', 'catalog', '', () => undefined))
    .flatMap((file) => nameOf(file) ?? [])
    .sort();
}

const nameOf = ({ text }: SetFile) => /^catalog:\s*["']?([a-z0-9-]+)/m.exec(text)?.[1];

function shippedPacks(): string[] {
  return readdirSync(SHIPPED_PACKS).filter((name) => isPack(join(SHIPPED_PACKS, name)));
}

function filesIn(
  directory: string,
  extension: string,
  role: SetFile['role'],
  prefix: string,
  say: (message: string) => void,
): SetFile[] {
  if (!existsSync(directory)) return [];
  return namesIn(directory, say)
    .filter((name) => name.endsWith(extension) || (extension === '.yaml' && name.endsWith('.yml')))
    .sort()
    .flatMap((name) => readOne(join(directory, name), `${prefix}${name}`, role, say));
}

function namesIn(directory: string, say: (message: string) => void): string[] {
  try {
    return readdirSync(directory);
  } catch (error) {
    say(`${directory} ${unreadable(error)}`);
    return [];
  }
}

function readOne(
  path: string,
  name: string,
  role: SetFile['role'],
  say: (message: string) => void,
): SetFile[] {
  try {
    const found = statSync(path);
    // A pipe would hold us, and a running instance with us, until somebody writes into it; a device has no end.
    if (!found.isFile() && !found.isDirectory()) {
      say(`${path} cannot be read: it is no file`);
      return [];
    }
    return [{ role, name, text: readFileSync(path, 'utf8') }];
  } catch (error) {
    say(`${path} ${unreadable(error)}`);
    return [];
  }
}
