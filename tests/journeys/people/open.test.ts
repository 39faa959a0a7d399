import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import { Agent, getGlobalDispatcher, setGlobalDispatcher } from 'undici';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ask } from '../../../src/cli/instance.ts';
import { leafHash } from '../../../src/ledger/index.ts';
import { createTree } from '../../../src/ledger/tree.ts';
import { fixturePath } from '../../fixtures/upstreams/start.ts';
import { ROOT } from '../../source-tree.ts';
import { OperatorGround, type Running } from '../operator-ground.ts';
import { freePort, PersonAtBrowser } from '../people-ground.ts';

/** Of util-linux: gives a command a terminal. Where it is absent, what waits at one is skipped. */
const SCRIPT = existsSync('/usr/bin/script') ? '/usr/bin/script' : null;

/** What `control` shows without a sign-in, and an invitation that is mailed through a real SMTP server. */

let ground: OperatorGround;
let ada: PersonAtBrowser;
let bob: PersonAtBrowser;
let token: string;
let running: Running;
let server: SMTPServer;
const mails: string[] = [];
/** Links of messages that came to a phone. */
const clicks: string[] = [];

beforeAll(async () => {
  server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData(stream, session, done) {
      let text = '';
      stream.on('data', (chunk: Buffer) => {
        text += chunk;
      });
      stream.on('end', () => {
        mails.push(`${session.envelope.rcptTo.map(({ address }) => address).join()}\n${text}`);
        done();
      });
    },
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const address = server.server.address();
  ground = new OperatorGround();
  const port = await freePort();
  ground.write(
    'lanyard.yaml',
    ground.configuration({
      control: `control: 127.0.0.1:${port}`,
      people:
        'people: [{ id: ada, name: Ada, roles: [owner, admin] }, { id: bob, name: Bob, roles: [owner], email: bob@example.org }, { id: eve, name: Eve, roles: [owner] }]',
      agents:
        'agents: [{ id: writer, owner: ada, purpose: Looks }, { id: other, owner: eve, purpose: Looks }]',
      notify: `notify: { mail: { server: "smtp://127.0.0.1:${typeof address === 'object' ? address?.port : 0}", from: lanyard@example.org }, people: { bob: { channels: [{ mail: true }] }, ada: { channels: [{ ntfy: "http://127.0.0.1:1/ada" }] } } }`,
    }),
  );
  running = await ground.up();
  token = await ground.token();
  ada = new PersonAtBrowser(`http://localhost:${port}`);
  const { code } = (await ask(ground.config, 'POST /v1/enrol-code', { person: 'ada' })) as { code: string };
  await ada.enrol(code);
  await ada.signIn();
  await ada.settle();
});
afterAll(async () => {
  await ground.remove();
  await new Promise<void>((done) => server.close(() => done()));
});

const bytes = async (path: string, bearer?: string) => {
  const headers = bearer === undefined ? {} : { authorization: `Bearer ${bearer}` };
  const response = await fetch(`${ada.origin}${path}`, { headers });
  return { status: response.status, body: Buffer.from(await response.arrayBuffer()) };
};

describe('without a sign-in', () => {
  it('figures are told that name nobody and nothing', async () => {
    const { status, body } = await bytes('/metrics');
    const text = body.toString();
    expect(status).toBe(200);
    expect(text).toMatch(/^lanyard_log_entries \d+$/m);
    expect(text).toContain('# TYPE lanyard_decisions_total counter\n');
    expect(text).toContain('lanyard_claimed 1\n');
    expect(text).toContain('lanyard_agents{level="live"} 2\n');
    for (const name of ['writer', 'ada', 'box', 'mcp:']) expect(text).not.toContain(name);
    for (const line of text.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) lanyard_\w+ .+|lanyard_\w+(\{\w+="\w+"\})? \d+)$/);
    expect((await bytes('/metrics', token)).status).toBe(403);
  });

  it('the log’s hashes are served as tiles that give the root of its checkpoint; its entries are for people', async () => {
    const note = (await bytes('/log/checkpoint')).body.toString();
    const [, count = '', root] = note.split('\n');
    const size = Number(count);
    expect(size).toBeLessThan(256);
    const tile = await bytes(`/log/tile/0/000.p/${size}`);
    const tree = createTree();
    for (let i = 0; i < size; i++) tree.append(tile.body.subarray(i * 32, i * 32 + 32));
    expect(tree.root().toString('base64')).toBe(root);
    expect((await bytes(`/log/tile/entries/000.p/${size}`)).status).toBe(401);
    // Nobody configured it public, so `listen` has none of it.
    expect((await fetch(`${await running.url()}/log/checkpoint`)).ok).toBe(false);
    const entries = await bytes(`/log/tile/entries/000.p/${size}`, ada.token ?? '');
    const first = entries.body.subarray(2, 2 + entries.body.readUInt16BE(0));
    expect(Buffer.from(leafHash(first.toString()))).toEqual(tile.body.subarray(0, 32));
    for (const path of ['0/000', '0/001', '0/000.p/255', '9/000', '0/000.p/0', 'x/000', '0/x000/000'])
      expect((await bytes(`/log/tile/${path}`)).status, path).toBe(404);
  });
});

describe('an invitation', () => {
  it('is mailed to the invited person’s address, and its link is shown to nobody else', async () => {
    const { body } = await ada.do('/v1/people/bob/invite');
    expect(body).toEqual({ person: 'bob', mailed: true });
    const [mail = ''] = mails;
    expect(mail).toMatch(/^bob@example\.org\n/);
    const unfolded = mail.replaceAll('=\r\n', '').replaceAll('=3D', '=');
    const code = /\/enrol#([A-Za-z0-9-]+)/.exec(unfolded)?.[1] ?? '';
    bob = new PersonAtBrowser(ada.origin);
    expect(await bob.enrol(code)).toMatchObject({ status: 200 });
    expect(await bob.signIn()).toMatchObject({ status: 200 });
  });
});

describe('a test question', () => {
  it('P5 is mailed, answered by whom it asks with her passkey, seen back by the command, and does nothing', async () => {
    const mailed = mails.length;
    const asking = ground.run('phone --test bob');
    await expect.poll(() => mails.length, { timeout: 60_000 }).toBe(mailed + 1);
    const text = (mails.at(-1) ?? '').replaceAll('=\r\n', '').replaceAll('=3D', '=');
    expect(text).toContain('This is a test');
    const id = /\/confirm\/(\w+)/.exec(text)?.[1] ?? '';
    const before = (await ground.entries()).filter(({ kind }) => kind.startsWith('action.'));
    // An admin is somebody else, and the question is not hers.
    expect((await ada.sign(id)).body.error.sentence).toContain('the answer of bob');
    expect((await bob.sign(id, { userVerified: false })).body.error.code).toBe('PROOF_REFUSED');
    expect((await bob.get(`/v1/changes/${id}`)).body).toMatchObject({
      act: 'test-approval',
      state: 'waiting',
    });
    expect((await bob.sign(id)).status).toBe(200);
    const { code, stdout } = await asking;
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^sent by mail-/) });
    expect(stdout).toContain('bob answered the test question with a passkey');
    expect(await ground.entries('approval.tested')).toMatchObject([
      {
        test: true,
        subject: 'bob',
        answer: 'approve',
        by: 'person',
        person: 'bob',
        proof: { statement: { purpose: 'test-approval', person: 'bob' } },
      },
    ]);
    const after = (await ground.entries()).filter(({ kind }) => kind.startsWith('action.'));
    expect(after).toEqual(before);
    expect(await ground.run('log verify')).toMatchObject({ code: 0 });
  });

  it('is not asked of whom no message reaches, or who could not answer', async () => {
    // Nothing listens there: that is told, and not that it was sent.
    expect(await ground.run('phone --test ada')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/No message reached ada[\s\S]*not delivered by ntfy-[0-9a-f]{8}: /),
    });
    expect(await ground.run('phone --test ada')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('a moment ago'),
    });
    expect(await ground.run('phone --test eve')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('eve has no passkey'),
    });
    expect(await ground.run('phone --test adda')).toMatchObject({
      code: 1,
      stderr: 'lanyard: There is no person "adda" here; did you mean "ada"?\n',
    });
    expect(await ground.run('people sign-out adda')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/^lanyard: Nobody called "adda" is signed in.*; did you mean "ada"\?\n$/),
    });
    expect((await ground.entries('notice.failed')).filter(({ test }) => test === true)).toMatchObject([
      { person: 'ada', matters: [] },
    ]);
    expect((await bob.get('/v1/changes')).body).toEqual([]);
  });
});

describe('an invitation that no mail brings', () => {
  it('is a link where there is no address, or no server takes it', async () => {
    const { body } = await ada.do('/v1/people/eve/invite');
    expect(body).toMatchObject({
      person: 'eve',
      mailed: false,
      code: 'none',
      link: expect.stringContaining('/enrol#'),
    });
    await new Promise<void>((done) => server.close(() => done()));
    const again = await ada.do('/v1/people/bob/invite');
    expect(again.body).toMatchObject({
      mailed: false,
      code: expect.any(String),
      link: expect.stringContaining('#'),
    });
  });
});

describe('a phone', () => {
  it('is told what is missing before it can get in', async () => {
    const { code, stdout } = await ground.run('phone');
    expect(code).toBe(3);
    expect(stdout).toContain('set `publicUrl`');
    expect(stdout).toContain('Phones are not told yet');
  });
});

describe('what owners owe', () => {
  it('to say how an action ended that nobody knows of, once', async () => {
    const never = running.call(token, 'wait').catch(() => null);
    let action: unknown;
    while (action === undefined) action = (await ground.entries('action.decided'))[0]?.['action'];
    await Promise.all([running.end('SIGKILL'), never]);
    running = await ground.up();
    await ada.signIn();
    const unknown = async () =>
      (await ada.get('/v1/duties')).body.duties.filter(({ kind }: { kind: string }) => kind === 'unknown');
    expect(await unknown()).toMatchObject([{ person: 'ada', path: `/actions/${action}` }]);
    expect((await ada.get(`/v1/actions/${action}/explain`)).body.text).toContain('reads');
    // Read by its last word it would show another agent's than whoever looks at the first.
    const twice = await ada.get('/v1/actions?agent=writer&agent=other');
    expect([twice.status, JSON.stringify(twice.body)]).toEqual([
      400,
      expect.stringContaining('stands twice'),
    ]);
    const said = { ended: 'not-done', why: 'the box is untouched' };
    expect(await ada.post(`/v1/actions/${action}/resolve`, said)).toMatchObject({ status: 200 });
    expect(await unknown()).toEqual([]);
    expect((await ada.post(`/v1/actions/${action}/resolve`, said)).status).toBe(409);
    expect(await ground.entries('operator.resolved')).toMatchObject([
      { resolves: action, ...said, person: 'ada' },
    ]);
    expect((await ground.run('log verify --deep')).code).toBe(0);
  });
});

describe('a phone, with everything there', () => {
  it('is set up by one command: the address is tried, shown, and a test question goes there', async () => {
    const { port: controlPort } = new URL(ada.origin);
    // What speaks https in front, as `tailscale serve` does.
    const [cert, key] = ['cert', 'key'].map((what) => fixturePath(`tls/localhost-${what}.pem`));
    const front = createSecureServer(
      { cert: readFileSync(cert ?? ''), key: readFileSync(key ?? '') },
      (from, to) => {
        const { url = '', method, headers } = from;
        const onwards = request(
          { host: '127.0.0.1', port: controlPort, path: url, method, headers },
          (answer) => {
            to.writeHead(answer.statusCode ?? 502, answer.headers);
            answer.pipe(to);
          },
        );
        from.pipe(onwards);
      },
    );
    const topic = createServer((message, response) => {
      clicks.push(String(message.headers['click']));
      message.resume().on('end', () => response.end());
    });
    for (const one of [front, topic]) await new Promise<void>((done) => one.listen(0, '127.0.0.1', done));
    onTestFinished(() => {
      for (const one of [front, topic]) one.closeAllConnections();
      for (const one of [front, topic]) one.close();
    });
    const portOf = (one: { address(): unknown }) => (one.address() as AddressInfo).port;
    const publicUrl = `https://localhost:${portOf(front)}`;
    ground.write(
      'lanyard.yaml',
      ground
        .read('lanyard.yaml')
        // Nobody else is left who has a passkey.
        .replace(/\{ id: bob,[^}]*\}, /, '')
        .replace(
          /^notify:.*$/m,
          `notify: { people: { ada: { channels: [{ ntfy: "http://127.0.0.1:${portOf(topic)}/ada" }] } } }`,
        )
        .concat(`publicUrl: ${publicUrl}\nbehindProxy: true\n`),
    );
    expect(await ada.do('/v1/apply', { dryRun: false })).toMatchObject({ status: 200 });
    await running.end('SIGTERM');
    running = await ground.up();
    await running.url();
    const env = { NODE_EXTRA_CA_CERTS: cert ?? '' };
    const before = getGlobalDispatcher();
    setGlobalDispatcher(new Agent({ connect: { ca: readFileSync(cert ?? '') } }));
    onTestFinished(() => setGlobalDispatcher(before));
    // Behind a proxy people come by its name alone.
    const here = { origin: publicUrl };
    const phone = new PersonAtBrowser(publicUrl);
    phone.key = ada.key;
    expect((await phone.signIn(here)).status).toBe(200);
    // Where nobody sits at a terminal it stops after the address, as scripts know it.
    const alone = await ground.run('phone', { env });
    expect(alone).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\/phone\nThen: .* --test PERSON\n$/),
    });
    expect(clicks).toEqual([]);
    // At one it waits for Enter, and ends where the terminal does. It need not be told whom: there is one person who could answer.
    const whole = SCRIPT === null ? ground.run('phone ada', { env }) : atTerminal(env);
    await expect.poll(() => clicks.length, { timeout: 60_000 }).toBe(1);
    expect(clicks[0]).toContain(`${publicUrl}/confirm/`);
    expect((await phone.sign(clicks[0]?.split('/').at(-1) ?? '', here)).status).toBe(200);
    const { code, stdout } = await whole;
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(`${publicUrl}/phone\n`),
    });
    expect(stdout).toContain('ada answered the test question with a passkey');
  });
});

/** `./lanyard phone` at a terminal: left once by Ctrl-D, and then with Enter pressed. */
async function atTerminal(env: Readonly<Record<string, string>>) {
  for (const keys of ['\u0004', '\r']) {
    const child = spawn(SCRIPT ?? '', ['-qec', `${ROOT}/lanyard phone -c ${ground.config}`, '/dev/null'], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    let stdout = '';
    let isAsked = false;
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      if (isAsked || !stdout.includes('press Enter here, and ada is asked')) return;
      isAsked = true;
      // Until then nobody is asked anything.
      expect(clicks).toEqual([]);
      child.stdin.write(keys);
    });
    const [code] = await once(child, 'close');
    if (keys === '\r') return { code, stdout: stdout.replaceAll('\r\n', '\n') };
    expect([code, stdout]).toEqual([0, expect.stringContaining('Nobody was asked')]);
  }
  throw new Error('no key was pressed');
}
