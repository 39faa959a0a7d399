import { once } from 'node:events';
import { createServer, IncomingMessage, request } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { heldBytes } from '../../../tests/held-bytes.ts';
import { problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { Arriving, type BodyRead, readBody } from './body.ts';
import { DoorRequest } from './door-request.ts';

/** So much room is left; others have the rest. */
function full(left: number): Arriving {
  const arriving = new Arriving();
  for (let i = 0; i < LIMITS.arrivingBytes - left; i += LIMITS.requestBytes)
    arriving.take(`agent-${i}`, Math.min(LIMITS.requestBytes, LIMITS.arrivingBytes - left - i));
  return arriving;
}

describe.each([
  ['as the parser hands it over', DoorRequest],
  ['as a stream', IncomingMessage],
])('a body, %s,', (_, Request) => {
  let close = (): void => {};
  afterEach(() => close());

  /** Sends `body` to a server that only reads; `hold` keeps the request unfinished. */
  async function read(arriving: Arriving, body: Buffer, refuse = false, hold = false): Promise<BodyRead> {
    let seen: (read: BodyRead) => void = () => {};
    const outcome = new Promise<BodyRead>((resolve) => {
      seen = resolve;
    });
    const server = createServer({ IncomingMessage: Request }, (req, res) => {
      readBody(req, arriving, refuse ? problem('TOKEN_REFUSED') : 'writer', (found) => {
        seen(found);
        res.end();
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () => server.close();
    const { port } = server.address() as AddressInfo;
    const client = request({ port, host: '127.0.0.1', method: 'POST', agent: false });
    client.on('error', () => {});
    client.on('response', (res) => res.resume());
    client.write(body);
    if (!hold) client.end();
    else void vi.waitFor(() => expect(arriving.bytes).toBe(body.length)).then(() => client.destroy());
    return outcome;
  }

  it('is whole, and nothing of it is held afterwards', async () => {
    const arriving = new Arriving();
    const body = Buffer.alloc(300_000, 0x61);
    expect(await read(arriving, body)).toEqual({ kind: 'body', bytes: body });
    expect(arriving.bytes).toBe(0);
  });

  it('is refused where all that arrives is too much already', async () => {
    const arriving = full(10);
    const found = await read(arriving, Buffer.alloc(11, 0x61));
    expect(found).toMatchObject({ kind: 'refused', problem: { code: 'BUSY' }, cut: false });
    expect(arriving.bytes).toBe(LIMITS.arrivingBytes - 10);
    expect(await read(arriving, Buffer.alloc(10, 0x61))).toMatchObject({ kind: 'body' });
  });

  it('of one agent that lets many lie unfinished leaves room for those of others', () => {
    const arriving = new Arriving();
    let held = 0;
    while (arriving.take('slow', 1024 * 1024)) held += 1024 * 1024;
    expect(held).toBe(LIMITS.arrivingBytesEach);
    expect(arriving.take('other', LIMITS.requestBytes)).toBe(true);
    arriving.letGo('slow', 1024 * 1024);
    expect(arriving.take('slow', 1024 * 1024)).toBe(true);
    arriving.letGo('slow', held);
    arriving.letGo('other', LIMITS.requestBytes);
    expect(arriving.bytes).toBe(0);
  });

  it('is not kept where it is refused anyway', async () => {
    const arriving = full(0);
    const found = await read(arriving, Buffer.alloc(1000, 0x61), true);
    expect(found).toMatchObject({ kind: 'refused', problem: { code: 'TOKEN_REFUSED' }, cut: false });
  });

  it('that is far too large is cut, and nothing more of it is read', async () => {
    const found = await read(new Arriving(), Buffer.alloc(LIMITS.drainBytes + 1, 0x61));
    expect(found).toMatchObject({ kind: 'refused', problem: { code: 'BODY_TOO_LARGE' }, cut: true });
  });

  it('is let go of when its sender goes away', async () => {
    const arriving = new Arriving();
    expect(await read(arriving, Buffer.alloc(1000, 0x61), false, true)).toEqual({ kind: 'gone' });
    expect(arriving.bytes).toBe(0);
  });
});

it('a body of which something came before it was asked for is read whole all the same', async () => {
  let seen: (read: BodyRead) => void = () => {};
  const outcome = new Promise<BodyRead>((resolve) => {
    seen = resolve;
  });
  const server = createServer({ IncomingMessage: DoorRequest }, (req, res) => {
    setTimeout(() => {
      readBody(req, new Arriving(), 'writer', (found) => {
        seen(found);
        res.end();
      });
    }, 20);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const client = request({ port, host: '127.0.0.1', method: 'POST', agent: false });
  client.on('response', (res) => res.resume());
  client.end('all of it');
  expect(await outcome).toEqual({ kind: 'body', bytes: Buffer.from('all of it') });
  server.close();
});

/** One Buffer for each would be 40 MB and more. */
const CHUNKS = 200_000;

it.each([
  ['is read', true, CHUNKS],
  // Beyond what a stream holds nothing is taken from the connection any more.
  ['waits for its turn', false, 60_000],
])('a body in chunks of one byte that %s takes hardly more room than its bytes', async (_, isRead, count) => {
  const arriving = new Arriving();
  const server = createServer({ IncomingMessage: DoorRequest }, (req) => {
    if (isRead) readBody(req, arriving, 'writer', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const before = heldBytes();
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const arrived = once(server, 'request');
  client.write('POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
  const [req] = await arrived;
  client.write('1\r\nx\r\n'.repeat(count));
  await vi.waitFor(() => expect(req.socket.bytesRead).toBeGreaterThan(6 * count), 60_000);
  expect(heldBytes() - before).toBeLessThan(8_000_000);
  client.destroy();
  server.close();
});
