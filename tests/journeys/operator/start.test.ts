import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync, symlinkSync } from 'node:fs';
import { type IncomingMessage, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LIMITS } from '../../../src/base/limits.ts';
import { tell } from '../../../src/main/doctor/operator.ts';
import { ROOT } from '../../source-tree.ts';
import { OperatorGround, RULES, type Running } from '../operator-ground.ts';
import { pipeTo } from './pipe.ts';

/** How an instance begins and ends: real processes, real sockets. */

let ground: OperatorGround;
beforeEach(() => {
  ground = new OperatorGround();
});
afterEach(() => ground.remove());

/** The status of /healthz under a Host of one's own. */
async function healthBy(url: string, host: string): Promise<number | undefined> {
  const sent = request(`${url}/healthz`, { headers: { host } }).end();
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

describe('one that runs', () => {
  let ground: OperatorGround;
  let running: Running;
  beforeAll(async () => {
    ground = new OperatorGround();
    running = await ground.up();
    await running.url();
  });
  afterAll(() => ground.remove());

  it('keeps the state to its user', async () => {
    const { stdout } = await ground.runWords(['status', '--json']);
    expect(JSON.parse(stdout)).toMatchObject({ fault: null });
    expect(statSync(ground.state).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(ground.state))
      expect([name, statSync(join(ground.state, name)).mode & 0o077]).toEqual([name, 0]);
  });

  it('says that another one runs on the same state', async () => {
    const second = await ground.run('up');
    expect(second).toMatchObject({ code: 1, stdout: '' });
    expect(second.stderr).toBe(
      `lanyard: Another Lanyard is running on ${ground.state}. Stop it first, or use another state.\n`,
    );
    expect(await ground.run('status')).toMatchObject({ code: 0 });
  });

  it('finds its configuration by -c, LANYARD_CONFIG or the directory, and from anywhere through a link', async () => {
    const bare = { config: false };
    expect(await ground.run('status', { ...bare })).toMatchObject({ code: 0 });
    const elsewhere = join(ground.directory, 'work');
    const env = { LANYARD_CONFIG: ground.config };
    expect(await ground.run('status', { ...bare, cwd: elsewhere, env })).toMatchObject({ code: 0 });
    expect(
      await ground.run('status', { ...bare, cwd: elsewhere, env: { LANYARD_CONFIG: '/nowhere' } }),
    ).toMatchObject({
      code: 2,
      stderr: 'lanyard: There is no configuration at /nowhere.\n',
    });
    const link = join(elsewhere, 'lanyard-link');
    symlinkSync(join(ROOT, 'lanyard'), link);
    const said = execFileSync(link, ['status', '--json', '-c', ground.config], {
      cwd: '/',
      encoding: 'utf8',
    });
    expect(JSON.parse(said)).toMatchObject({ fault: null });
  });

  it('prints one ready line on stdout and says on stderr what it is not', async () => {
    expect(running.stdout).toMatch(/^ready http:\/\/127\.0\.0\.1:\d+\n$/);
    await running.says('unclaimed and uncontained');
    expect(await fetch(`${await running.url()}/healthz`)).toMatchObject({ status: 200 });
    const page = { headers: { origin: 'https://evil.example' } };
    const shut = await fetch(`${await running.url()}/healthz`, page);
    expect(shut.status).toBe(403);
    expect(await shut.json()).toMatchObject({ error: { code: 'BAD_ORIGIN' } });
    const posted = await fetch(`${await running.url()}/healthz?probe`, { method: 'POST' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    // Clients look for metadata that is not there: they have to learn that without a token, and no page else does.
    for (const path of ['/', '/.well-known/oauth-protected-resource', '/mcp/', '/metrics']) {
      const unknown = await fetch(`${await running.url()}${path}`);
      expect([path, unknown.status, unknown.headers.get('content-type'), await unknown.json()]).toEqual([
        path,
        404,
        'application/problem+json',
        {
          title: 'Not Found',
          status: 404,
          detail: expect.stringContaining('/access/v1/'),
          error: { code: 'NOT_FOUND', sentence: expect.stringContaining('/access/v1/') },
        },
      ]);
    }
    expect((await fetch(`${await running.url()}/nothing`, page)).status).toBe(403);
    const by = async (token: string) => {
      const headers = { authorization: `Bearer ${token}` };
      return (await fetch(`${await running.url()}/nothing`, { headers })).status;
    };
    expect([await by(await ground.token()), await by('lyd_none')]).toEqual([404, 401]);
    // A probe names whatever address it was given; what it asks is no page's question.
    for (const host of ['10.1.2.3:7700', 'lanyard.pods.example', '[fd00::1]'])
      expect([host, await healthBy(await running.url(), host)]).toEqual([host, 200]);
    expect(await running.end()).toBe('0');
    expect(running.stdout).toMatch(/^ready \S+\n$/);
    expect(await ground.entries('instance.started', 'instance.stopped')).toHaveLength(2);
    // A wrong token is counted on nobody, and what an agent looked for on it.
    const refused = await ground.entries('instance.refused');
    for (const one of [
      { agent: 'writer', code: 'NOT_FOUND', count: 1 },
      { code: 'TOKEN_REFUSED', count: 1 },
    ])
      expect(refused).toContainEqual(expect.objectContaining(one));
    expect(await ground.run('log verify --deep')).toMatchObject({ code: 0 });
  });
});

describe('up', () => {
  it('goes on, and ends in order, when whoever read what it says has gone', async () => {
    const running = await ground.up();
    await running.url();
    const ended = once(running.child, 'exit');
    running.child.stdout.destroy();
    running.child.stderr.destroy();
    running.child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(await ground.entries('instance.stopped')).toHaveLength(1);
  });

  it('starts after kill -9, and tells of what was running then', async () => {
    const first = await ground.up();
    const token = await ground.token();
    const call = first.call(token, 'wait').catch(() => 'cut');
    await untilDecided();
    await first.end('SIGKILL');
    await call;
    expect(await ground.run('status')).toMatchObject({ code: 4 });
    const second = await ground.up();
    await second.url();
    await second.says(/unknown: mcp:box\/wait of writer at \S+ \(action \S+\) had begun/);
    expect(await ground.entries('action.outcome')).toMatchObject([
      { outcome: 'unknown', code: 'INTERRUPTED' },
    ]);
    expect((await second.call(token, 'look')).text).toContain('done');
  });

  it.each(['SIGTERM', 'SIGINT'] as const)('ends at %s with a call in flight', async (signal) => {
    const running = await ground.up();
    const token = await ground.token();
    const call = running.call(token, 'wait');
    await untilDecided();
    const pipe = await pipeTo(await running.url(), token);
    const clientInfo = { name: 'a', version: '1' };
    pipe.ask(1, 'initialize', { protocolVersion: '2025-06-18', capabilities: {}, clientInfo });
    pipe.ask(2, 'tools/call', { name: 'wait', arguments: {} });
    await expect.poll(() => ground.entries('action.decided')).toHaveLength(2);
    expect(await running.end(signal)).toBe('0');
    // Each is answered before its connection goes, and its end is as unknown as the log says.
    expect((await call).text).toContain('Lanyard ended while this ran');
    expect(await pipe.rest).toMatch(/"id":2,"result":.*"code":"INTERRUPTED"/);
    const outcome = { outcome: 'unknown', code: 'INTERRUPTED' };
    expect(await ground.entries('action.outcome')).toMatchObject([outcome, outcome]);
    expect(await ground.run('log verify --deep')).toMatchObject({ code: 0 });
  });

  it('has a bound of ten seconds for that', () => {
    const { closed, terminated } = LIMITS.childEndMs;
    expect(LIMITS.drainMs + LIMITS.lastAnswerMs + closed + terminated + LIMITS.socketEndMs).toBeLessThan(
      10_000,
    );
  });

  it('ends when it is told to before it is ready', async () => {
    ground.write('lanyard.yaml', ground.configuration({ upstreams: silent() }));
    const running = ground.launch();
    // The operator socket answers while upstreams are waited for.
    const answers = () =>
      tell(join(ground.state, 'operator.sock'), 'GET /v1/status').then(({ status }) => status);
    await expect.poll(() => answers().catch(() => 0)).toBe(200);
    expect(await running.end()).toBe('0');
    expect(running.stdout).toBe('');
  });

  it('says that the port is taken, and leaves nothing running', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => taken.once('listening', done));
    const address = taken.address();
    const port = typeof address === 'object' ? address?.port : 0;
    ground.write('lanyard.yaml', ground.configuration({ listen: `listen: 127.0.0.1:${port}` }));
    const ended = await ground.run('up');
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain(
      `\`listen\` 127.0.0.1:${port} cannot be used: another program listens there already.`,
    );
    expect(ended.stderr).toContain(`name another address in ${ground.config}`);
    expect(ended.stderr).not.toMatch(/^ +at /m);
    // What was never in force is not what the next start holds on to.
    expect(existsSync(ground.state)).toBe(false);
    taken.close();
    ground.write('lanyard.yaml', ground.configuration());
    expect((await ground.run('status')).code).toBe(4);
  });

  it('takes another address where somebody else has come to listen at the one in force', async () => {
    const first = await ground.up();
    const port = Number(new URL(await first.url()).port);
    await first.end();
    // In force is port 0, which nobody can take: put a fixed one in force first.
    ground.write('lanyard.yaml', ground.configuration({ listen: `listen: 127.0.0.1:${port}` }));
    const second = await ground.up();
    await second.url();
    expect(await ground.run('apply')).toMatchObject({ code: 0 });
    await second.end();

    const taken = createServer().listen(port, '127.0.0.1');
    await once(taken, 'listening');
    const ended = await ground.run('up');
    expect(ended).toMatchObject({ code: 1, stdout: '' });
    expect(ended.stderr).toContain('run ./lanyard apply meanwhile');

    ground.write('lanyard.yaml', ground.configuration());
    const mended = ground.launch();
    await expect.poll(async () => (await ground.run('status')).code).toBe(0);
    expect(mended.stdout).toBe('');
    expect(await ground.run('apply')).toMatchObject({ code: 0 });
    expect(await mended.url()).not.toBe(`http://127.0.0.1:${port}`);
    await mended.end();
    taken.close();
  });

  it('names an upstream that does not connect, denies its operations, and takes it back', async () => {
    await (await ground.up()).end();
    ground.write('broken', '');
    const other = ground.upstream({ UNUSED: 'x' });
    ground.write(
      'lanyard.yaml',
      ground.configuration({
        upstreams: `upstreams: { box: ${JSON.stringify({ ...other, command: [join(ROOT, 'tests/nothing-here')] })} }`,
      }),
    );
    const running = await ground.up();
    const applied = await ground.run('apply');
    expect(applied.code).toBe(0);
    expect(JSON.parse((await ground.run('status --json')).stdout)).toMatchObject({
      upstreamsMissing: ['box'],
      upstreamTroubles: { box: expect.stringContaining('it could not be started (ENOENT)') },
    });
    await running.end();
    const again = await ground.up();
    await again.url();
    await again.says('upstream box is not connected yet; its operations are denied until it is');
    ground.write('lanyard.yaml', ground.configuration());
    expect(await ground.run('apply')).toMatchObject({ code: 0 });
    expect((await again.call(await ground.token(), 'look')).text).toContain('done');
  });

  it('shows nothing of what an upstream writes that could steer a terminal or tell a secret', async () => {
    const upstream = ground.upstream({ SECRET: 'env:BOX_SECRET' });
    ground.write(
      'lanyard.yaml',
      ground.configuration({ upstreams: `upstreams: { box: ${JSON.stringify(upstream)} }` }),
    );
    const running = await ground.up({ BOX_SECRET: 'correct-horse-battery' });
    const told = await running.call(await ground.token(), 'tell');
    expect(told.text).toContain('[secret]');
    await running.end();
    const everything = `${running.stderr}${told.text}${(await ground.run('log show --json')).stdout}`;
    expect(everything).not.toContain('correct-horse');
    expect(running.stderr).not.toContain('\u001b');
  });
});

describe('a configuration with problems', () => {
  it('lists them all and starts nothing, nor leaves a state behind', async () => {
    ground.write(
      'lanyard.yaml',
      `${ground.configuration({
        upstreams:
          'upstreams:\n  wiki: { url: "http://127.0.0.1:1/mcp", headers: { Authorization: "env:NO_SUCH" }, catalog: plian }\n  news: { url: "http://127.0.0.1:1/mcp", headers: { Authorization: "env:NO_SUCH" } }\n  disk: { url: "http://127.0.0.1:1/mcp", catalog: filesistem }',
        policies: 'policies: [rules.cedar, gone.cedar]',
      })}packs: [startr]\n`,
    );
    const ended = await ground.run('up');
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code: 1, stdout: '' });
    const lines = ended.stderr.split('\n').map((line) => line.replace(`lanyard: ${ground.config}:`, ''));
    expect(lines).toEqual([
      '5:53: upstreams.wiki.headers.Authorization, upstreams.news.headers.Authorization: the environment has no NO_SUCH',
      '5:85: upstreams.wiki.catalog: there is no catalog `plian`; did you mean `plain`?',
      '7:42: upstreams.disk.catalog: there is no catalog `filesistem`; did you mean `filesystem`?',
      `8:25: \`gone.cedar\` does not exist (${ground.directory}/gone.cedar)`,
      expect.stringMatching(
        /^10:9: the pack `startr` has no pack.yaml in .*; shipped packs: [a-z, ]*\bstarter\b[a-z, ]*$/,
      ),
      '',
    ]);
    expect(existsSync(ground.state)).toBe(false);
  });

  it.each([
    [
      'a key that is not known',
      'polices: []',
      '7:1: the key `polices` is not known; did you mean `policies`?',
    ],
    ['a pack that is not there', 'packs: [startr]', '7:9: the pack `startr` has no pack.yaml in '],
    [
      'a pack that is not there, below a key that is not known,',
      'polices: []\npacks: [startr]',
      '8:9: the pack `startr` has no pack.yaml in ',
    ],
  ])('lists %s beside a rule and a catalog that are none', async (_what, line, problem) => {
    ground.write('lanyard.yaml', `${ground.configuration()}${line}\n`);
    ground.write('rules.cedar', `${RULES}permit (principal, action);\n`);
    ground.write('catalog.yaml', 'catalog: plain\noperations:\n  look: { risk: raed }\n');
    for (const command of ['up', 'policy check']) {
      const { stderr } = await ground.run(command);
      expect(stderr).toContain(problem);
      expect(stderr).toContain('rules.cedar:3:');
      expect(stderr).toContain('3 | permit (principal, action);');
      expect(stderr).toContain('catalog.yaml:3:');
    }
    expect(existsSync(ground.state)).toBe(false);
  });

  it('shows a broken rule with file, line and caret', async () => {
    ground.write('rules.cedar', 'permit (principal, action in Action::"risk:red", resource);\n');
    const ended = await ground.run('up');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('rules.cedar:1:');
    expect(ended.stderr).toContain('^');
    expect(existsSync(ground.state)).toBe(false);
  });

  it('refuses an upstream that would serve our own state', async () => {
    ground.write(
      'lanyard.yaml',
      ground.configuration({
        upstreams:
          'upstreams: { files: { command: [node_modules/.bin/mcp-server-filesystem, .], cwd: ., catalog: filesystem } }',
      }),
    );
    const ended = await ground.run('up');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toMatch(
      /upstreams\.files: it would serve .* which holds what belongs to Lanyard itself/,
    );
    expect(existsSync(ground.state)).toBe(false);
  });

  it('refuses a certificate that is none', async () => {
    ground.write(
      'lanyard.yaml',
      ground.configuration({ tls: 'tls: { cert: "file:rules.cedar", key: "file:tools" }' }),
    );
    const ended = await ground.run('up');
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain('tls: certificate and key cannot be used: ');
    expect(existsSync(ground.state)).toBe(false);
  });
});

const silent = () => `upstreams: { box: { command: [/bin/sh, -c, "exec sleep 600"] } }`;

/** Resolves once a decision stands in the log. */
async function untilDecided(): Promise<void> {
  await expect.poll(() => ground.entries('action.decided')).not.toEqual([]);
}
