import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Problem } from '../base/errors.ts';
import { createIds } from '../base/ids.ts';
import { createCheckDoor } from '../doors/check/index.ts';
import {
  createDoorServer,
  createMcpDoor,
  createStdioUpgrade,
  type DoorTls,
  type McpDoorOptions,
} from '../doors/mcp/agent-side/index.ts';
import type { RunDesk } from '../doors/run/index.ts';
import { splitAddress } from './address.ts';
import { openEgress } from './egress.ts';
import { createHealth } from './health.ts';
import type { House } from './house.ts';
import { LogTiles } from './log-tiles.ts';
import { createPublicLog } from './public-log.ts';
import type { Surroundings } from './resolve-set.ts';
import { openRuns } from './runs.ts';
import { StartFailure } from './start-failure.ts';
import { readTls } from './tls.ts';
import { VERSION } from './version.ts';

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
  const listener = (request: IncomingMessage, response: ServerResponse) => {
    if (request.url === '/healthz') void answerHealth(request, response);
    else if (publicLog?.matches(request.url ?? '') === true) void publicLog.handle(request, response);
    else if (check.matches(request.url ?? '')) check.handle(request, response);
    else door.handle(request, response);
  };
  const refused = (found: Problem) => house.corridor.refused(null, found);
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
        server.once('error', (error) =>
          fail(new StartFailure([`\`listen\` ${listen} cannot be used: ${error.message}`])),
        );
        server.listen(port, host, done);
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

function tlsOf(tls: { cert: string; key: string }, around: Surroundings): DoorTls {
  const found = readTls(tls, around);
  if (!found.ok) throw new StartFailure([`tls: ${found.error}`]);
  return found.value;
}
