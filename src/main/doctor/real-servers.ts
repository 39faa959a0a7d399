import { systemClock } from '../../base/clock.ts';
import { isJsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { DefinitionKind, Hidden } from '../../catalog/pins/definition.ts';
import { createUpstreams } from '../../doors/mcp/upstream-side/index.ts';
import { sayUnusable } from '../../pipeline/standing.ts';
import { type ResolvedSet, resolveSet } from '../in-force/resolve-set.ts';
import { type Sight, untried } from './check.ts';
import type { Examined } from './examined.ts';
import { tell } from './operator.ts';

const DID = 'listed what the real server offers, and compared it with its pins';

/**
 * The real servers are listed and nothing else: by the instance that runs, which has their secrets and looks at them
 * every minute, else by doctor itself. No sibling is ever told where they are or what their secrets are.
 */
export async function lookAtRealServers(
  examined: Examined,
  environment: NodeJS.ProcessEnv,
): Promise<Sight[]> {
  if (Object.keys(examined.files.set.configuration.upstreams).length === 0) return [];
  return examined.running === null
    ? listThem(examined, environment)
    : askInstance(examined, examined.running);
}

async function askInstance({ files }: Examined, socket: string): Promise<Sight[]> {
  const { value } = await tell(socket, 'GET /v1/catalog');
  const { upstreamTroubles } = (await tell(socket, 'GET /v1/status')).json;
  const troubles = isJsonObject(upstreamTroubles) ? upstreamTroubles : {};
  const rows = (Array.isArray(value) ? value : []).filter(isJsonObject);
  return files.resolved.parts.upstreams.map(({ id }) => {
    const own = rows.filter((row) => row['upstream'] === id);
    const standing = new Map<string, number>();
    for (const row of own) {
      const key = String(row['standing']);
      standing.set(key, (standing.get(key) ?? 0) + 1);
    }
    if (own.length === 0 || standing.has('not connected'))
      return untried(
        id,
        DID,
        `${NOT_CONNECTED}${typeof troubles[id] === 'string' ? `: ${troubles[id]}` : ''}`,
      );
    const words = [...standing].map(([key, count]) => `${count} ${key}`).join(', ');
    const unusable = own.flatMap(({ kind, name, code, why }) =>
      typeof why === 'string' && typeof code === 'string'
        ? [{ kind: kind as DefinitionKind, name: String(name), code: code as Hidden['code'], why }]
        : [],
    );
    const saw = `${words}${sayHidden(unusable)}`;
    return { surface: id, did: `${DID}, through the running instance`, saw, fired: true };
  });
}

const NOT_CONNECTED = 'the running instance is not connected to it; its calls are denied until it is';

const sayHidden = (unusable: readonly Hidden[]): string =>
  unusable.length === 0 ? '' : `; shown to no agent: ${sayUnusable(unusable)}`;

async function listThem(examined: Examined, environment: NodeJS.ProcessEnv): Promise<Sight[]> {
  const { files, configPath, state } = examined;
  const all = files.resolved.parts.upstreams.map(({ id }) => id);
  const around = { configPath, state: state.path, environment, withoutSecrets: true };
  const resolved = resolveSet(files.set, around);
  if (!resolved.ok) {
    const why = resolved.error.map(({ message }) => message).join('; ');
    return [untried(all.join(', '), DID, `no instance runs, and doctor cannot connect: ${why}`)];
  }
  const lacking = withoutTheirSecrets(resolved.value.missingSecrets);
  const within = new Set(lacking.flatMap(({ servers }) => servers));
  const ids = all.filter((id) => !within.has(id));
  const seen = new Map<string, string>();
  const lines: string[] = [];
  let isLooking = true;
  const clients = createUpstreams(
    resolved.value.upstreams.filter(({ id }) => !within.has(id)),
    {
      clock: systemClock,
      // What they say of their own end is none of it.
      log: (line) => isLooking && lines.push(line),
      limits: { connectMs: LIMITS.connectMs, probeMs: LIMITS.doctorProbeMs },
      onListed(upstream, generation, definitions) {
        const first = !files.pins.knows(upstream);
        const drift = files.pins.observe(upstream, generation, definitions);
        if (first)
          files.pins.pin(upstream, generation, files.pins.listed(upstream, generation)?.values() ?? []);
        const differing = [...drift.changed, ...drift.added, ...drift.removed];
        const said = first
          ? 'it was never pinned; the first start will pin this'
          : differing.length === 0
            ? 'as pinned'
            : `differs, so this is hidden: ${differing.join(', ')}`;
        const unusable = files.pins.unusable(upstream, generation);
        seen.set(upstream, `${said}${sayHidden(unusable)}`);
      },
    },
  );
  try {
    await clients.start();
  } finally {
    isLooking = false;
    await clients.stop();
    // Back to what is pinned: the mirror shows that and nothing that was listed just now.
    files.pins.assumeListed();
  }
  const sights = ids.map((id) => {
    const saw = seen.get(id);
    return saw === undefined
      ? untried(id, DID, `it did not connect in time${whyNot(id, lines)}`)
      : { surface: id, did: DID, saw, fired: true };
  });
  const missed = lacking.map(({ servers, message }) =>
    untried(servers.join(', '), DID, `no instance runs, and ${message}, so doctor cannot connect`),
  );
  return [...sights, ...missed];
}

/** What is wrong with secrets of servers, each with the servers that are given it. */
function withoutTheirSecrets(
  missing: ResolvedSet['missingSecrets'],
): { readonly servers: readonly string[]; readonly message: string }[] {
  return missing.flatMap(({ paths, message }) => {
    const servers = paths.flatMap(([part, id]) => (part === 'upstreams' ? [String(id)] : []));
    return servers.length === 0 ? [] : [{ servers: [...new Set(servers)], message }];
  });
}

/** The last that was said of it. Of one that is still waited for when the time is over nothing is: a person asks it herself. */
function whyNot(id: string, lines: readonly string[]): string {
  const start = `upstream ${id} is not connected: `;
  const last = lines.filter((line) => line.startsWith(start)).at(-1);
  return last === undefined
    ? `: it said nothing within ${LIMITS.connectMs / 1000} s; start its program, or ask its address, by hand`
    : `: ${last.slice(start.length)}`;
}
