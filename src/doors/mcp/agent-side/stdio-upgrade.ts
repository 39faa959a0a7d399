import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type Problem, problem } from '../../../base/errors.ts';
import { ownConnection } from '../../../base/http-connections.ts';
import { refuseSocket } from '../../../base/http-refusals.ts';
import { LIMITS } from '../../../base/limits.ts';
import { bearerOf, createGuard, type Guard, peerOf } from '../../http/guard.ts';
import { upstreamOf } from './admission.ts';
import type { McpDoorOptions } from './door.ts';
import { type StdioFace, serveStdio } from './stdio.ts';

/** The protocol that `./lanyard mcp` asks to switch to: what follows is MCP's stdio transport, a message a line. */
export const STDIO_PROTOCOL = 'lanyard-stdio';

/**
 * The last byte to a client that asked for one (`Lanyard-Farewell: 1`) where the instance ends by itself: whoever was killed says
 * nothing. No JSON has it (RFC 8259: a control character in a string is escaped).
 */
export const FAREWELL = 0x04;

interface StdioUpgrade {
  /** `head`: what came behind the request, as a client may send before it is answered. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Takes nothing more; resolves when what ran has ended, within LIMITS.drainMs, and every client is gone. */
  drain(): Promise<void>;
}

/**
 * The stdio face for a client in another process: `GET /mcp/<upstream>` with `Upgrade: lanyard-stdio` and a bearer
 * token, at the same address and behind the same checks as every other request.
 */
export function createStdioUpgrade(options: McpDoorOptions): StdioUpgrade {
  const clients = new StdioClients(options);
  return { upgrade: (req, socket, head) => clients.take(req, socket, head), drain: () => clients.drain() };
}

class StdioClients {
  readonly #options: McpDoorOptions;
  readonly #guard: Guard;
  /** Sockets that the HTTP server no longer knows and its close waits for all the same; without a face, refused ones. */
  readonly #open = new Map<Duplex, StdioFace | null>();
  /** Those whose clients want to hear that the instance ends. */
  readonly #told = new WeakSet<Duplex>();
  #draining = false;

  constructor(options: McpDoorOptions) {
    this.#options = options;
    this.#guard = createGuard(options.hosts);
  }

  take(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#open.delete(socket));
    this.#open.set(socket, null);
    const upstream = upstreamOf(req.url ?? '');
    const token = bearerOf(req);
    const refusal = this.#draining ? problem('SHUTTING_DOWN') : this.#refusalOf(req, upstream);
    if (refusal === null && upstream !== undefined && token !== undefined) {
      if (head.length > 0) socket.unshift(head);
      if (req.headers['lanyard-farewell'] !== undefined) this.#told.add(socket);
      this.#serve(socket, upstream, token, this.#peerOf(req));
      return;
    }
    const found = refusal ?? problem('NOT_FOUND');
    if (!this.#draining) this.#options.corridor.refused(null, found);
    refuseSocket(socket, found);
  }

  #serve(socket: Duplex, upstream: string | null, token: string, from: string): void {
    const { corridor, ids, clock, version, log } = this.#options;
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${STDIO_PROTOCOL}\r\nConnection: Upgrade\r\n\r\n`,
    );
    const streams = { input: socket, output: socket };
    const face = serveStdio({ corridor, ids, clock, token, from, upstream, ...streams, version, log });
    this.#open.set(socket, face);
    socket.on('close', () => face.close());
    void face.ended.then(() => {
      if (this.#draining && this.#told.has(socket)) socket.write(Buffer.of(FAREWELL));
      socket.end();
    });
  }

  async drain(): Promise<void> {
    this.#draining = true;
    await Promise.all([...this.#open].map(([socket, face]) => endClient(socket, face)));
  }

  #peerOf(req: IncomingMessage): string {
    return peerOf(req, this.#options.behindProxy === true);
  }

  #refusalOf(req: IncomingMessage, upstream: string | null | undefined): Problem | null {
    const { corridor } = this.#options;
    if (req.headers.upgrade !== STDIO_PROTOCOL || upstream === undefined) return problem('NOT_FOUND');
    const found = this.#guard(req);
    if (found !== null) return found;
    const caller = corridor.authenticate(bearerOf(req), this.#peerOf(req));
    if (!caller.ok) return caller.error;
    ownConnection(req.socket, caller.value.agent);
    // The agent that `./lanyard mcp --agent` names: with another one's token it would act under a wrong name. Whose it is is
    // told to whoever holds it; whether there is the other one is not.
    const named = req.headers['lanyard-agent'];
    const { agent } = caller.value;
    if (named !== undefined && named !== agent)
      return problem('TOKEN_OF_ANOTHER', { agent, named: String(named) });
    if (upstream !== null && !corridor.hasUpstream(upstream))
      return problem('UNKNOWN_UPSTREAM', { name: upstream });
    return null;
  }
}

/** What runs gets its time to end; a client that does not close its side, or does not read, is cut after that. */
async function endClient(socket: Duplex, face: StdioFace | null): Promise<void> {
  face?.drain();
  await face?.ended;
  if (socket.destroyed) return;
  const cut = setTimeout(() => socket.destroy(), LIMITS.socketEndMs);
  socket.end(() => socket.destroy());
  await new Promise<void>((closed) => socket.once('close', () => closed()));
  clearTimeout(cut);
}
