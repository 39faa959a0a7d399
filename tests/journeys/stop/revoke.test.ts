import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createServer } from '../../../src/base/http.ts';
import { ask } from '../../../src/cli/instance.ts';
import type { LogEntry, OperatorGround } from '../operator-ground.ts';
import { OutsideGround } from './outside-ground.ts';

/** Secrets of upstreams after a kill, in a real instance: by a real program and at a real address. */

const HUB_SECRET = 'hub-admin-key-0001';
const STUCK_SECRET = 'stuck-secret-value-77';

/** Where the secret of `hub` is made and ended: a token that works until it is deleted. */
let hubWorks = true;
const hubSaw: string[] = [];
const hub = createServer(({ method, url, headers: { authorization } }, response) => {
  hubSaw.push(`${method} ${url} ${authorization}`);
  response.writeHead(hubWorks ? 200 : 401).end();
  if (method === 'DELETE') hubWorks = false;
});

let outside: OutsideGround;
beforeAll(async () => {
  await new Promise<void>((resolve) => hub.listen(0, '127.0.0.1', resolve));
  const at = `http://127.0.0.1:${(hub.address() as AddressInfo).port}`;
  outside = await OutsideGround.open((ground) => {
    ground.write('valid', '');
    ground.write('box.sh', 'echo box >> runs; rm -f valid\n');
    // The first time it does not end, but with the directory.
    const forever = '{ touch started; while [ -e started ]; do sleep 0.1; done; }';
    ground.write('slow.sh', `echo slow >> runs; [ -e started ] || ${forever}; rm -f slow-valid\n`);
    ground.write('slow-valid', '');
    ground.write('hub.key', `Bearer ${HUB_SECRET}\n`);
    ground.write('stuck.key', `${STUCK_SECRET}\n`);
    for (const name of ['box', 'slow', 'bare']) ground.write(`${name}.key`, `${name}-secret-value\n`);
    return { upstreams: `upstreams: ${JSON.stringify(upstreamsOf(ground, at))}` };
  });
});
afterAll(async () => {
  hub.close();
  hub.closeAllConnections();
  await outside.ground.remove();
});

function upstreamsOf(ground: OperatorGround, at: string): object {
  const given = (name: string) => ground.upstream({ SECRET: `file:${name}.key` });
  const headers = { Authorization: 'file:hub.key' };
  return {
    box: {
      ...given('box'),
      revoke: { command: ['sh', 'box.sh'], verify: { command: ['test', '-e', 'valid'] } },
    },
    hub: {
      ...given('hub'),
      revoke: { url: `${at}/token`, method: 'DELETE', headers, verify: { url: `${at}/me`, headers } },
    },
    stuck: {
      ...given('stuck'),
      revoke: { command: ['sh', '-c', 'echo "no: $KEY"; exit 3'], env: { KEY: 'file:stuck.key' } },
    },
    slow: {
      ...given('slow'),
      revoke: { command: ['sh', 'slow.sh'], verify: { command: ['test', '-e', 'slow-valid'] } },
    },
    bare: given('bare'),
  };
}

const kill = async (scope: string, level = 'killed') =>
  (await outside.ada.post('/v1/stop', { scope, level })).body;
const runs = () => {
  const path = join(outside.ground.directory, 'runs');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
};

/** Waits until an entry stands in the log. */
async function entry(kind: string, is: (entry: LogEntry) => boolean): Promise<LogEntry> {
  for (;;) {
    const found = (await outside.ground.entries(kind)).find(is);
    if (found !== undefined) return found;
    await pause(50);
  }
}
const revoked = (upstream: string) => entry('containment.revoked', (one) => one['upstream'] === upstream);

it('is named beforehand, with who shares it and with what nothing revokes', async () => {
  const { body } = await outside.ada.get('/v1/stop?scope=agent:writer&level=killed');
  expect(body.secrets).toEqual(
    [
      ['box', 'proved'],
      ['hub', 'proved'],
      ['stuck', 'unproved'],
      ['slow', 'proved'],
      ['bare', 'none'],
    ].map(([upstream, revoke]) => ({ upstream, revoke, agents: ['writer'], others: ['other'] })),
  );
  const seen = await outside.ground.run('stop agent:writer --level killed --dry-run');
  expect(seen.stdout).toContain('the secret of box would be revoked by a kill by a person who is signed in');
  expect(seen.stdout).toContain('the secret of bare would stay good: nothing revokes it');
  expect(seen.stdout).toContain('It is also used by other.');
});

it('is a hole in what is covered where nothing revokes it', async () => {
  const [covered] = await outside.ground.entries('instance.coverage');
  const holes = (covered?.['holes'] ?? []) as { hole: string; about?: string }[];
  expect(holes.filter(({ hole }) => hole === 'secret-without-revoke')).toMatchObject([{ about: 'bare' }]);
});

it('P4 is not revoked by the socket, nor by who asks for less', async () => {
  const stopped = (await ask(outside.ground.config, 'POST /v1/stop', {
    scope: 'upstream:box',
    level: 'killed',
  })) as { secrets: unknown };
  expect(stopped.secrets).toMatchObject([{ upstream: 'box', revoke: 'proved' }]);
  const told = await outside.ground.run('stop upstream:box --level killed');
  expect(told.stdout).toContain('the secret of box STAYS good: it is revoked by a kill by a person');
  expect(await kill('upstream:box', 'frozen')).toMatchObject({ level: 'killed' });
  expect(existsSync(join(outside.ground.directory, 'valid'))).toBe(true);
});

it('P4 is revoked once a signed-in person kills, by the program that is configured, and proved', async () => {
  expect(await kill('upstream:box')).toMatchObject({ secrets: [{ upstream: 'box' }] });
  expect(await revoked('box')).toMatchObject({
    by: 'stop',
    scope: 'upstream:box',
    agents: ['writer', 'other'],
    attempts: 1,
    proved: true,
  });
  expect(runs()).toEqual(['box']);
  // The kill by the socket and the milder stop after it have begun nothing.
  expect(await outside.ground.entries('containment.revoking')).toHaveLength(1);
});

it('P4 is revoked by a stop key, at an address, with the secret that is named', async () => {
  const { body } = await outside.stop({ what: 'upstream:hub', level: 'killed' });
  expect(body).toMatchObject({ cut: expect.arrayContaining(['the secret of hub is being revoked']) });
  expect(JSON.stringify(body)).not.toContain(HUB_SECRET);
  expect(await revoked('hub')).toMatchObject({ proved: true, attempts: 1 });
  const read = `GET /me Bearer ${HUB_SECRET}`;
  expect(hubSaw).toEqual([read, `DELETE /token Bearer ${HUB_SECRET}`, read]);
});

it('pages somebody where it cannot be revoked, and says nothing that is secret', async () => {
  await kill('upstream:stuck');
  expect(await revoked('stuck')).toMatchObject({
    attempts: 4,
    proved: false,
    failed: 'the step was not done: exit 3',
    said: 'no: [secret]',
  });
  expect(await entry('alert.raised', ({ subject }) => subject === 'revoke-failed')).toMatchObject({
    page: true,
  });
  await outside.running.says('the secret of stuck may work still');
});

it('P4 P7 is taken up again after a kill -9 in the middle', async () => {
  await kill('upstream:slow');
  await entry('containment.revoking', ({ scope }) => scope === 'upstream:slow');
  while (!existsSync(join(outside.ground.directory, 'started'))) await pause(20);
  await outside.running.end('SIGKILL');
  expect((await outside.ground.entries('containment.revoked')).map((one) => one['upstream'])).not.toContain(
    'slow',
  );
  await outside.up();
  expect(await revoked('slow')).toMatchObject({ proved: true });
  expect(runs().filter((name) => name === 'slow')).toHaveLength(2);
  await outside.running.says('revoking the secret of slow');
  // What was done before is not done again.
  expect(runs().filter((name) => name === 'box')).toHaveLength(1);
});

it('the log of all that holds, and has no secret in it', async () => {
  const seen = await outside.ground.run('log verify --deep');
  expect(seen).toMatchObject({ code: 0, stdout: expect.stringContaining('The log holds') });
  const all = JSON.stringify(await outside.ground.entries());
  for (const secret of [HUB_SECRET, STUCK_SECRET]) expect(all).not.toContain(secret);
});
