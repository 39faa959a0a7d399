import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { ERRORS, type Problem, problem } from '../../../base/errors.ts';
import { LIMITS } from '../../../base/limits.ts';
import type { McpDoorOptions } from './door.ts';
import { bearerOf, createGuard, upstreamOf } from './guard.ts';
import { type StdioFace, serveStdio } from './stdio.ts';

/** The protocol that `./lanyard mcp` asks to switch to: what follows is MCP's stdio transport, a message a line. */
export const STDIO_PROTOCOL = 'lanyard-stdio';

export interface StdioUpgrade {
  upgrade(req: IncomingMessage, socket: Duplex): void;
  /** Takes nothing more; resolves when what ran has ended, within LIMITS.drainMs, and every client is gone. */
  drain(): Promise<void>;
}

/**
 * The stdio face for a client in another process: `GET /mcp/<upstream>` with `Upgrade: lanyard-stdio` and a bearer
 * token, at the same address and behind the same checks as every other request.
 */
export function createStdioUpgrade(options: McpDoorOptions): StdioUpgrade {
  const { corridor, ids, clock, version, log } = options;
  const guard = createGuard(options.hosts);
  /** Sockets that the HTTP server no longer knows and its close waits for all the same; without a face, refused ones. */
  const open = new Map<Duplex, StdioFace | null>();
  let draining = false;
  return { upgrade, drain };

  function upgrade(req: IncomingMessage, socket: Duplex): void {
    socket.on('error', () => socket.destroy());
    socket.on('close', () => open.delete(socket));
    open.set(socket, null);
    if (draining) {
      refuse(socket, problem('SHUTTING_DOWN'));
      return;
    }
    const upstream = upstreamOf(req.url ?? '');
    const token = bearerOf(req);
    const from = req.socket.remoteAddress ?? '';
    const refusal = refusalOf(req, upstream);
    if (refusal !== null || upstream === undefined || token === undefined) {
      const found = refusal ?? problem('NOT_FOUND');
      corridor.refused(null, found);
      refuse(socket, found);
      return;
    }
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: ${STDIO_PROTOCOL}\r\nConnection: Upgrade\r\n\r\n`,
    );
    const face = serveStdio({
      corridor,
      ids,
      clock,
      token,
      from,
      upstream,
      input: socket,
      output: socket,
      version,
      log,
    });
    open.set(socket, face);
    socket.on('close', () => face.close());
    void face.ended.then(() => socket.end());
  }

  /** A client that does not close its side, or does not read, is cut: the server cannot close before. */
  async function drain(): Promise<void> {
    draining = true;
    await Promise.all(
      [...open].map(async ([socket, face]) => {
        face?.drain();
        await face?.ended;
        if (socket.destroyed) return;
        const cut = setTimeout(() => socket.destroy(), LIMITS.socketEndMs);
        socket.end(() => socket.destroy());
        await new Promise<void>((closed) => socket.once('close', () => closed()));
        clearTimeout(cut);
      }),
    );
  }

  function refusalOf(req: IncomingMessage, upstream: string | null | undefined): Problem | null {
    if (req.headers.upgrade !== STDIO_PROTOCOL || upstream === undefined) return problem('NOT_FOUND');
    const found = guard(req);
    if (found !== null) return found;
    const caller = corridor.authenticate(bearerOf(req), req.socket.remoteAddress ?? '');
    if (!caller.ok) return caller.error;
    // The agent that `./lanyard mcp --agent` names: with another one's token it would act under a wrong name.
    const named = req.headers['lanyard-agent'];
    if (named !== undefined && named !== caller.value.agent) return problem('TOKEN_REFUSED');
    if (upstream !== null && !corridor.upstreams().includes(upstream))
      return problem('UNKNOWN_UPSTREAM', { name: upstream });
    return null;
  }
}

function refuse(socket: Duplex, { code, sentence }: Problem): void {
  const body = `${JSON.stringify({ code, sentence })}\n`;
  const head = `HTTP/1.1 ${ERRORS[code].http} Refused\r\nContent-Type: application/json\r\nConnection: close\r\n`;
  socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () => socket.destroy());
}
