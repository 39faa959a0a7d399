import type { IncomingMessage } from 'node:http';
import { type Problem, problem } from '../../../base/errors.ts';
import { ownConnection } from '../../../base/http-connections.ts';
import { pathOf } from '../../../base/url-path.ts';
import type { Caller } from '../../../pipeline/ports/call.ts';
import type { Corridor } from '../../../pipeline/ports/corridor.ts';
import { bearerOf, connectionOf, createGuard, peerOf } from '../../http/guard.ts';
import { checkMedia } from './media.ts';

/** A request whose sender, address and form are good; its body has not been looked at. */
export interface Admitted {
  readonly ok: true;
  readonly caller: Caller;
  readonly upstream: string | null;
}
type Admission =
  | Admitted
  /** `agent` is null where it is not known who asks. */
  | { readonly ok: false; readonly agent: string | null; readonly problem: Problem };

export function refuseAdmission(agent: string | null, found: Problem): Admission {
  return { ok: false, agent, problem: found };
}

/**
 * Looks at a request without its body: first whether a web page is behind it, then whose it is, and only then what it
 * asks for, so that nobody learns without a token which upstreams there are.
 */
export function createAdmission(
  corridor: Corridor,
  hosts: readonly string[],
  behindProxy: boolean,
): (req: IncomingMessage) => Admission {
  const guard = createGuard(hosts);
  return (req) => {
    const found = guard(req);
    if (found !== null) return refuseAdmission(null, found);
    const over = connectionOf(req, behindProxy);
    const caller = corridor.authenticate(bearerOf(req), peerOf(req, behindProxy), over);
    if (!caller.ok) return refuseAdmission(null, caller.error);
    ownConnection(req.socket, caller.value.agent);
    const tooOften = corridor.refusedTooOften(caller.value);
    if (tooOften !== null) return refuseAdmission(caller.value.agent, tooOften);
    return admitCaller(req, caller.value, corridor);
  };
}

function admitCaller(req: IncomingMessage, caller: Caller, corridor: Corridor): Admission {
  const refuse = (found: Problem): Admission => refuseAdmission(caller.agent, found);
  const upstream = upstreamOf(req.url ?? '');
  if (upstream === undefined) return refuse(problem('NOT_FOUND'));
  if (upstream !== null && !corridor.hasUpstream(upstream))
    return refuse(problem('UNKNOWN_UPSTREAM', { name: upstream }));
  if (req.method === 'POST') {
    const media = checkMedia(req);
    if (media !== null) return refuse(media);
  } else if (req.method !== 'DELETE' && !isStreamRequest(req)) {
    return refuse(problem('METHOD_NOT_ALLOWED', { method: req.method ?? '' }));
  }
  return { ok: true, caller, upstream };
}

/** Only a session has a stream of its own. */
function isStreamRequest(req: IncomingMessage): boolean {
  return req.method === 'GET' && req.headers['mcp-session-id'] !== undefined;
}

/** The upstream that a path names, null for `/mcp`, undefined for a path that is not this door's. */
export function upstreamOf(url: string): string | null | undefined {
  const path = pathOf(url);
  if (path === '/mcp') return null;
  return path.startsWith('/mcp/') && path.length > 5 ? path.slice(5) : undefined;
}
