import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { BriefMap } from './brief-map.ts';

interface Connection {
  readonly socket: Socket;
  readonly among: Connections;
  owner: string;
  /** What is not answered to its end yet. */
  readonly running: BriefMap<ServerResponse, ServerResponse>;
  /** By an upgrade or a tunnel: then it is busy for good. */
  isTaken: boolean;
}

/** Whom a connection belongs to that has not said yet whose it is. */
const NOBODY = '';

/** By the socket that requests come with: under TLS the one that was made of the other. */
const known = new WeakMap<Duplex, Connection>();

/**
 * Bounds a server's connections without keeping anybody out: beyond `most`, whoever holds the most of them loses the
 * oldest on which nothing runs, or else the oldest. Those that have not authenticated count as one holder together and lose
 * the oldest whatever it does, so a crowd of strangers closes its own connections, and one agent's crowd its own.
 */
export function boundConnections(server: Server, most: number): void {
  const all = new Connections(most);
  const byPeer = new Map<string, Connection>();
  server.on('connection', (socket: Socket) => {
    const peer = peerOf(socket);
    const connection = all.add(socket);
    known.set(socket, connection);
    byPeer.set(peer, connection);
    socket.once('close', () => {
      all.remove(connection);
      if (byPeer.get(peer) === connection) byPeer.delete(peer);
    });
  });
  server.on('secureConnection', (socket: Socket) => {
    const connection = byPeer.get(peerOf(socket));
    if (connection !== undefined) known.set(socket, connection);
  });
  server.prependListener('request', (request: IncomingMessage, response: ServerResponse) => {
    const connection = known.get(request.socket);
    if (connection === undefined) return;
    connection.running.set(response, response);
    response.once('close', () => connection.running.delete(response));
  });
  for (const event of ['upgrade', 'connect'] as const)
    server.prependListener(event, (_request: IncomingMessage, socket: Duplex) => {
      const connection = known.get(socket);
      if (connection !== undefined) connection.isTaken = true;
    });
}

/** Says whose a connection is, once that is known: of a bounded server; of any other it does nothing. */
export function ownConnection(socket: Duplex, owner: string): void {
  const connection = known.get(socket);
  if (connection !== undefined && connection.owner !== owner) connection.among.give(connection, owner);
}

/** Whose a bounded server's connection is; the empty string where that is not known. */
export function ownerOf(socket: Duplex): string {
  return known.get(socket)?.owner ?? NOBODY;
}

/** Whether an answer has begun on a bounded server's connection. */
export function isAnswering(socket: Duplex): boolean {
  return runningOn(socket).some(({ headersSent }) => headersSent);
}

/** Whether a request that came whole on a bounded server's connection has no answer yet. */
export function owesAnswer(socket: Duplex): boolean {
  return owedOn(socket).length > 0;
}

/**
 * Calls `then` once every request that came whole has its answer, at once where that is so. What is said before would be
 * taken for the answer to the first of them.
 */
export function whenAnswered(socket: Duplex, then: () => void): void {
  const [first] = owedOn(socket);
  if (first === undefined) then();
  else first.once('close', () => whenAnswered(socket, then));
}

const owedOn = (socket: Duplex): readonly ServerResponse[] =>
  runningOn(socket).filter(({ req }) => req.complete);

const runningOn = (socket: Duplex): readonly ServerResponse[] => known.get(socket)?.running.values() ?? [];

class Connections {
  readonly #most: number;
  /** By owner, each the oldest first. */
  readonly #held = new Map<string, Set<Connection>>();
  #count = 0;

  constructor(most: number) {
    this.#most = most;
  }

  add(socket: Socket): Connection {
    const connection: Connection = {
      socket,
      among: this,
      owner: NOBODY,
      running: new BriefMap(),
      isTaken: false,
    };
    this.#setOf(NOBODY).add(connection);
    this.#count++;
    if (this.#count > this.#most) this.#closeOne(connection);
    return connection;
  }

  remove(connection: Connection): void {
    const held = this.#held.get(connection.owner);
    if (held?.delete(connection) !== true) return;
    this.#count--;
    if (held.size === 0) this.#held.delete(connection.owner);
  }

  give(connection: Connection, owner: string): void {
    const held = this.#held.get(connection.owner);
    if (held?.delete(connection) !== true) return;
    if (held.size === 0) this.#held.delete(connection.owner);
    connection.owner = owner;
    this.#setOf(owner).add(connection);
  }

  #closeOne(newest: Connection): void {
    let most: Set<Connection> | undefined;
    for (const held of this.#held.values()) if (most === undefined || held.size > most.size) most = held;
    let oldest: Connection | undefined;
    for (const one of most ?? []) {
      if (one === newest) continue;
      oldest ??= one;
      // Of strangers the oldest goes, busy or not: else slow requests would be busy, and whoever comes next the only idle one.
      if (one.isTaken || (one.owner !== NOBODY && one.running.size > 0)) continue;
      oldest = one;
      break;
    }
    if (oldest === undefined) return;
    // In this tick, so that the next one beyond the bound does not choose it again.
    this.remove(oldest);
    oldest.socket.destroy();
  }

  #setOf(owner: string): Set<Connection> {
    const held = this.#held.get(owner) ?? new Set();
    this.#held.set(owner, held);
    return held;
  }
}

const peerOf = (socket: Socket): string => `${socket.remoteAddress} ${socket.remotePort}`;
