import { lookup } from 'node:dns/promises';
import { abortSignalOf } from '../../base/cancel.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { isJsonObject } from '../../base/json.ts';
import { parseJson } from '../../base/json-text.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { isAddress } from '../../catalog/targets/address.ts';
import { WAY_OUT } from '../../model/action.ts';
import { type Pass, spend } from '../../pipeline/pass.ts';
import type {
  ExecuteControl,
  Order,
  Reply,
  TunnelControl,
  Upstream,
  UpstreamSession,
} from '../../pipeline/ports/upstream.ts';
import { dial } from './dial.ts';
import { carry } from './tunnel.ts';

/** Every address of a name, in the order in which they are to be tried. */
export type Lookup = (host: string) => Promise<readonly string[]>;

const systemLookup: Lookup = async (host) =>
  (await lookup(host, { all: true, order: 'verbatim' })).map(({ address }) => address);

const nothing = { server: {}, tools: [], prompts: [], resources: [], resourceTemplates: [] };

/** The way out as the corridor sees it: an upstream whose one operation is a tunnel. */
export function createWayOut(find: Lookup = systemLookup): Upstream {
  const session: UpstreamSession = {
    generation: '2025',
    definitions: () => nothing,
    execute: (order, pass, control) => openTunnel(find, order, pass, control),
    runsAsTask: () => false,
    askTask: () => Promise.resolve(notSent(problem('UNKNOWN_TASK'))),
    hearTask: () => () => undefined,
  };
  return {
    id: WAY_OUT,
    generations: () => ['2025'],
    list: () => Promise.resolve(ok(nothing)),
    listSoon: () => undefined,
    session: () => Promise.resolve(ok(session)),
  };
}

const notSent = (found: Problem): Reply => ({ kind: 'not-sent', problem: found });

/**
 * The pass is spent before the name is looked up: a name that is looked up has left the house. The name is looked up
 * once, and what is connected is one of the addresses that came of it and were admitted.
 */
async function openTunnel(find: Lookup, order: Order, pass: Pass, control: ExecuteControl): Promise<Reply> {
  const { tunnel } = control;
  const signal = abortSignalOf(control.signal);
  const args = parseJson(Buffer.from(order.argumentsText));
  const { host, port } = args.ok && isJsonObject(args.value) ? args.value : {};
  if (tunnel === undefined || typeof host !== 'string' || typeof port !== 'number')
    return notSent(problem('INTERNAL'));
  const halted = spend(pass, order.digest);
  if (halted !== null) return notSent(halted);

  const name = `${host}:${port}`;
  const found = await addressesOf(find, host, signal);
  if (signal.aborted) return notSent(problem('ABORTED', { upstream: name }));
  if (!found.ok) return notSent(problem('TUNNEL_FAILED', { host: name, what: found.error }));
  const admitted = admittedOf(found.value, tunnel);
  if (!admitted.ok) return notSent(admitted.error);

  const dialled = await dial(admitted.value, port, signal);
  if (signal.aborted) {
    if (dialled.ok) dialled.value.destroy();
    return notSent(problem('ABORTED', { upstream: name }));
  }
  if (!dialled.ok) return notSent(problem('TUNNEL_FAILED', { host: name, what: dialled.error }));
  return carry(tunnel.open(), dialled.value, name, signal);
}

async function addressesOf(
  find: Lookup,
  host: string,
  signal: AbortSignal,
): Promise<Result<readonly string[], string>> {
  const bare = host.replace(/^\[|\]$/g, '');
  if (isAddress(bare)) return ok([bare]);
  const ended = new AbortController();
  try {
    const late = new Promise<never>((_, reject) => {
      const give = (why: string) => () => reject(new Error(why));
      const timer = setTimeout(give('its name could not be looked up in time'), LIMITS.lookupMs);
      ended.signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
      signal.addEventListener('abort', give('it was stopped'), { once: true, signal: ended.signal });
    });
    const addresses = await Promise.race([find(host), late]);
    return addresses.length === 0 ? err('its name leads nowhere') : ok(addresses);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return err(code === undefined ? message : `its name could not be looked up (${code})`);
  } finally {
    ended.abort();
  }
}

function admittedOf(addresses: readonly string[], tunnel: TunnelControl): Result<readonly string[], Problem> {
  let refused: Problem | null = null;
  const admitted = addresses.slice(0, LIMITS.addressesTried).filter((address) => {
    const found = tunnel.admit(address);
    refused ??= found;
    return found === null;
  });
  if (admitted.length > 0) return ok(admitted);
  return err(refused ?? problem('INTERNAL'));
}
