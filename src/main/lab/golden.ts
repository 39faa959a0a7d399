import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileFault } from '../../base/file-fault.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { type Catalogs, loadCatalogs } from '../../catalog/reading/catalog-file.ts';
import { goldenHost } from '../../catalog/targets/host.ts';
import { pathTarget } from '../../catalog/targets/path.ts';
import { resolveTargets, type UpstreamPlace } from '../../catalog/targets/targets.ts';
import { resolveUrl } from '../../catalog/targets/url.ts';
import { CONNECT_OPERATION, type Target, type TargetRef } from '../../model/action.ts';
import type { Agent } from '../../model/agent.ts';
import type { Person } from '../../model/person.ts';
import { CONNECT_WORLD } from '../../pipeline/action/connect.ts';
import { worldOperation } from '../../pipeline/in-force.ts';
import {
  type GoldenCase,
  type GoldenGround,
  type GoldenResult,
  readGolden,
  runGolden,
  type WorldOperation,
} from '../../policy/index.ts';
import { machineFiles } from '../files.ts';
import { packDirectory, type RuleSet, readRuleSet, type SetFile } from '../in-force/rule-set.ts';
import { StartFailure } from '../start-failure.ts';
import { lineOf } from '../tell.ts';
import { openFiles } from './offline.ts';

/** The results of one golden file. */
interface GoldenReport {
  readonly file: string;
  readonly results: readonly GoldenResult[];
}

/**
 * Runs golden cases against the rules in the files: those named, else every pack's `tests/`, each against its own pack
 * alone, and `*.golden` beside the person's policies, against everything. An operation that was never pinned is typed
 * by the arguments that its cases give.
 */
export async function runGoldenFiles(
  config: string,
  environment: NodeJS.ProcessEnv,
  named: readonly string[],
): Promise<readonly GoldenReport[]> {
  const read = readRuleSet(config);
  if (!read.ok) throw new StartFailure(read.error.map(lineOf));
  const { set } = read.value;
  const base = dirname(resolve(config));
  if (named.length > 0)
    return runAgainstSet(
      config,
      environment,
      set,
      named.flatMap((path) => namedFiles(resolve(path))),
    );
  const packs = set.configuration.packs.flatMap((pack) => runPack(packDirectory(pack, base), set, pack));
  const own = set.configuration.policies.flatMap((path) => {
    const full = resolve(base, path);
    const directory = statSync(full).isDirectory() ? full : dirname(full);
    return goldenFilesIn(directory);
  });
  return [...packs, ...(await runAgainstSet(config, environment, set, [...new Set(own)]))];
}

/** A file of cases, or all of those in a directory. */
function namedFiles(path: string): string[] {
  if (!existsSync(path)) throw new StartFailure([`There is no file of cases at ${path}.`]);
  if (!statSync(path).isDirectory()) return [path];
  const found = goldenFilesIn(path);
  if (found.length === 0) throw new StartFailure([`There is no *.golden in ${path}.`]);
  return found;
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new StartFailure([`The cases in ${file} cannot be read: ${fileFault(error, 'read')}.`]);
  }
}

function goldenFilesIn(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.endsWith('.golden'))
    .sort()
    .map((name) => join(directory, name));
}

/**
 * A pack speaks for itself: its own rules, each of its catalogs as an upstream of that name, and `unknown` with none.
 * One without a permit (catalogs alone, or forbids that ask) is held to the rules of the packs beside it as well.
 */
function runPack(directory: string, set: RuleSet, pack: string): GoldenReport[] {
  const rulesOf = (name: string) =>
    set.files.filter((file) => file.role === 'policy' && file.name.startsWith(`${name.split('/').at(-1)}/`));
  const own = rulesOf(pack);
  const permits = own.some(({ text }) => /^\s*permit\b/m.test(text));
  const policies = permits ? own : set.configuration.packs.flatMap(rulesOf);
  const catalogs = mustLoad(set.files.filter((file) => file.role === 'catalog'));
  return goldenFilesIn(join(directory, 'tests')).map((file) => {
    const text = textIn(file);
    const cases = readGolden(text).cases;
    const upstreams = [...catalogs.names(), 'unknown'].map((id) => ({
      id,
      entryOf: (name: string) => catalogs.get(id)?.operations.get(name),
      place: { upstream: id, roots: ['/srv/work'], cwd: '/srv/work' },
    }));
    const owner: Person = { id: 'ada', name: 'Ada', roles: ['owner'] };
    const agents = [...new Set(cases.map((one) => one.agent))].map((id) => agentFor(id, owner));
    const ground = groundOf({
      people: [owner],
      agents,
      upstreams,
      catalogs,
      policies,
      pinned: new Map(),
      cases,
    });
    return { file, results: runGolden(text, ground) };
  });
}

async function runAgainstSet(
  config: string,
  environment: NodeJS.ProcessEnv,
  set: RuleSet,
  files: readonly string[],
): Promise<GoldenReport[]> {
  if (files.length === 0) return [];
  const offline = await openFiles(config, environment, set);
  try {
    const { parts } = offline.resolved;
    const upstreams = [...offline.inForce.upstreams.values()];
    const pinned = new Map(
      upstreams.flatMap(({ id }) =>
        [...offline.pins.of(id).values()].map((one) => [`mcp:${id}/${one.name}`, one.inputSchema] as const),
      ),
    );
    return files.map((file) => {
      const text = textIn(file);
      const { people, agents, catalogs, policies } = parts;
      const ground = groundOf({
        people,
        agents,
        upstreams,
        catalogs,
        policies,
        pinned,
        cases: readGolden(text).cases,
      });
      return { file, results: runGolden(text, ground) };
    });
  } finally {
    await offline.close();
  }
}

interface Ground {
  readonly people: readonly Person[];
  readonly agents: readonly Agent[];
  readonly upstreams: readonly {
    id: string;
    place: UpstreamPlace;
    entryOf: Parameters<typeof worldOperation>[0]['entryOf'];
  }[];
  readonly catalogs: Catalogs;
  readonly policies: readonly SetFile[] | GoldenGround['files'];
  /** Operation → its pinned schema. */
  readonly pinned: ReadonlyMap<string, JsonObject | null>;
  readonly cases: readonly GoldenCase[];
}

function groundOf({ people, agents, upstreams, catalogs, policies, pinned, cases }: Ground): GoldenGround {
  const operations = new Map<string, WorldOperation>();
  for (const upstream of upstreams) {
    const named = cases.map((one) => one.operation).filter((id) => id.startsWith(`mcp:${upstream.id}/`));
    const known = [...pinned.keys()].filter((id) => id.startsWith(`mcp:${upstream.id}/`));
    for (const id of new Set([...known, ...named])) {
      const schema = pinned.get(id) ?? schemaOf(cases.filter((one) => one.operation === id));
      operations.set(id, worldOperation(upstream, id.slice(`mcp:${upstream.id}/`.length), schema));
    }
  }
  return {
    files: policies,
    world: {
      people,
      agents,
      operations: [...operations.values(), CONNECT_WORLD],
      upstreams: upstreams.map(({ id }) => ({ id, pinned: true })),
      types: catalogs.types,
    },
    targetsOf: (operation, args, targets) => targetsOf(upstreams, operation, args, targets),
  };
}

function targetsOf(
  upstreams: Ground['upstreams'],
  operation: string,
  args: JsonObject,
  named: readonly TargetRef[],
): Result<readonly Target[], string> {
  if (named.length > 0) return ok(named.map(fillTarget));
  if (operation === CONNECT_OPERATION) {
    const host = goldenHost(args);
    return host.ok ? ok([host.value]) : host;
  }
  const upstream = upstreams.find(({ id }) => operation.startsWith(`mcp:${id}/`));
  if (upstream === undefined) return err(`there is no upstream of ${operation}`);
  const name = operation.slice(`mcp:${upstream.id}/`.length);
  const method = name === 'resources/read' || name === 'prompts/get' ? name : 'tools/call';
  const attempt = {
    agent: '',
    session: '',
    token: null,
    door: 'mcp',
    upstream: upstream.id,
    method,
    name,
    arguments: args,
  } as const;
  const resolved = resolveTargets(upstream.entryOf(name), attempt, upstream.place, machineFiles);
  return resolved.ok ? ok(resolved.value.targets) : err(resolved.error.sentence);
}

function fillTarget({ type, id }: TargetRef): Target {
  if (type === 'Path') return pathTarget(id);
  const url = type === 'Url' ? resolveUrl(id) : null;
  return url?.ok === true ? url.value : { type, id, ancestors: [], attributes: { id } };
}

/** A schema that the arguments of some cases fit: what rules may name of an operation nobody has pinned. */
function schemaOf(cases: readonly GoldenCase[]): JsonObject {
  const properties: Record<string, Json> = {};
  for (const one of cases)
    for (const [name, value] of Object.entries(one.arguments)) properties[name] = typeOf(value);
  return { type: 'object', properties };
}

function typeOf(value: Json): JsonObject {
  if (Array.isArray(value))
    return { type: 'array', items: value[0] === undefined ? {} : typeOf(value[0] as Json) };
  if (typeof value === 'number') return { type: Number.isInteger(value) ? 'integer' : 'number' };
  if (typeof value === 'object' && value !== null) {
    return {
      type: 'object',
      properties: Object.fromEntries(
        Object.entries(value).map(([name, member]) => [name, typeOf(member as Json)]),
      ),
    };
  }
  return value === null ? {} : { type: typeof value };
}

function mustLoad(files: readonly SetFile[]): Catalogs {
  const catalogs = loadCatalogs(files);
  if (!catalogs.ok) throw new StartFailure(catalogs.error.map((one) => lineOf(one)));
  return catalogs.value;
}

function agentFor(id: string, owner: Person): Agent {
  const limits = {
    inFlight: LIMITS.inFlightPerAgent,
    attemptsPerMinute: LIMITS.attemptsPerMinute,
    logBytesPerDay: LIMITS.logBytesPerDay,
  };
  return { id, owner: owner.id, purpose: 'golden cases', level: 'live', teams: [], limits };
}
