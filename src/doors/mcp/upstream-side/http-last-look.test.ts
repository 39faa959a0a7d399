import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { afterEach, describe, expect, test } from 'vitest';
import {
  type Clients,
  createClients,
  execute,
  httpUpstream,
  textOf,
} from '../../../../tests/fixtures/upstreams/client.ts';
import { heldTlsServer, localhostCert } from '../../../../tests/fixtures/upstreams/held-tls.ts';
import { callsIn, type HttpFixture, startHttpFixture } from '../../../../tests/fixtures/upstreams/start.ts';
import { problem } from '../../../base/errors.ts';
import type { UpstreamsDeps } from './index.ts';

let clients: Clients | undefined;
const fixtures: HttpFixture[] = [];

afterEach(async () => {
  await clients?.stop();
  await Promise.all(fixtures.splice(0).map((fixture) => fixture.stop()));
});

async function fixture(name: string, ...args: string[]): Promise<HttpFixture> {
  const started = await startHttpFixture(name, ...args);
  fixtures.push(started);
  return started;
}

async function connect(url: string, limits: UpstreamsDeps['limits'] = {}): Promise<Clients> {
  clients = createClients([httpUpstream('far', url)], { probeMs: 500, ...limits });
  await clients.start();
  return clients;
}

const halted = problem('FROZEN');

describe('the last look', () => {
  test('a switch that is on once the connection stands lets no byte of the request out', async () => {
    const trusted = getCACertificates('default');
    setDefaultCACertificates([...trusted, localhostCert]);
    const far = await heldTlsServer();
    try {
      // Connecting, meeting and listing goes through; the held connection is that of the call.
      const up = await connect(far.url);
      const session = await up.open('far', '2026');
      await far.cutAll();
      const arriving = far.hold();
      let on: typeof halted | null = null;
      const reply = execute(session, 'echo', { text: 'late' }, { halted: () => on });
      const release = await arriving;
      on = halted;
      release();
      expect(await reply).toEqual({ kind: 'not-sent', problem: halted });
      expect(await far.bytesOfReleased()).toBe(0);
      expect(far.bodies.join('\n')).not.toContain('late');
      // The same way, with the switch off, is one on which bytes do arrive.
      const arrivingNext = far.hold();
      const next = execute(session, 'echo', { text: 'next' });
      (await arrivingNext)();
      expect(textOf(await next)).toBe('next');
      await far.cutAll();
      expect(await far.bytesOfReleased()).toBeGreaterThan(0);
    } finally {
      await clients?.stop();
      far.close();
      setDefaultCACertificates(trusted);
    }
  });

  test('a call that waits for a connection is looked at when it gets one', async () => {
    const far = await fixture('hostile-http.mjs');
    const session = await (await connect(far.url, { connections: 1 })).open('far', '2025');
    const first = execute(session, 'hold');
    let on: typeof halted | null = null;
    const second = execute(session, 'echo', { text: 'late' }, { halted: () => on });
    await new Promise((resolve) => setImmediate(resolve));
    on = halted;
    while (callsIn(await far.received(), 'hold').length === 0);
    await far.poke('/release');
    expect(textOf(await first)).toBe('released');
    expect(await second).toEqual({ kind: 'not-sent', problem: halted });
    expect(callsIn(await far.received(), 'echo')).toEqual([]);
  });

  test('cancelled while it waits for a connection, nothing of it leaves', async () => {
    const far = await fixture('hostile-http.mjs');
    const session = await (await connect(far.url, { connections: 1 })).open('far', '2025');
    const first = execute(session, 'hold');
    const controller = new AbortController();
    const second = execute(session, 'echo', { text: 'late' }, { signal: controller.signal });
    while (callsIn(await far.received(), 'hold').length === 0);
    controller.abort();
    expect(textOf(await second)).toBe('not-sent: ABORTED');
    await far.poke('/release');
    expect(textOf(await first)).toBe('released');
    expect(textOf(await execute(session, 'echo', { text: 'own' }))).toBe('own');
    expect(callsIn(await far.received(), 'echo')).toHaveLength(1);
  });

  test('nobody there: not sent', async () => {
    const far = await fixture('hostile-http.mjs');
    const session = await (await connect(far.url)).open('far', '2025');
    await far.stop();
    // The first may still find a connection that is just being closed; what it says is then that it does not know.
    await execute(session, 'echo');
    expect(textOf(await execute(session, 'echo'))).toBe('not-sent: UPSTREAM_UNAVAILABLE');
  });
});
