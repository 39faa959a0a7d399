import { createECDH, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ask } from '../../../src/cli/instance.ts';
import { Endpoint } from '../../reach/endpoint.ts';
import { OperatorGround } from '../operator-ground.ts';

const ece = createRequire(import.meta.url)('http_ece') as { decrypt(body: Buffer, params: object): Buffer };

/** People are reached by a real instance, as an operator sees it. */
let ground: OperatorGround;
let endpoint: Endpoint;
let at: string;
const secrets = {
  NTFY_TOKEN: 'tk_not_a_real_token_9',
  HOOK_SECRET: `whsec_${randomBytes(32).toString('base64')}`,
};

beforeAll(async () => {
  endpoint = new Endpoint();
  at = await endpoint.listen();
  ground = new OperatorGround();
  ground.write('slack-url', `${at}/slack/T000/B000/secretpart\n`);
  ground.write('lanyard.yaml', ground.configuration({ notify: notify(), people: PEOPLE, publicUrl: PUBLIC }));
});
afterAll(async () => {
  await ground.remove();
  await endpoint.close();
});

const PEOPLE = `people: [{ id: ada, name: Ada, roles: [owner] }, { id: sam, name: Sam, roles: [security] }]`;
const PUBLIC = 'publicUrl: https://lanyard.example.org';
const notify = (more = '') => `notify:
  push: { contact: "mailto:ops@example.org", services: ["${at}"] }
  people:
    ada: { channels: [{ ntfy: "${at}/ada", token: "env:NTFY_TOKEN" }] }
    sam: { channels: [{ slack: "file:slack-url" }, { webhook: "${at}/hook", secret: "env:HOOK_SECRET" }] }
${more}`;

describe('an instance', () => {
  test('pages somebody at the third act by the socket, until it is acknowledged', async () => {
    const running = await ground.up(secrets);
    await running.url();
    expect((await ground.run('inbox')).stdout).toContain('Nothing waits.');
    for (let i = 0; i < 3; i++) expect((await ground.run('agent token writer')).code).toBe(0);
    const arrived = await endpoint.until(2);
    expect(arrived.map(({ path }) => path).sort()).toEqual(['/hook', '/slack/T000/B000/secretpart']);
    expect(arrived.map(({ body }) => body.toString()).join()).toContain('a program of this user did it');

    const shown = await ground.run('inbox');
    expect(shown.stdout).toMatch(/^PAGE Operator acts came by the socket/m);
    const { alerts } = JSON.parse((await ground.run('inbox --json')).stdout) as { alerts: { id: string }[] };
    const id = alerts[0]?.id ?? '';
    expect(shown.stdout).toContain(`./lanyard acknowledge ${id}`);
    expect((await ground.run('acknowledge nothing')).code).toBe(1);
    expect(await ground.run(`acknowledge ${id} --why me`)).toMatchObject({
      code: 0,
      stdout: `${id} is acknowledged\n`,
    });
    expect((await ground.run('inbox')).stdout).toContain('Nothing waits.');
    const log = (await ground.entries()).filter(({ kind }) => /^(alert|notice)\./.test(kind));
    expect(log).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ kind: 'alert.raised', subject: 'socket-acts', page: true }),
        expect.objectContaining({ kind: 'notice.sent', person: 'sam' }),
        expect.objectContaining({
          kind: 'alert.acknowledged',
          alert: id,
          by: 'socket',
          proof: 'none',
          why: 'me',
        }),
      ]),
    );
  });

  test('tells an owner that her agent was stopped, and keeps what cannot be delivered', async () => {
    endpoint.statuses.set('/ada', 404);
    const before = endpoint.arrived.length;
    expect((await ground.run('stop agent:writer')).code).toBe(0);
    const [told] = (await endpoint.until(before + 1)).slice(before);
    expect(told?.headers).toMatchObject({ authorization: `Bearer ${secrets.NTFY_TOKEN}` });
    expect(told?.headers['click']).toMatch(/^https:\/\/lanyard\.example\.org\/alerts\/[0-9A-Z]{26}$/);
    let inbox = '';
    while (!inbox.includes('undelivered to ada')) inbox = (await ground.run('inbox')).stdout;
    expect(inbox).toMatch(/1 undelivered to ada by ntfy-[0-9a-f]{8}: http-404/);
    const [, lane = ''] = /acknowledge (ada\/ntfy-[0-9a-f]{8})/.exec(inbox) ?? [];
    expect((await ground.run(`acknowledge ${lane}`)).code).toBe(0);
    expect((await ground.run('inbox')).stdout).not.toContain('undelivered to ada');
  });

  test('tells a browser that was subscribed, and forgets it when it is taken back', async () => {
    const { key } = (await ask(ground.config, 'GET /v1/push-key')) as { key: string };
    expect(Buffer.from(key, 'base64url')).toHaveLength(65);
    const browser = createECDH('prime256v1');
    browser.generateKeys();
    const auth = randomBytes(16).toString('base64url');
    const given = { person: 'ada', p256dh: browser.getPublicKey().toString('base64url'), auth };
    const elsewhere = { ...given, endpoint: 'http://127.0.0.1:1/push' };
    await expect(ask(ground.config, 'POST /v1/subscribe', elsewhere)).rejects.toThrow(
      'not among the push services',
    );
    await ask(ground.config, 'POST /v1/subscribe', { ...given, endpoint: `${at}/push/1` });

    const pushed = () => endpoint.arrived.filter(({ path }) => path === '/push/1');
    const before = endpoint.arrived.length;
    expect((await ground.run('stop agent:other')).code).toBe(0);
    for (let seen = before; pushed().length === 0; seen = endpoint.arrived.length)
      await endpoint.until(seen + 1);
    const body = pushed()[0]?.body ?? Buffer.of();
    const read = ece.decrypt(body, { version: 'aes128gcm', privateKey: browser, authSecret: auth });
    expect(JSON.parse(read.toString())).toMatchObject({
      title: expect.stringMatching(/^Lanyard: look now: .*stopped/),
      body: expect.stringContaining('An agent was stopped.'),
      link: expect.stringMatching(/^https:\/\/lanyard\.example\.org\//),
    });
    expect(pushed()[0]?.headers['authorization']).toContain(`k=${key}`);
    expect(endpoint.arrived.length).toBeGreaterThan(before);
    const [told] = (await ground.entries()).filter(({ kind }) => kind === 'operator.subscribed');
    expect(told).toMatchObject({ reaches: 'ada', by: 'socket', proof: 'none' });

    const channel = String(told?.['channel']);
    await ask(ground.config, 'POST /v1/unsubscribe', { person: 'ada', channel });
    await expect(ask(ground.config, 'POST /v1/unsubscribe', { person: 'ada', channel })).rejects.toThrow(
      'There is no',
    );
  });

  test('says no secret and no address of a channel, in the log or anywhere else', async () => {
    const said = JSON.stringify(await ground.entries()) + (await ground.run('inbox --json')).stdout;
    for (const secret of [...Object.values(secrets), 'secretpart', `${at}/hook`, `${at}/ada`])
      expect(said).not.toContain(secret);
  });

  test('refuses a configuration that would send in the clear, in another’s name, or by a secret written down', async () => {
    const tried = async (channel: string) => {
      ground.write(
        'lanyard.yaml',
        ground.configuration({
          people: PEOPLE,
          notify: `notify: { people: { ada: { channels: [${channel}] } } }`,
        }),
      );
      const { code, stdout, stderr } = await ground.run('apply --dry-run', { env: secrets });
      expect(code, channel).not.toBe(0);
      return stdout + stderr;
    };
    expect(await tried('{ ntfy: "http://ntfy.example.org/ada" }')).toContain('must be https beyond loopback');
    expect(await tried('{ slack: "https://hooks.slack.com/services/T/B/x" }')).toContain('must be named as');
    expect(await tried('{ webhook: "https://example.org/x" }')).toContain('must be signed');
    expect(await tried('{ mail: ada@example.org }')).toContain('needs `notify.mail`');
    expect(await tried('{ ntfy: "https://ntfy.example.org/ada", chanel: x }')).toContain('is not known');
    expect(await tried('{ ntfy: "https://a.example/x", mail: a@b.example }')).toContain('only one');
  });
});
