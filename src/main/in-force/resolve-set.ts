import { existsSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { durationMs } from '../../base/duration.ts';
import { didYouMean } from '../../base/nearest.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { holdsProtected } from '../../catalog/protected.ts';
import { type Catalogs, loadCatalogs } from '../../catalog/reading/catalog-file.ts';
import type { CatalogProblem } from '../../catalog/reading/yaml-document.ts';
import { rootsOf } from '../../catalog/targets/roots.ts';
import type { ChannelPlace } from '../../control/brake/stop-channel.ts';
import type { UpstreamConfig } from '../../doors/mcp/upstream-side/config.ts';
import type { Person } from '../../model/person.ts';
import type { SetParts, UpstreamParts } from '../../pipeline/in-force.ts';
import type { NotifyPlace } from '../../watch/notify/reach.ts';
import type { TelemetryPlace } from '../../watch/telemetry/exporter.ts';
import { readPlace, type WitnessPlace } from '../../watch/witness/place.ts';
import { describe, type Locate, type Path } from '../configuration/problem.ts';
import type { UpstreamConfiguration } from '../configuration/shape.ts';
import { machineFiles, realOrPlanned } from '../files.ts';
import { OWN_CODE } from '../installation.ts';
import { programsOf, type Revoke, resolveRevokes } from '../revoke/resolve.ts';
import { readTls } from '../tls.ts';
import { inherited, resolveCommand } from './program.ts';
import { checkNamed, resolveAgent } from './resolve-agent.ts';
import { resolveNotify } from './resolve-notify.ts';
import {
  digestOfSet,
  encodeSet,
  type FileProblem,
  packDirectory,
  type RuleSet,
  shippedCatalogNames,
} from './rule-set.ts';
import { type SecretProblem, Secrets } from './secrets.ts';

/** A rule set with every path and secret looked up on this machine: what the house is built from. */
export interface ResolvedSet {
  readonly set: RuleSet;
  readonly text: string;
  readonly parts: SetParts;
  readonly upstreams: readonly UpstreamConfig[];
  readonly secrets: readonly string[];
  /** What is wrong with secrets; nothing but with `withoutSecrets`. */
  readonly missingSecrets: readonly SecretProblem[];
  readonly protectedPaths: readonly string[];
  readonly witnesses: readonly WitnessPlace[];
  readonly telemetry: TelemetryPlace | null;
  readonly notify: NotifyPlace;
  readonly stopChannel: ChannelPlace | null;
  /** By upstream: how its secret is revoked after a kill. */
  readonly revokes: ReadonlyMap<string, Revoke>;
}

export interface Surroundings {
  readonly configPath: string;
  readonly state: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Set where nothing is executed: the instance has its secrets, whoever only reads the rules need not. */
  readonly withoutSecrets?: boolean;
}

export function catalogProblem({ file, line, column, message, hint }: CatalogProblem): FileProblem {
  return { file, line, column, message: hint === undefined ? message : `${message}; ${hint}` };
}

const ATOP = () => ({ line: 1, column: 1 });

/** Resolves a set; all problems at once. `at`: where things stand in the file, where the set comes from one. */
export function resolveSet(
  set: RuleSet,
  around: Surroundings,
  at: Locate = ATOP,
): Result<ResolvedSet, readonly FileProblem[]> {
  const base = dirname(resolve(around.configPath));
  const problems: FileProblem[] = [];
  const say = (path: Path, message: string, also: readonly Path[] = []) =>
    problems.push({
      file: around.configPath,
      ...at(path),
      message: `${[path, ...also].map(describe).join(', ')}: ${message}`,
    });

  const catalogs = loadCatalogs(set.files.filter((file) => file.role === 'catalog'));
  if (!catalogs.ok) problems.push(...catalogs.error.map(catalogProblem));
  const protectedPaths = protectedPathsOf(set.configuration, around, base);
  const secrets = new Secrets(base, around.environment, around.withoutSecrets !== true);
  const upstreams = Object.entries(set.configuration.upstreams).map(([id, upstream]) =>
    resolveUpstream(id, upstream, {
      base,
      secrets,
      catalogs: catalogs.ok ? catalogs.value : null,
      protectedPaths,
      say,
      around,
    }),
  );
  checkNamed(set.configuration, say);
  const witnesses = resolveWitnesses(set.configuration, around, base, say);
  const notify = resolveNotify(set.configuration, secrets, say);
  const stopChannel = resolveStopChannel(set.configuration, secrets);
  const revokes = resolveRevokes(set.configuration, { base, environment: around.environment, secrets }, say);
  const { tls, telemetry } = set.configuration;
  const telemetryHeaders = secrets.resolveAll(telemetry?.headers ?? {}, ['telemetry', 'headers']);
  if (tls !== undefined && around.withoutSecrets !== true) {
    const found = readTls(tls, around);
    if (!found.ok) say(['tls'], found.error);
  }
  for (const { paths, message } of secrets.problems) say(paths[0], message, paths.slice(1));
  if (!catalogs.ok || problems.length > 0) return err(problems);

  const text = encodeSet(set);
  const { people, agents, points, retention } = set.configuration;
  return ok({
    set,
    text,
    parts: {
      digest: digestOfSet(text),
      people: people as readonly Person[],
      agents: agents.map(resolveAgent),
      points,
      upstreams: upstreams.map((upstream) => upstream.parts),
      policies: set.files.filter((file) => file.role === 'policy'),
      catalogs: catalogs.value,
      bodyRetentionMs: durationMs(retention.bodies),
    },
    upstreams: upstreams.map((upstream) => upstream.config),
    secrets: secrets.values,
    missingSecrets: secrets.missing,
    protectedPaths,
    witnesses,
    telemetry: telemetry === undefined ? null : { otlp: telemetry.otlp, headers: telemetryHeaders },
    notify,
    stopChannel,
    revokes,
  });
}

function resolveStopChannel(
  { stopChannel }: RuleSet['configuration'],
  secrets: Secrets,
): ChannelPlace | null {
  if (stopChannel === undefined) return null;
  const { url, token } = stopChannel;
  return {
    url: secrets.resolve(url, ['stopChannel', 'url']),
    ...(token === undefined ? {} : { token: secrets.resolve(token, ['stopChannel', 'token']) }),
  };
}

/** What lies with the state shares its fate: such a witness would say whatever the state says. */
function resolveWitnesses(
  { witness }: RuleSet['configuration'],
  around: Surroundings,
  base: string,
  say: (path: Path, message: string) => void,
): WitnessPlace[] {
  const state = realOrPlanned(around.state);
  return witness.flatMap((setting, i) => {
    const place = readPlace(setting, (path) => resolve(base, path));
    if (!place.ok) {
      say(['witness', i], place.error);
      return [];
    }
    const real = place.value.kind === 'file' ? realOrPlanned(place.value.path) : '';
    if (real !== state && !real.startsWith(`${state}/`)) return [place.value];
    say(
      ['witness', i],
      `${real} lies within the state; a witness must be where this instance cannot rewrite it`,
    );
    return [];
  });
}

/** Lanyard's own state, configuration and code: targets that no rule can permit. */
function protectedPathsOf(
  configuration: RuleSet['configuration'],
  around: Surroundings,
  base: string,
): string[] {
  const own = [
    around.state,
    around.configPath,
    ...configuration.policies.map((path) => resolve(base, path)),
    ...configuration.catalog.map((path) => resolve(base, path)),
    ...configuration.packs.map((pack) => packDirectory(pack, base)),
    ...configuration.witness.flatMap((setting) => {
      const place = readPlace(setting, (path) => resolve(base, path));
      return place.ok && place.value.kind === 'file' ? [place.value.path] : [];
    }),
    // Whoever could write them would choose what a kill executes.
    ...programsOf(configuration, base),
    ...OWN_CODE,
  ];
  return [...new Set(own.map(realOrPlanned))];
}

interface UpstreamSurroundings {
  readonly base: string;
  readonly secrets: Secrets;
  readonly catalogs: Catalogs | null;
  readonly protectedPaths: readonly string[];
  readonly around: Surroundings;
  say(path: Path, message: string): void;
}

function resolveUpstream(
  id: string,
  upstream: UpstreamConfiguration,
  where: UpstreamSurroundings,
): { parts: UpstreamParts; config: UpstreamConfig } {
  const cwd = realOrPlanned(resolve(where.base, upstream.cwd ?? '.'));
  if (upstream.command !== undefined && !existsSync(cwd))
    where.say(['upstreams', id, 'cwd'], `${cwd} does not exist`);
  const roots = rootsFor(id, upstream, cwd, where);
  const parts: UpstreamParts = {
    id,
    ...(upstream.catalog === undefined ? {} : { catalog: upstream.catalog }),
    place: { upstream: id, roots, cwd },
    asks: { kinds: new Set(upstream.may), hosts: upstream.mayOpen ?? [] },
  };
  const asking = { may: upstream.may, opens: upstream.mayOpen !== undefined, roots };
  if (upstream.url !== undefined) {
    const headers = where.secrets.resolveAll(upstream.headers, ['upstreams', id, 'headers']);
    const config = { id, kind: 'http', url: upstream.url, headers, shared: upstream.shared, asking } as const;
    return { parts, config };
  }
  const command = resolveCommand(upstream.command ?? [], where.base);
  const env = {
    ...inherited(where.around.environment),
    ...where.secrets.resolveAll(upstream.env, ['upstreams', id, 'env']),
  };
  return { parts, config: { id, kind: 'stdio', command, cwd, env, shared: upstream.shared, asking } };
}

function rootsFor(
  id: string,
  upstream: UpstreamConfiguration,
  cwd: string,
  where: UpstreamSurroundings,
): readonly string[] {
  if (upstream.catalog === undefined || where.catalogs === null) return [];
  const catalog = where.catalogs.get(upstream.catalog);
  if (catalog === undefined) {
    // Those of packs that are not listed are found by their names too.
    const names = [...new Set([...where.catalogs.names(), ...shippedCatalogNames()])];
    const hint = didYouMean(upstream.catalog, names, '`') ?? `there are ${names.join(', ') || 'none'}`;
    where.say(['upstreams', id, 'catalog'], `there is no catalog \`${upstream.catalog}\`; ${hint}`);
    return [];
  }
  const start = upstream.command === undefined ? { cwd } : { command: upstream.command, cwd };
  const roots = rootsOf(catalog.roots, start, machineFiles);
  if (!roots.ok) {
    where.say(['upstreams', id], roots.error);
    return [];
  }
  for (const root of roots.value) {
    const held = holdsProtected(root, where.protectedPaths);
    if (held !== null) {
      where.say(
        ['upstreams', id],
        `it would serve ${root}, which holds what belongs to Lanyard itself (${held}); serve another directory`,
      );
    }
  }
  return roots.value;
}
