import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { type Problem, problem } from '../../base/errors.ts';
import { equalBytes, sha256 } from '../../base/hash.ts';
import { answerRefused, refuseSocket } from '../../base/http-refusals.ts';
import { LIMITS } from '../../base/limits.ts';
import { proxyTokenOf } from '../egress/door.ts';
import type { ConnectDoor } from '../egress/index.ts';
import { bearerOf } from '../http/guard.ts';
import { createDoorServer, type OnUpgrade } from '../http/server.ts';

export interface RunDoorOptions {
  readonly run: string;
  readonly agent: string;
  /** The run's own token, and the name of the one that it was exchanged for. */
  readonly token: string;
  readonly parent: string;
  /** Whether it runs in a network of its own: then its door is a socket in the file system, and nobody else reaches it. */
  readonly isolated: boolean;
  /** The directory, this user's alone, in which the sockets of such doors lie: no program under `run` is to see it. */
  socketDirectory(): string;
  /** What the agents' door answers, and what it does with an upgrade. */
  listener(req: IncomingMessage, res: ServerResponse): void;
  readonly upgrade: OnUpgrade;
  readonly wayOut: ConnectDoor;
  /** Counts what is refused here before anybody is known. */
  refused(found: Problem): void;
}

/** One run's own door: what the agents' door offers, to this run's token alone, and the way out. */
export interface RunDoor {
  readonly place: { readonly socket: string } | { readonly port: number };
  close(): void;
}

export async function openRunDoor(options: RunDoorOptions): Promise<RunDoor> {
  const { run, agent, token, parent, isolated, wayOut } = options;
  const wanted = sha256(token);
  const isOwn = (given: string | undefined) => given !== undefined && equalBytes(sha256(given), wanted);
  const open = new Set<Duplex>();
  const server = createDoorServer(
    (req, res) => {
      if (isOwn(bearerOf(req))) options.listener(req, res);
      else refuse(options, req, res);
    },
    undefined,
    undefined,
    {
      upgrade(req, socket, head) {
        if (isOwn(bearerOf(req))) options.upgrade(req, socket, head);
        else {
          const found = problem('TOKEN_REFUSED');
          options.refused(found);
          refuseSocket(socket, found);
        }
      },
      connect(req, socket, head) {
        open.add(socket);
        socket.once('close', () => open.delete(socket));
        const known = { agent, token: parent, session: run };
        // Only who is in the run's own network reaches the socket; the loopback is everybody's.
        if (isolated || isOwn(proxyTokenOf(req))) wayOut.connect(req, socket, head, known);
        else wayOut.connect(req, socket, head);
      },
    },
    { count: options.refused },
  );
  const directory = isolated ? mkdtempSync(join(options.socketDirectory(), 'run-')) : null;
  const path = directory === null ? null : join(directory, 'door.sock');
  const removeDirectory = () => {
    if (directory !== null) rmSync(directory, { recursive: true, force: true });
  };
  try {
    await listen(server as Server, path);
  } catch (error) {
    removeDirectory();
    throw error;
  }
  return {
    place: path === null ? { port: (server.address() as AddressInfo).port } : { socket: path },
    close() {
      server.close();
      server.closeAllConnections();
      for (const socket of open) socket.destroy();
      removeDirectory();
    },
  };
}

function listen(server: Server, path: string | null): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    const done = () => {
      if (path !== null) chmodSync(path, 0o600);
      resolve();
    };
    if (path === null) server.listen({ port: 0, host: '127.0.0.1', backlog: LIMITS.listenBacklog }, done);
    else server.listen({ path, backlog: LIMITS.listenBacklog }, done);
  });
}

/**
 * A whole URL is what plain proxies are asked for, and the program was told of a proxy: not its token is wrong, but there is
 * no other way out than a tunnel.
 */
function refuse({ refused }: RunDoorOptions, req: IncomingMessage, res: ServerResponse): void {
  req.resume();
  const forProxy = req.url?.startsWith('/') === false;
  const found = problem(forProxy ? 'TUNNELS_ONLY' : 'TOKEN_REFUSED');
  refused(found);
  answerRefused(res, found, undefined, forProxy ? { allow: 'CONNECT' } : {});
}
