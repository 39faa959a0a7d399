import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ok } from '../../src/base/result.ts';
import { groupsOf, targetTypesOf } from '../../src/catalog/entry.ts';
import { type Pack, readPack } from '../../src/catalog/pack.ts';
import { type Catalogs, loadCatalogs } from '../../src/catalog/reading/catalog-file.ts';
import { goldenHost } from '../../src/catalog/targets/host.ts';
import { resolveTargets } from '../../src/catalog/targets/targets.ts';
import { machineFiles } from '../../src/main/files.ts';
import { type Attempt, leafOf } from '../../src/model/action.ts';
import { CONNECT_WORLD } from '../../src/pipeline/action/connect.ts';
import { type GoldenGround, runGolden, type World, type WorldOperation } from '../../src/policy/index.ts';

export const PACKS = join(import.meta.dirname, '../../packs');

export const packNames = (): string[] =>
  readdirSync(PACKS).filter((name) => existsSync(join(PACKS, name, 'pack.yaml')));

/** One of the packs that come with Lanyard, as its directory holds it. */
export function readShippedPack(name: string): Pack {
  const directory = join(PACKS, name);
  const names = readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(directory.length + 1));
  const pack = readPack(
    names.map((file) => ({ name: file, text: readFileSync(join(directory, file), 'utf8') })),
  );
  if (!pack.ok) throw new Error(JSON.stringify(pack.error, null, 1));
  return pack.value;
}

export function loadShipped(packs: readonly Pack[]): Catalogs {
  const loaded = loadCatalogs(packs.flatMap(({ catalog }) => catalog));
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error, null, 1));
  return loaded.value;
}

/** An upstream for each catalog, called like it, one of which nothing is known, and an agent `coder`. */
export function worldOf(catalogs: Catalogs): World {
  const names = catalogs.names();
  const operations = names.flatMap((upstream) =>
    [...(catalogs.get(upstream)?.operations ?? [])].map(([name, entry]): WorldOperation => {
      const kind = name === 'resources/read' ? 'resource' : name === 'prompts/get' ? 'prompt' : 'tool';
      const inputSchema = kind === 'tool' ? { type: 'object', additionalProperties: true } : null;
      return {
        id: `mcp:${upstream}/${name}`,
        upstream,
        groups: groupsOf(entry, upstream),
        inputSchema,
        kind,
        targetTypes: targetTypesOf(entry),
      };
    }),
  );
  const unknown: WorldOperation = {
    id: 'mcp:unknown/frobnicate',
    upstream: 'unknown',
    groups: groupsOf(undefined, 'unknown'),
    inputSchema: { type: 'object' },
    kind: 'tool',
    targetTypes: targetTypesOf(undefined),
  };
  const limits = { inFlight: 1, attemptsPerMinute: 1, logBytesPerDay: 1 };
  return {
    people: [{ id: 'ada', name: 'Ada', roles: ['owner'] }],
    agents: [{ id: 'coder', owner: 'ada', purpose: 'p', level: 'live', teams: [], limits }],
    operations: [...operations, unknown, CONNECT_WORLD],
    upstreams: [...names, 'unknown'].map((id) => ({ id, pinned: true })),
    types: catalogs.types,
  };
}

/** Decides the cases of a golden file by these rules, on targets that the catalogs make of the arguments. */
export function decideGolden(
  text: string,
  files: GoldenGround['files'],
  catalogs: Catalogs,
): ReturnType<typeof runGolden> {
  return runGolden(text, {
    files,
    world: worldOf(catalogs),
    targetsOf(operation, args, named) {
      if (named.length > 0)
        return ok(named.map((ref) => ({ ...ref, ancestors: [], attributes: { id: ref.id } })));
      if (operation === CONNECT_WORLD.id) {
        const host = goldenHost(args);
        return host.ok ? ok([host.value]) : host;
      }
      const [, upstream = '', name = ''] = /^mcp:([^/]+)\/(.+)$/.exec(operation) ?? [];
      const method = 'tools/call';
      const attempt: Attempt = {
        agent: 'coder',
        session: 's',
        token: null,
        door: 'mcp',
        upstream,
        method,
        name,
        arguments: args,
      };
      const entry = catalogs.get(upstream)?.operations.get(leafOf(attempt));
      const resolved = resolveTargets(entry, attempt, { upstream, roots: [], cwd: '/' }, machineFiles);
      return resolved.ok ? ok(resolved.value.targets) : { ok: false, error: resolved.error.sentence };
    },
  });
}
