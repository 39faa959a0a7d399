import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { TunnelEnd } from '../../model/outcome.ts';
import type { Reply } from '../../pipeline/ports/upstream.ts';

type Ended = TunnelEnd['ended'];

/** Carries bytes both ways until an end closes, the tunnel is idle or full, or `signal` cuts it; never rejects. */
export function carry(client: Duplex, remote: Socket, name: string, signal: AbortSignal): Promise<Reply> {
  return new Promise((resolve) => {
    const address = `${remote.remoteFamily === 'IPv6' ? `[${remote.remoteAddress}]` : remote.remoteAddress}:${remote.remotePort}`;
    const passed = { sent: 0, received: 0 };
    let isOver = false;
    const end = (ended: Ended): void => {
      if (isOver) return;
      isOver = true;
      clearTimeout(idle);
      signal.removeEventListener('abort', cut);
      client.destroy();
      // RST where it was cut: what waits in the kernel to be sent is dropped, and does not leave after the stop.
      if (ended === 'cut') remote.resetAndDestroy();
      else remote.destroy();
      resolve(replyOf({ address, ...passed, ended }, name));
    };
    const cut = () => end('cut');
    const idle = setTimeout(() => end('idle'), LIMITS.tunnelIdleMs);
    const count = (way: keyof typeof passed, bytes: number): void => {
      passed[way] += bytes;
      idle.refresh();
      if (passed.sent + passed.received > LIMITS.tunnelBytes) end('full');
    };
    if (signal.aborted) return end('cut');
    signal.addEventListener('abort', cut, { once: true });
    client.on('data', (chunk: Buffer) => count('sent', chunk.length));
    remote.on('data', (chunk: Buffer) => count('received', chunk.length));
    client.on('error', () => end('broken'));
    remote.on('error', () => end('broken'));
    let first: Ended | undefined;
    client.once('end', () => (first ??= 'agent'));
    remote.once('end', () => (first ??= 'host'));
    // What the other end has not taken yet still goes there.
    client.once('close', () => remote.end(() => end(first ?? 'agent')));
    remote.once('close', () => client.end(() => end(first ?? 'host')));
    client.pipe(remote);
    remote.pipe(client);
  });
}

/** What was cut may have had its effect: how it ended is not known. */
function replyOf(tunnel: TunnelEnd, name: string): Reply {
  if (tunnel.ended === 'cut')
    return { kind: 'lost', problem: problem('CANCELLED', { upstream: name }), tunnel };
  const { address, sent, received, ended } = tunnel;
  const isError = ended === 'full' || ended === 'broken';
  return {
    kind: 'result',
    result: { address, sent, received, ended, ...(isError ? { isError } : {}) },
    tunnel,
  };
}
