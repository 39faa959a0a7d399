import { accessSync, constants, existsSync } from 'node:fs';
import { createConnection } from 'node:net';
import { dirname, resolve } from 'node:path';
import { LIMITS } from '../../base/limits.ts';
import { findMeans, weakLimits, weaknesses } from '../../doors/run/index.ts';
import { CONNECT_OPERATION } from '../../model/action.ts';
import { INSTALLATION } from '../installation.ts';
import { programsOf } from '../revoke/resolve.ts';
import { secretsOf } from '../revoke/stake.ts';
import type { Examined } from './examined.ts';

/** One way around Lanyard that is open to whoever runs as this user. */
export type Bypass = { readonly what: string; readonly place: string; readonly how: string };

/**
 * What an agent can go around where it runs as the user who runs doctor: every promise holds in full only where it
 * cannot. Nothing is written to find out, and to an address nothing is sent.
 */
export async function findBypasses(examined: Examined): Promise<Bypass[]> {
  const { configuration } = examined.files.set;
  const base = dirname(resolve(examined.configPath));
  const files: readonly (readonly [string, string])[] = [
    ['the state: log, checkpoint key, hashes of tokens', examined.state.path],
    ['the operator socket: tokens, apply, accept, release', examined.state.socket],
    ['the configuration', resolve(examined.configPath)],
    ...configuration.policies.map((path) => ['rules', resolve(base, path)] as const),
    ...configuration.catalog.map((path) => ['a catalog', resolve(base, path)] as const),
    ...programsOf(configuration, base).map((path) => ['what a kill executes (revoke)', path] as const),
    ['the program itself', INSTALLATION],
  ];
  const found = files.flatMap(([what, place]) => {
    const how = waysInto(place);
    return how === '' ? [] : [{ what, place, how }];
  });
  return [...found, ...(await serversOf(examined, base)), ...lastingSecrets(examined), ...waysOut(examined)];
}

function waysInto(path: string): string {
  if (!existsSync(path)) return '';
  return [may(path, constants.R_OK) ? 'read' : '', may(path, constants.W_OK) ? 'write' : '']
    .filter(Boolean)
    .join(' and ');
}

function may(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/** What tunnels and programs under `run` leave open, where there are any. */
function waysOut({ files }: Examined): Bypass[] {
  const { agents, egress } = files.set.configuration;
  if (egress === undefined && agents.every(({ run }) => run === undefined)) return [];
  const means = findMeans({ cgroup: true, namespaces: true });
  const limits = Object.assign({}, ...agents.map(({ run }) => run ?? {}));
  const weaker = [...weaknesses(means), ...weakLimits(means, limits)];
  return [
    {
      what: 'what passes inside a tunnel',
      place: CONNECT_OPERATION,
      how: 'tell a permitted host anything; nobody sees it',
    },
    ...weaker.map((sentence) => ({
      what: 'programs under ./lanyard run',
      place: 'this machine',
      how: sentence.replace(/\.$/, ''),
    })),
  ];
}

/** A kill cuts the way through Lanyard, and not what was carried off. */
function lastingSecrets({ files }: Examined): Bypass[] {
  const upstreams = Object.entries(files.set.configuration.upstreams);
  const lasting = upstreams.filter(([, one]) => secretsOf(one).length > 0 && one.revoke === undefined);
  return lasting.map(([id]) => ({
    what: `the secret of ${id}`,
    place: `upstreams.${id}`,
    how: 'go on using it after a kill, once it was carried off: no `revoke` takes it back',
  }));
}

async function serversOf({ files }: Examined, base: string): Promise<Bypass[]> {
  const found: Bypass[] = [];
  for (const [id, { url, command, shared }] of Object.entries(files.set.configuration.upstreams)) {
    if (url !== undefined && (await reachable(url)))
      found.push({ what: `the server ${id} itself`, place: url, how: 'connect, without Lanyard' });
    const program = command?.[0];
    if (program !== undefined)
      found.push({ what: `the server ${id} itself`, place: program, how: 'start another, without Lanyard' });
    for (const root of files.inForce.upstreams.get(id)?.place.roots ?? []) {
      const how = waysInto(root);
      if (how !== '') found.push({ what: `what ${id} serves`, place: resolve(base, root), how });
    }
    if (shared)
      found.push({
        what: `the server ${id} is shared`,
        place: id,
        how: 'see what it keeps of other agents; a stop only drops an answer that is under way',
      });
  }
  return found;
}

function reachable(address: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(address);
  const host = hostname.replace(/^\[|\]$/g, '');
  return new Promise((done) => {
    const socket = createConnection({ host, port: Number(port) || (protocol === 'https:' ? 443 : 80) });
    const end = (open: boolean) => {
      socket.destroy();
      done(open);
    };
    socket.setTimeout(LIMITS.doctorProbeMs, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}
