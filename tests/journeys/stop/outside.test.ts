import { once } from 'node:events';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { OutsideGround } from './outside-ground.ts';

/** Ways to stop that pass neither the doors nor the operator socket, on a real instance. */

let outside: OutsideGround;
let token: string;
beforeAll(async () => {
  outside = await OutsideGround.open();
  const made = await outside.ada.do('/v1/agents/writer/token');
  token = made.body.token;
});
afterAll(() => outside.ground.remove());

const call = async () => (await outside.running.call(token, 'look')).text;
/** The last stop in the log. */
const lastStop = async () => (await outside.ground.entries('containment.stopped')).at(-1);

/** Asks again until it is so. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await pause(50);
}

const expectStopped = () => until(async () => (await call()).includes('FROZEN'));
const expectRecorded = (by: string) => until(async () => (await lastStop())?.['by'] === by);

async function expectReleased(scope = 'all'): Promise<void> {
  expect(await outside.release(scope)).toBe(200);
  expect(await call()).not.toContain('FROZEN');
}

describe('a stop key', () => {
  it('P4 stops at the brake: in effect, kept and recorded when it is answered, by the person whose it is', async () => {
    expect(await call()).not.toContain('FROZEN');
    const { status, body } = await outside.stop({ what: 'all' });
    expect(status).toBe(200);
    expect(body).toMatchObject({ scope: 'all', level: 'frozen', inEffect: true, kept: true, recorded: true });
    expect(await call()).toContain('FROZEN');
    expect(await lastStop()).toMatchObject({ scope: 'all', level: 'frozen', by: 'stop-key', person: 'ada' });
    expect(outside.kept()).toEqual([]);
    await expectReleased();
  });

  it('stops one agent, and at any level but live', async () => {
    expect(await outside.stop({ what: 'agent:writer', level: 'frozen' })).toMatchObject({ status: 200 });
    expect(await call()).toContain('FROZEN');
    expect((await outside.stop({ what: 'agent:writer', level: 'live' })).status).toBe(400);
    expect(await call()).toContain('FROZEN');
    await expectReleased('agent:writer');
  });

  it('says that there is nobody of that name, and stops nobody', async () => {
    for (const [what, guess] of [
      ['agent:writr', 'writer'],
      ['owner:adda', 'ada'],
      ['upstream:bx', 'box'],
    ] as const) {
      const { status, body } = await outside.stop({ what });
      expect({ status, error: body['error'] }).toMatchObject({
        status: 404,
        error: { code: 'SCOPE_UNKNOWN' },
      });
      expect(JSON.stringify(body)).toContain(`did you mean \\"${guess}\\"`);
    }
    const form = new URLSearchParams({ key: outside.key, what: 'agent:writr' });
    const page = await fetch(`http://127.0.0.1:${outside.brake}/stop`, { method: 'POST', body: form });
    expect([page.status, (await page.text()).includes('Nothing was stopped')]).toEqual([404, true]);
    expect(await call()).not.toContain('FROZEN');
  });

  it.each(['everything', 'agent', 'agent:', 'Agent:writer', 'session:', ''])(
    'a stop of "%s" is refused with the words that there are, as JSON and on the page, and stops nothing',
    async (what) => {
      const { status, body } = await outside.stop({ what });
      const words =
        'cannot be stopped; say all, agent:ID, owner:ID, session:ID, operation:NAME, upstream:ID or target:ID.';
      expect({ status, error: body['error'] }).toMatchObject({
        status: 400,
        error: { code: 'BAD_REQUEST', sentence: `"${what}" ${words}` },
      });
      const form = new URLSearchParams({ key: outside.key, what });
      const page = await fetch(`http://127.0.0.1:${outside.brake}/stop`, { method: 'POST', body: form });
      expect([page.status, (await page.text()).includes(words)]).toEqual([400, true]);
      expect(await call()).not.toContain('FROZEN');
    },
  );

  it('stops at `control` too, and opens nothing else there', async () => {
    const headers = { authorization: `Bearer ${outside.key}`, 'content-type': 'application/json' };
    const origin = `http://localhost:${outside.control}`;
    const stopped = await fetch(`${origin}/stop`, { method: 'POST', headers, body: '{"what":"all"}' });
    expect(await stopped.json()).toMatchObject({ inEffect: true, recorded: true });
    for (const path of ['/v1/release', '/v1/stop-keys', '/v1/agents/writer/token', '/v1/session'])
      expect(
        (await outside.ada.send('POST', path, { scope: 'all', why: 'x' }, outside.key)).status,
      ).toBeGreaterThan(400);
    expect(await call()).toContain('FROZEN');
    await expectReleased();
  });

  it('does nothing on GET, from another page, under another name, or for whoever has none', async () => {
    const url = `http://127.0.0.1:${outside.brake}/stop`;
    const shown = await fetch(`${url}?what=all`, { headers: { authorization: `Bearer ${outside.key}` } });
    expect([shown.status, (await shown.text()).includes('Stop everything')]).toEqual([200, true]);
    const wrong = `lyb_${outside.key.slice(4, 12)}_${'A'.repeat(43)}`;
    for (const [key, headers, status] of [
      [outside.key, { origin: 'https://evil.example' }, 403],
      [outside.key, { origin: 'null' }, 403],
      [outside.key, { origin: `http://127.0.0.1:${outside.control}` }, 403],
      [outside.key, { 'sec-fetch-site': 'cross-site' }, 403],
      [wrong, {}, 403],
      ['', {}, 401],
      ['nonsense', {}, 401],
    ] as const)
      expect({ key, headers, status: (await outside.stop({ what: 'all' }, key, headers)).status }).toEqual({
        key,
        headers,
        status,
      });
    expect(await call()).not.toContain('FROZEN');
  });

  it("gives an agent's token 403, told in the log", async () => {
    for (let i = 0; i < 3; i++) expect((await outside.stop({ what: 'all' }, token)).status).toBe(403);
    expect(await call()).not.toContain('FROZEN');
  });

  it('P4 that somebody has read off the wire stops again, byte for byte, opens no other door, and ends with its key', async () => {
    const { body: made } = await outside.ada.post('/v1/stop-keys');
    const words = '{"what":"all"}';
    const lines = [
      'POST /stop HTTP/1.1',
      `Host: 127.0.0.1:${outside.brake}`,
      `Authorization: Bearer ${made.key}`,
      'Content-Type: application/json',
      `Content-Length: ${words.length}`,
      'Connection: close',
    ];
    const bytes = `${lines.join('\r\n')}\r\n\r\n${words}`;
    const replay = async () => {
      const socket = connect(outside.brake, '127.0.0.1');
      socket.write(bytes);
      return Number((await text(socket)).split(' ')[1]);
    };
    for (let time = 0; time < 2; time++) {
      expect(await replay()).toBe(200);
      expect(await lastStop()).toMatchObject({ by: 'stop-key', person: 'ada' });
      await expectReleased();
    }
    const url = await outside.running.url();
    const headers = { authorization: `Bearer ${made.key}`, 'content-type': 'application/json' };
    for (const path of ['/mcp/box', '/mcp', '/access/v1/evaluation', '/access/v1/outcome'])
      expect((await fetch(`${url}${path}`, { method: 'POST', headers, body: '{}' })).status).toBe(401);
    expect((await outside.ada.post(`/v1/stop-keys/${made.id}/revoke`)).status).toBe(200);
    expect(await replay()).toBe(403);
    expect(await call()).not.toContain('FROZEN');
  });

  it('is listed, revoked, and good no more', async () => {
    const made = await outside.ada.post('/v1/stop-keys');
    expect(made.body.link).toBe(`http://localhost:${outside.control}/stop#${made.body.key}`);
    const listed = await outside.ada.get('/v1/stop-keys');
    expect(listed.body.keys.map(({ id }: { id: string }) => id)).toContain(made.body.id);
    expect(JSON.stringify(listed.body)).not.toContain(made.body.key);
    expect((await outside.ada.post(`/v1/stop-keys/${made.body.id}/revoke`)).status).toBe(200);
    expect((await outside.stop({ what: 'all' }, made.body.key)).status).toBe(403);
    expect(await call()).not.toContain('FROZEN');
  });
});

describe('the file STOP', () => {
  it('P4 freezes everything, is remembered, and releases nothing when it goes', async () => {
    const file = join(outside.ground.state, 'STOP');
    writeFileSync(file, '');
    await expectStopped();
    await expectRecorded('sentinel');
    // As long as it stands nothing is released.
    expect(await outside.release()).toBe(409);
    rmSync(file);
    expect(await call()).toContain('FROZEN');
    await expectReleased();
  });

  it('P2 stops everything where nobody can tell whether it stands', async () => {
    const { state } = outside.ground;
    renameSync(state, `${state}-away`);
    try {
      await expectStopped();
    } finally {
      renameSync(`${state}-away`, state);
    }
    await expectRecorded('sentinel');
    await expectReleased();
  });
});

describe('SIGUSR2', () => {
  it('P4 freezes everything', async () => {
    outside.running.child.kill('SIGUSR2');
    await expectStopped();
    await expectRecorded('signal');
    await expectReleased();
  });
});

describe('kill -9 right after the brake has answered', () => {
  it('P4 finds everything stopped at the next start, and tells it in the log', async () => {
    const { body } = await outside.stop({ what: 'all', why: 'from my phone' });
    expect(body).toMatchObject({ kept: true });
    await outside.running.end('SIGKILL');
    await outside.up();
    expect(await call()).toContain('FROZEN');
    expect(await lastStop()).toMatchObject({ by: 'stop-key', person: 'ada', why: 'from my phone' });
    expect(outside.kept()).toEqual([]);
    await expectReleased();
  });

  it('takes up what was kept and never recorded, and freezes everything for what it cannot read', async () => {
    await outside.running.end('SIGKILL');
    const id = '01K00000000000000000000000';
    const stop = { id, scope: 'agent:writer', level: 'frozen', by: 'stop-key', person: 'ada' };
    outside.ground.write(`state/outside/${id}.json`, JSON.stringify(stop));
    await outside.up();
    expect(await call()).toContain('FROZEN');
    expect(await lastStop()).toMatchObject({ scope: 'agent:writer', by: 'stop-key' });
    expect(outside.kept()).toEqual([]);
    await expectReleased('agent:writer');

    await outside.running.end();
    outside.ground.write(`state/outside/${id}.json`, '');
    await outside.up();
    expect(await call()).toContain('FROZEN');
    expect(await lastStop()).toMatchObject({ scope: 'all', by: 'fault' });
    rmSync(join(outside.ground.state, 'outside', `${id}.json`));
    await expectReleased();
  });

  it('finds the file STOP at a start', async () => {
    await outside.running.end();
    writeFileSync(join(outside.ground.state, 'STOP'), 'whatever');
    await outside.up();
    expect(await call()).toContain('FROZEN');
    rmSync(join(outside.ground.state, 'STOP'));
    await expectReleased();
  });
});

describe('./lanyard stop', () => {
  const stop = (env: Readonly<Record<string, string>> = {}, what = 'all') =>
    outside.ground.run(`stop ${what}`, { env });

  it('takes the brake where the operator socket is gone', async () => {
    const socket = join(outside.ground.state, 'operator.sock');
    renameSync(socket, `${socket}-away`);
    const ended = await stop({ LANYARD_STOP_TOKEN: outside.key }, 'agent:writer');
    renameSync(`${socket}-away`, socket);
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^agent:writer is frozen\n/) });
    expect(ended.stdout).toMatch(/nothing was running there\n$/);
    expect(ended.stderr).toContain('went through the brake');
    expect(await call()).toContain('FROZEN');
    await expectReleased('agent:writer');
  });

  it('takes the brake where the operator socket answers that it cannot', async () => {
    const socket = join(outside.ground.state, 'operator.sock');
    renameSync(socket, `${socket}-away`);
    const broken = createServer((request, response) => {
      request.resume();
      response.writeHead(500, { 'content-type': 'application/json' });
      response.end('{"error":{"sentence":"something broke"}}');
    });
    await once(broken.listen(socket), 'listening');
    const ended = await stop({ LANYARD_STOP_TOKEN: outside.key }, 'agent:writer');
    broken.close();
    renameSync(`${socket}-away`, socket);
    expect(ended).toMatchObject({ code: 0, stderr: expect.stringContaining('went through the brake') });
    expect(await call()).toContain('FROZEN');
    await expectReleased('agent:writer');
  });

  it('says what the brake refuses, and stops by the file where it is the key that is refused', async () => {
    const socket = join(outside.ground.state, 'operator.sock');
    renameSync(socket, `${socket}-away`);
    const mistyped = await stop({ LANYARD_STOP_TOKEN: outside.key }, 'agent:writr');
    expect(mistyped).toMatchObject({ code: 1, stderr: expect.stringContaining('did you mean "writer"') });
    expect(existsSync(join(outside.ground.state, 'STOP'))).toBe(false);
    const bad = `lyb_${outside.key.slice(4, 12)}_${'A'.repeat(43)}`;
    const ended = await stop({ LANYARD_STOP_TOKEN: bad }, 'agent:writer');
    renameSync(`${socket}-away`, socket);
    expect(ended).toMatchObject({ code: 0, stdout: 'all is frozen\n' });
    expect(ended.stderr).toContain('This stop key is not good');
    await expectStopped();
    rmSync(join(outside.ground.state, 'STOP'));
    await expectReleased();
  });

  it('P4 writes the file STOP where nothing answers at all, and says so', async () => {
    outside.running.child.kill('SIGSTOP');
    const ended = await stop({ LANYARD_STOP_TOKEN: outside.key });
    outside.running.child.kill('SIGCONT');
    expect(ended).toMatchObject({ code: 0, stdout: 'all is frozen\n' });
    expect(ended.stderr).toContain(join(outside.ground.state, 'STOP'));
    await expectStopped();
    rmSync(join(outside.ground.state, 'STOP'));
    await expectReleased();
  });

  it('is told no by a running instance, and goes no other way', async () => {
    const ended = await stop({ LANYARD_STOP_TOKEN: outside.key }, 'agent:writr');
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('did you mean "writer"') });
    expect(existsSync(join(outside.ground.state, 'STOP'))).toBe(false);
  });
});

it('the log holds what all of that wrote, agents at the brake included', async () => {
  expect((await outside.stop({ what: 'all' }, token)).status).toBe(403);
  await outside.running.end();
  const refused = await outside.ground.entries('instance.refused');
  expect(refused.filter(({ code, agent }) => code === 'AGENT_TOKEN' && agent === 'writer')).not.toEqual([]);
  expect(await outside.ground.run('log verify --deep')).toMatchObject({ code: 0 });
  expect(existsSync(join(outside.ground.state, 'outside', 'spare'))).toBe(true);
});
