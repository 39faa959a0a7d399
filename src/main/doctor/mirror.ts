import { posix } from 'node:path';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { isSecretReference } from '../configuration/literal-secrets.ts';
import type { UpstreamConfiguration } from '../configuration/shape.ts';
import { resolveAgent } from '../in-force/resolve-agent.ts';
import { CanaryServer } from './canary-server.ts';
import { type Examined, offersOf } from './examined.ts';
import type { Ground } from './ground.ts';
import type { CanaryHub } from './hub.ts';
import { canaryHeaderSecret } from './secret-forms.ts';
import { Sibling } from './sibling.ts';

/**
 * A sibling with the rules, catalogs, people, agents and servers that are in force, in which each server is a canary
 * that lists what the real one is pinned to, each secret is a canary's, and each agent has the id, owner, teams and
 * level of the real one but another token. Nothing in it is real but the rules.
 */
export interface Mirror {
  readonly sibling: Sibling;
  readonly servers: ReadonlyMap<string, CanaryServer>;
  /** The canary secrets of each server, in the place of its own. */
  readonly secrets: ReadonlyMap<string, readonly string[]>;
  /** Servers that are not in it, and why. */
  readonly leftOut: ReadonlyMap<string, string>;
}

export function buildMirror(ground: Ground, hub: CanaryHub, examined: Examined): Mirror {
  const { set } = examined.files;
  const servers = new Map<string, CanaryServer>();
  const secrets = new Map<string, readonly string[]>();
  const leftOut = new Map<string, string>();
  const environment: Record<string, string> = {};
  const upstreams: Record<string, JsonObject> = {};
  for (const [id, upstream] of Object.entries(set.configuration.upstreams)) {
    const offers = offersOf(examined.files, id);
    const why = whyLeftOut(offers.size, servers.size);
    if (why !== null) {
      leftOut.set(id, why);
      hub.add(`unpinned-${id}`, unpinnedServer(id));
      upstreams[id] = { url: hub.url(`unpinned-${id}`) };
      continue;
    }
    const key = `mirror-${id}`;
    servers.set(id, hub.add(key, new CanaryServer(id, offers)));
    const own = canarySecretsOf(upstream, id, environment);
    secrets.set(
      id,
      Object.values(own).map((name) => environment[name] ?? ''),
    );
    const references = Object.fromEntries(
      Object.entries(own).map(([setting, name]) => [setting, `env:${name}`]),
    );
    upstreams[id] = upstreamOf(upstream, examined, id, {
      url: hub.url(key),
      command: ground.canaryCommand(key),
      references,
    });
  }
  writeFiles(ground, examined, upstreams);
  return { sibling: new Sibling(ground, { name: 'mirror', environment }), servers, secrets, leftOut };
}

function whyLeftOut(generations: number, servers: number): string | null {
  if (generations === 0) return 'it was never connected, so what it offers is not known';
  return servers < LIMITS.doctorServers ? null : 'one run has no time for it';
}

/** Longer than any definition may be, so it is never pinned. */
const TOO_LONG_TO_PIN = { name: 'x'.repeat(LIMITS.definitionBytes) };
const NOTHING_TO_PIN = {
  server: TOO_LONG_TO_PIN,
  tools: [],
  prompts: [],
  resources: [],
  resourceTemplates: [],
};

/**
 * Stands in for a server that is left out: rules may name it, so it has to be configured and to answer, but nothing of it
 * may be pinned. Rules about it are then not looked at, as before a server is connected for the first time.
 */
function unpinnedServer(id: string): CanaryServer {
  return new CanaryServer(
    id,
    new Map([
      ['2026', NOTHING_TO_PIN],
      ['2025', NOTHING_TO_PIN],
    ]),
  );
}

/** For each setting that names a secret, a variable with a canary's in its place. */
function canarySecretsOf(
  { env, headers }: UpstreamConfiguration,
  id: string,
  environment: Record<string, string>,
): Record<string, string> {
  const names: Record<string, string> = {};
  for (const [setting, value] of Object.entries({ ...env, ...headers })) {
    if (!isSecretReference(value)) continue;
    const name = `CANARY_${id.replaceAll('-', '_')}_${Object.keys(environment).length}`;
    environment[name] = canaryHeaderSecret();
    names[setting] = name;
  }
  return names;
}

interface Stand {
  readonly url: string;
  readonly command: string;
  readonly references: Readonly<Record<string, string>>;
}

function upstreamOf(
  { url, command, catalog, shared, may }: UpstreamConfiguration,
  { files }: Examined,
  id: string,
  stand: Stand,
): JsonObject {
  const common = { shared, may: [...may], ...(catalog === undefined ? {} : { catalog }) };
  if (url !== undefined) return { url: stand.url, headers: stand.references, ...common };
  const cwd = files.inForce.upstreams.get(id)?.place.cwd ?? '/';
  // Its words stay, for the catalog finds in them what it serves; its program does not.
  return { command: [stand.command, ...(command ?? []).slice(1)], cwd, env: stand.references, ...common };
}

function writeFiles(ground: Ground, examined: Examined, upstreams: Record<string, JsonObject>): void {
  const { set, halt } = examined.files;
  const { people, agents, redact, retention, publicUrl } = set.configuration;
  const names = { policy: [] as string[], catalog: [] as string[] };
  for (const [i, { role, name, text }] of set.files.entries()) {
    const extension = role === 'policy' ? 'cedar' : 'yaml';
    // Its name is part of the id of a rule without one; what would lead out of the directory gets another.
    const plain = posix.normalize(name);
    const safe = /^[A-Za-z0-9._/-]+$/.test(name) && !plain.startsWith('/') && !plain.startsWith('..');
    const path = safe && plain === name ? name : `${role}-${i}.${extension}`;
    ground.write(`mirror/${path}`, text);
    names[role].push(path);
  }
  const inForce = agents.map((agent) => {
    const level = halt.levelOf(resolveAgent(agent));
    // Its own limits against floods, its purpose, hours and budgets would stop doctor itself; that limits hold is shown in the laboratory.
    const { limits: _limits, does: _does, hours: _hours, budgets: _budgets, ...rest } = agent;
    return { ...rest, level: level === 'killed' ? 'frozen' : level };
  });
  const configuration = {
    listen: '127.0.0.1:0',
    state: './state',
    people,
    agents: inForce,
    upstreams,
    policies: names.policy,
    catalog: names.catalog,
    redact,
    retention,
    ...(publicUrl === undefined ? {} : { publicUrl }),
  };
  ground.write('mirror/lanyard.yaml', `${JSON.stringify(configuration, null, 1)}\n`);
}
