import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { problem } from '../../../base/errors.ts';
import { LIMITS } from '../../../base/limits.ts';
import { type Arriving, type BodyRead, readBody } from './body.ts';

describe('a body', () => {
  let close = (): void => {};
  afterEach(() => close());

  /** Sends `body` to a server that only reads; `hold` keeps the request unfinished. */
  async function read(arriving: Arriving, body: Buffer, refuse = false, hold = false): Promise<BodyRead> {
    let seen: (read: BodyRead) => void = () => {};
    const outcome = new Promise<BodyRead>((resolve) => {
      seen = resolve;
    });
    const server = createServer((req, res) => {
      readBody(req, arriving, refuse ? problem('TOKEN_REFUSED') : null, (found) => {
        seen(found);
        res.end();
      });
      if (hold) req.once('data', () => client.destroy());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    close = () => server.close();
    const { port } = server.address() as AddressInfo;
    const client = request({ port, host: '127.0.0.1', method: 'POST', agent: false });
    client.on('error', () => {});
    client.on('response', (res) => res.resume());
    client.write(body);
    if (!hold) client.end();
    return outcome;
  }

  it('is whole, and nothing of it is held afterwards', async () => {
    const arriving = { bytes: 0 };
    const body = Buffer.alloc(300_000, 0x61);
    expect(await read(arriving, body)).toEqual({ kind: 'body', bytes: body });
    expect(arriving.bytes).toBe(0);
  });

  it('is refused where all that arrives is too much already', async () => {
    const arriving = { bytes: LIMITS.arrivingBytes - 10 };
    const found = await read(arriving, Buffer.alloc(11, 0x61));
    expect(found).toMatchObject({ kind: 'refused', problem: { code: 'BUSY' }, cut: false });
    expect(arriving.bytes).toBe(LIMITS.arrivingBytes - 10);
    expect(await read(arriving, Buffer.alloc(10, 0x61))).toMatchObject({ kind: 'body' });
  });

  it('is not kept where it is refused anyway', async () => {
    const arriving = { bytes: LIMITS.arrivingBytes };
    const found = await read(arriving, Buffer.alloc(1000, 0x61), true);
    expect(found).toMatchObject({ kind: 'refused', problem: { code: 'TOKEN_REFUSED' }, cut: false });
  });

  it('is let go of when its sender goes away', async () => {
    const arriving = { bytes: 0 };
    expect(await read(arriving, Buffer.alloc(1000, 0x61), false, true)).toEqual({ kind: 'gone' });
    expect(arriving.bytes).toBe(0);
  });
});
