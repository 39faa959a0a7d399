import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, isTest, ROOT, sourceFiles } from './source-tree.ts';

/**
 * The floors of the house, from the lowest up. A room may import from lower floors only, never from a neighbour on its own
 * floor. A room that is not listed here fails, so that a new one is placed on purpose.
 */
const FLOORS: readonly (readonly string[])[] = [
  ['base'],
  ['model', 'contract'],
  ['intake', 'catalog', 'policy', 'history', 'approval', 'containment', 'ledger'],
  ['store'],
  ['pipeline'],
  ['doors', 'control', 'watch'],
  ['main'],
  ['cli'],
];

/** What only some may import, and why. `who` are path prefixes below src/. */
const RESERVED: readonly { what: RegExp; who: readonly string[]; why: string }[] = [
  {
    what: /^node:sqlite$/,
    who: ['store/sqlite/', 'store/lock.ts'],
    why: 'no SQLite idea may leak through the store contract',
  },
  { what: /store\/(sqlite|lock)/, who: ['store/', 'main/'], why: 'only main chooses a database driver' },
  {
    what: /^node:(http|https|net|tls|dgram|http2)$|^src\/base\/http\.ts$/,
    who: ['base/http-', 'doors/', 'control/', 'watch/', 'main/', 'cli/'],
    why: 'sockets belong to doors, and to what is told outside of the log',
  },
  { what: /^undici$/, who: ['doors/'], why: 'only doors speak to upstreams' },
  { what: /^node:child_process$/, who: ['doors/', 'main/', 'cli/'], why: 'only doors keep child processes' },
  {
    what: /^@modelcontextprotocol\//,
    who: [],
    why: 'the hot path parses what it decides on and forwards the rest; SDKs are for tests and the demo',
  },
  { what: /^@cedar-policy\//, who: ['policy/'], why: 'one home per noun: rules live in policy' },
  {
    what: /^@simplewebauthn\//,
    who: ['control/people/webauthn.ts'],
    why: 'one place verifies what people sign; log verify does it again, without it',
  },
  { what: /^yaml$/, who: ['catalog/', 'main/'], why: 'files that people write are read in two places' },
  {
    what: /^@opentelemetry\//,
    who: ['watch/telemetry/exporter.ts'],
    why: 'it is loaded only where telemetry is configured, so in one place and when it is needed',
  },
  { what: /^vitest$|^fast-check$/, who: [], why: 'tests are beside the source, never in it' },
];

const contractSeesBaseOnly = { room: 'contract', may: ['base'] };

const floorOf = (room: string): number => FLOORS.findIndex((rooms) => rooms.includes(room));
const roomOf = (path: string): string => path.split('/')[1] ?? '';

interface Crossing {
  readonly from: string;
  readonly specifier: string;
  readonly to: string | null;
}

const files = sourceFiles('src');
const crossings: Crossing[] = files.flatMap((file) =>
  importsOf(file.text).map((specifier) => {
    const to = specifier.startsWith('.')
      ? relative(ROOT, join(ROOT, dirname(file.path), specifier)).replaceAll('\\', '/')
      : null;
    return { from: file.path, specifier, to };
  }),
);

describe('the floor plan', () => {
  it('knows every room', () => {
    const rooms = readdirSync(join(ROOT, 'src'), { withFileTypes: true }).filter((entry) =>
      entry.isDirectory(),
    );
    expect(rooms.map((room) => room.name).filter((name) => floorOf(name) < 0)).toEqual([]);
  });

  it('has a sign on every door', () => {
    const rooms = FLOORS.flat();
    const signs = new Set(
      files.filter((file) => /^\/\*\*[\s\S]*?\*\//.test(file.text)).map((file) => file.path),
    );
    expect(rooms.filter((room) => !signs.has(`src/${room}/index.ts`))).toEqual([]);
  });

  it('lets imports go down only, and never to a neighbour', () => {
    const wrong = crossings.filter(({ from, to }) => {
      if (to === null || isTest(from)) return false;
      if (!to.startsWith('src/')) return true;
      const [a, b] = [roomOf(from), roomOf(to)];
      return a !== b && floorOf(b) >= floorOf(a);
    });
    expect(wrong).toEqual([]);
  });

  it('lets no file need, when it is loaded, what needs it', () => {
    const isOfTypes = /^import type\b|^import \{\s*(?:type \w+,?\s*)+\} from/;
    const needs = new Map(
      files
        .filter(({ path }) => !isTest(path))
        .map(({ path, text }) => {
          const loads = [...text.matchAll(/^(?:import|export)\b[^;]*? from '(\.[^']+)';/gm)].filter(
            ([statement]) => !isOfTypes.test(statement),
          );
          return [path, loads.map(([, to = '']) => join(dirname(path), to).replaceAll('\\', '/'))] as const;
        }),
    );
    const rings: string[] = [];
    const seen = new Set<string>();
    const follow = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) rings.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
      if (seen.has(path)) return;
      seen.add(path);
      for (const next of needs.get(path) ?? []) follow(next, [...trail, path]);
    };
    for (const path of needs.keys()) follow(path, []);
    expect(rings).toEqual([]);
  });

  it('lets contract see base only', () => {
    const wrong = crossings.filter(
      ({ from, to }) =>
        roomOf(from) === contractSeesBaseOnly.room &&
        (to === null || ![...contractSeesBaseOnly.may, 'contract'].includes(roomOf(to))),
    );
    expect(wrong).toEqual([]);
  });

  it.each(RESERVED)('reserves $what: $why', ({ what, who }) => {
    const wrong = crossings.filter(
      ({ from, specifier, to }) =>
        !isTest(from) &&
        (what.test(specifier) || (to !== null && what.test(to))) &&
        !who.some((prefix) => from.startsWith(`src/${prefix}`)),
    );
    expect(wrong).toEqual([]);
  });

  it('takes node:http from base/http.ts, which loads half as much', () => {
    const takers = files
      .filter((file) => !isTest(file.path) && /^import (?!type\b)[^;]*from 'node:http';/m.test(file.text))
      .map((file) => file.path);
    expect(takers).toEqual([]);
  });

  it('lets nobody but what verifies assertions issue a proof', () => {
    const makers = files
      .filter((file) => !isTest(file.path) && /\bissueProof\b|\bProof\.of\b/.test(file.text))
      .map((file) => file.path);
    expect(makers.sort()).toEqual(['src/control/people/ceremonies.ts', 'src/pipeline/credentials/proof.ts']);
  });

  it('lets nobody but the corridor issue a pass: act.ts and go-on.ts for what is sent from here, clear.ts for what is done elsewhere', () => {
    const makers = files
      .filter((file) => !isTest(file.path) && /\bissuePass\b/.test(file.text))
      .map((file) => file.path);
    expect(makers.sort()).toEqual([
      'src/pipeline/act.ts',
      'src/pipeline/clear.ts',
      'src/pipeline/go-on.ts',
      'src/pipeline/pass.ts',
    ]);
  });

  it('lets what the browser verifies with take nothing from Node that has no stand-in there', () => {
    const texts = new Map([...files, ...sourceFiles('console/src')].map(({ path, text }) => [path, text]));
    const standIns = new Map(
      ['crypto', 'buffer'].map((name) => [
        `node:${name}`,
        exportsOf(texts.get(`console/src/verify/${name}.ts`) ?? ''),
      ]),
    );
    const missing: string[] = [];
    const seen = new Set<string>();
    const follow = (path: string): void => {
      if (seen.has(path)) return;
      seen.add(path);
      for (const { specifier, names } of loadsOf(texts.get(path) ?? ''))
        if (specifier.startsWith('.')) follow(join(dirname(path), specifier).replaceAll('\\', '/'));
        else if (specifier.startsWith('node:'))
          for (const name of names)
            if (!standIns.get(specifier)?.includes(name)) missing.push(`${path}: ${name} of ${specifier}`);
    };
    follow('console/src/verify/verifier.ts');
    expect(seen).toContain('src/ledger/verify/bundle.ts');
    expect(missing).toEqual([]);
  });
});

/** What a module loads when it is loaded itself: imports and exports of values, each with the names that it takes. */
function loadsOf(text: string): { specifier: string; names: string[] }[] {
  const statements = text.matchAll(/^(?:import|export) (?!type\b)(?:\{([^}]*)\}|[^;{]*?) from '([^']+)';/gm);
  return [...statements].flatMap(([, list, specifier = '']) => {
    if (list === undefined) return [{ specifier, names: ['*'] }];
    const names = list.split(',').flatMap((one) => /^\s*(?!type )(\w+)/.exec(one)?.[1] ?? []);
    return names.length > 0 ? [{ specifier, names }] : [];
  });
}

function exportsOf(text: string): string[] {
  return [...text.matchAll(/^export (?:function|const|class) (\w+)|^export \{ \w+ as (\w+) \};/gm)].map(
    ([, declared, renamed]) => declared ?? renamed ?? '',
  );
}
