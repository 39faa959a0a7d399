import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Problem, problem } from '../../base/errors.ts';
import { answerRefused } from '../../base/http-refusals.ts';
import { createIds } from '../../base/ids.ts';
import { LIMITS } from '../../base/limits.ts';
import { createCheckDoor } from '../../doors/check/index.ts';
import { bearerOf, createDoorServer, createGuard, type DoorTls, peerOf } from '../../doors/http/index.ts';
import { createMcpDoor, createStdioUpgrade, type McpDoorOptions } from '../../doors/mcp/agent-side/index.ts';
import type { RunDesk } from '../../doors/run/index.ts';
import { splitAddress } from '../address.ts';
import { createHealth } from '../health.ts';
import type { House } from '../house.ts';
import type { Surroundings } from '../in-force/resolve-set.ts';
import { LogTiles } from '../log/log-tiles.ts';
import { createPublicLog } from '../log/public-log.ts';
import { StartFailure } from '../start-failure.ts';
import { cannotListen } from '../taken-addresses.ts';
import { readTls } from '../tls.ts';
import { VERSION } from '../version.ts';
import { openEgress } from './egress.ts';
import { openRuns } from './runs.ts';

/** What agents reach. */
export interface Doors {
  /** Where `./lanyard run` turns. */
  readonly runs: RunDesk;
  /** Resolves to the URL, with the port that was really taken. */
  listen(): Promise<string>;
  /** Refuses what is new, ends what runs within its bound, closes. */
  drain(): Promise<void>;
}

export function openDoors(house: House, around: Surroundings): Doors {
  const { listen, behindProxy, publicUrl, tls } = house.resolved().set.configuration;
  const { host, port } = splitAddress(listen);
  const hosts = [host, ...(publicUrl === undefined ? [] : [new URL(publicUrl).hostname])];
  const options: McpDoorOptions = {
    corridor: house.corridor,
    ids: createIds(house.clock),
    clock: house.clock,
    version: VERSION,
    hosts,
    behindProxy,
    log: (line) => house.log(line),
  };
  const door = createMcpDoor(options);
  const check = createCheckDoor({
    corridor: house.checks,
    ids: options.ids,
    clock: house.clock,
    hosts,
    behindProxy,
    scheme: tls !== undefined || behindProxy ? 'https' : 'http',
    log: options.log,
  });
  const { log } = house.resolved().set.configuration;
  const publicLog =
    log?.public === true ? createPublicLog(new LogTiles(house.store), hosts, options.log) : null;
  const stdio = createStdioUpgrade(options);
  const answerHealth = createHealth(house, hosts);
  const refused = (found: Problem) => house.corridor.refused(null, found);
  const refuseUnknown = createUnknown(options);
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    const { url = '' } = request;
    if (/^\/healthz(\?|$)/.test(url)) void answerHealth(request, response);
    else if (publicLog?.matches(url) === true) void publicLog.handle(request, response);
    else if (check.matches(url)) check.handle(request, response);
    else if (door.matches(url)) door.handle(request, response);
    else refuseUnknown(request, response);
  };
  const server = createDoorServer(
    listener,
    tls === undefined ? undefined : tlsOf(tls, around),
    undefined,
    { upgrade: stdio.upgrade },
    { count: refused },
  );
  const egress = openEgress(house);
  const runs = openRuns(house, { listener, upgrade: stdio.upgrade, wayOut: egress.door, refused });
  return {
    runs,
    async listen() {
      await egress.listen();
      await new Promise<void>((done, fail) => {
        server.once('error', (error) => fail(cannotListen('listen', listen, error)));
        server.listen({ port, host, backlog: LIMITS.listenBacklog }, done);
      });
      const address = server.address();
      const taken = typeof address === 'object' && address !== null ? address.port : port;
      return `${tls === undefined ? 'http' : 'https'}://${listen.slice(0, listen.lastIndexOf(':'))}:${taken}`;
    },
    async drain() {
      await runs.drain();
      await Promise.all([door.drain(), check.drain(), stdio.drain(), egress.drain()]);
      server.closeAllConnections();
      await new Promise<void>((done) => server.close(() => done()));
    },
  };
}

/** Clients look for metadata that is not there before they have a token: a 401 would have them ask for one again. */
function createUnknown({
  corridor,
  hosts,
  behindProxy,
}: McpDoorOptions): (request: IncomingMessage, response: ServerResponse) => void {
  const guard = createGuard(hosts);
  /** Whoever shows a token is held to it, and what is refused is counted on its agent. */
  const lookAt = (request: IncomingMessage): { agent: string | null; found: Problem } => {
    const shut = guard(request);
    const bearer = bearerOf(request);
    if (shut !== null || bearer === undefined) return { agent: null, found: shut ?? problem('NOT_FOUND') };
    const caller = corridor.authenticate(bearer, peerOf(request, behindProxy === true));
    return caller.ok
      ? { agent: caller.value.agent, found: problem('NOT_FOUND') }
      : { agent: null, found: caller.error };
  };
  return (request, response) => {
    request.resume();
    const { agent, found } = lookAt(request);
    corridor.refused(agent, found);
    answerRefused(response, found);
  };
}

function tlsOf(tls: { cert: string; key: string }, around: Surroundings): DoorTls {
  const found = readTls(tls, around);
  if (!found.ok) throw new StartFailure([`tls: ${found.error}`]);
  return found.value;
}
