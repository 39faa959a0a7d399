import { createECDH, createPublicKey, randomBytes, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Undelivered, undelivered } from '../../src/watch/notify/carrier.ts';
import { mailCarrier } from '../../src/watch/notify/carriers/mail.ts';
import { ntfyCarrier } from '../../src/watch/notify/carriers/ntfy.ts';
import { pushCarrier, readSubscription } from '../../src/watch/notify/carriers/push.ts';
import { encryptPush } from '../../src/watch/notify/carriers/push-encryption.ts';
import { slackCarrier } from '../../src/watch/notify/carriers/slack.ts';
import { createVapidKeys } from '../../src/watch/notify/carriers/vapid.ts';
import { readWebhookSecret, webhookCarrier } from '../../src/watch/notify/carriers/webhook.ts';
import type { Matter } from '../../src/watch/notify/matter.ts';
import { messageOf } from '../../src/watch/notify/message.ts';
import { Endpoint } from './endpoint.ts';

/** Of the RFC's own people: decrypts what ours encrypts. */
const ece = createRequire(import.meta.url)('http_ece') as {
  decrypt(body: Buffer, params: object): Buffer;
};

const NOW = Date.parse('2026-11-20T20:18:19.693Z');
const matter: Matter = {
  id: '01JD0000000000000000000000',
  kind: 'approval',
  page: false,
  agent: 'writer',
  operation: 'mcp:files/www.example.org',
  openedMs: NOW,
  expiresMs: NOW + 900_000,
  people: ['ada'],
  answered: [],
  needs: 1,
  told: {},
};
const message = messageOf('01JE0000000000000000000000', [matter], 'https://lanyard.example.org/', NOW, 'ada');
const page = messageOf(
  '01JE0000000000000000000001',
  [{ ...matter, kind: 'alert', subject: 'fault', page: true }],
  null,
  NOW,
  'ada',
);
const LINK = 'https://lanyard.example.org/approvals/01JD0000000000000000000000';
const signal = () => AbortSignal.timeout(30_000);

let endpoint: Endpoint;
let url: string;
beforeEach(async () => {
  endpoint = new Endpoint();
  url = await endpoint.listen();
});
afterEach(() => endpoint.close());

describe('what is posted', () => {
  test('ntfy: title, priority, what it opens, and the token', async () => {
    await ntfyCarrier(`${url}/ada`, 'tk_1234567890').send(message, signal());
    await ntfyCarrier(`${url}/ada`, undefined).send(page, signal());
    const [first, second] = endpoint.arrived;
    expect(first?.headers).toMatchObject({
      title: 'Lanyard: a question waits for you',
      priority: 'default',
      click: LINK,
      authorization: 'Bearer tk_1234567890',
    });
    expect(first?.body.toString()).toBe(
      'mcp:files/www[.]example[.]org of agent writer (approval 01JD0000000000000000000000, until 2026-11-20T20:33Z)',
    );
    expect(second?.headers).toMatchObject({ priority: 'urgent' });
    expect(second?.headers['click']).toBeUndefined();
  });

  test('Slack: text that cannot call or link anything but Lanyard', async () => {
    await slackCarrier(`${url}/hook`).send({ ...message, lines: ['<!channel> & <https://x>'] }, signal());
    expect(JSON.parse(endpoint.arrived[0]?.body.toString() ?? '')).toEqual({
      text: `*Lanyard: a question waits for you*\n• &lt;!channel&gt; &amp; &lt;https://x&gt;\n<${LINK}|Open in Lanyard>`,
      unfurl_links: false,
      unfurl_media: false,
    });
  });

  test('a webhook: a CloudEvent that the Standard Webhooks library takes for ours, and not once it is changed', async () => {
    const written = `whsec_${randomBytes(24).toString('base64')}`;
    const secret = readWebhookSecret(written);
    await webhookCarrier(`${url}/hook`, secret ?? new Uint8Array(), 'urn:lanyard:test', () =>
      Date.now(),
    ).send(message, signal());
    const { headers, body } = endpoint.only();
    const signed = {
      'webhook-id': String(headers['webhook-id']),
      'webhook-timestamp': String(headers['webhook-timestamp']),
      'webhook-signature': String(headers['webhook-signature']),
    };
    expect(new Webhook(written).verify(body.toString(), signed)).toMatchObject({
      specversion: '1.0',
      id: message.id,
      source: 'urn:lanyard:test',
      type: 'dev.lanyard.notice',
      time: '2026-11-20T20:18:19.693Z',
      data: { link: LINK, matters: [{ id: matter.id, kind: 'approval', agent: 'writer' }] },
    });
    expect(headers['content-type']).toMatch(/^application\/cloudevents\+json/);
    expect(() => new Webhook(written).verify(`${body.toString()} `, signed)).toThrow();
    expect(readWebhookSecret('whsec_AAAA')).toBeNull();
    expect(readWebhookSecret(randomBytes(32).toString('base64'))).toBeNull();
  });

  test('redirects are not followed, and what is answered is in no message', async () => {
    endpoint.headers = { location: `${url}/inside` };
    for (const [status, final] of [
      [302, true],
      [404, true],
      [429, false],
      [500, false],
    ] as const) {
      endpoint.status = status;
      const failed: unknown = await ntfyCarrier(`${url}/x`, undefined)
        .send(message, signal())
        .catch((e: unknown) => e);
      expect(failed).toBeInstanceOf(Undelivered);
      expect(failed).toMatchObject({ code: `http-${status}`, final, message: `http-${status}` });
    }
    expect(endpoint.arrived.map(({ path }) => path)).toEqual(['/x', '/x', '/x', '/x']);
  });
});

describe('Web Push', () => {
  test('is encrypted as RFC 8291 shows, byte by byte', () => {
    const own = createECDH('prime256v1');
    own.setPrivateKey('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw', 'base64url');
    const browser = {
      p256dh: Buffer.from(
        'BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4',
        'base64url',
      ),
      auth: Buffer.from('BTBZMqHH6r4Tts7J_aSIgg', 'base64url'),
    };
    const salt = Buffer.from('DGv6ra1nlYgDCS1FRnbzlw', 'base64url');
    expect(
      encryptPush('When I grow up, I want to be a watermelon', browser, own, salt).toString('base64url'),
    ).toBe(
      'DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN',
    );
  });

  test('reaches a push service that can tell who sends it, and a browser that can read it', async () => {
    const browser = createECDH('prime256v1');
    browser.generateKeys();
    const auth = randomBytes(16);
    const given = {
      endpoint: `${url}/push/1`,
      p256dh: browser.getPublicKey().toString('base64url'),
      auth: auth.toString('base64url'),
    };
    const subscription = readSubscription(given, [url]);
    if (typeof subscription === 'string') throw new Error(subscription);
    const { keys } = createVapidKeys();
    const place = { contact: 'mailto:ops@example.org', services: [url] };
    await pushCarrier(subscription, place, keys, () => NOW).send(message, signal());

    const { headers, body } = endpoint.only();
    const read = ece.decrypt(body, { version: 'aes128gcm', privateKey: browser, authSecret: given.auth });
    expect(JSON.parse(read.toString())).toEqual({
      id: message.id,
      page: false,
      title: message.title,
      body: message.lines.join('\n'),
      link: LINK,
    });
    expect(headers).toMatchObject({ 'content-encoding': 'aes128gcm', urgency: 'normal', ttl: '3600' });
    const [, token = '', key = ''] = /^vapid t=(\S+), k=(\S+)$/.exec(String(headers['authorization'])) ?? [];
    const [head = '', claims = '', signature = ''] = token.split('.');
    const point = Buffer.from(key, 'base64url');
    const jwk = {
      kty: 'EC',
      crv: 'P-256',
      x: point.subarray(1, 33).toString('base64url'),
      y: point.subarray(33).toString('base64url'),
    };
    const publicKey = createPublicKey({ key: jwk, format: 'jwk' });
    const signed = Buffer.from(`${head}.${claims}`);
    expect(
      verify(
        'sha256',
        signed,
        { key: publicKey, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature, 'base64url'),
      ),
    ).toBe(true);
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toEqual({
      aud: url,
      exp: Math.floor(NOW / 1000) + 12 * 3600,
      sub: 'mailto:ops@example.org',
    });
  });

  test('goes to no service that is not configured, whatever a browser says', () => {
    const keys = {
      p256dh: Buffer.concat([Buffer.of(4), randomBytes(64)]).toString('base64url'),
      auth: randomBytes(16).toString('base64url'),
    };
    const services = ['fcm.googleapis.com', '*.push.apple.com'];
    for (const endpoint of [
      'http://fcm.googleapis.com/x',
      'https://fcm.googleapis.com:8443/x',
      'https://user@fcm.googleapis.com/x',
      'https://fcm.googleapis.com.evil.example/x',
      'https://evilpush.apple.com/x',
      'https://push.apple.com/x',
      'http://169.254.169.254/latest/meta-data',
      'http://127.0.0.1:7702/v1/approvals',
      'file:///etc/passwd',
      'nonsense',
    ])
      expect(readSubscription({ endpoint, ...keys }, services), endpoint).toEqual(expect.any(String));
    expect(readSubscription({ endpoint: 'https://web.push.apple.com/x', ...keys }, services)).toMatchObject({
      endpoint: 'https://web.push.apple.com/x',
    });
    const short = { ...keys, auth: 'AAAA' };
    expect(readSubscription({ endpoint: 'https://fcm.googleapis.com/x', ...short }, services)).toEqual(
      expect.any(String),
    );
  });
});

describe('mail', () => {
  const mails: { from: string; to: string[]; text: string }[] = [];
  let server: SMTPServer;
  let port: number;
  let answer: Error | null;
  beforeEach(async () => {
    mails.length = 0;
    answer = null;
    server = new SMTPServer({
      hideSTARTTLS: true,
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      authMethods: ['PLAIN', 'LOGIN'],
      onAuth({ username, password }, _session, done) {
        if (username === 'lanyard' && password === 'mail password') done(null, { user: username });
        else done(new Error('no'));
      },
      onData(stream, { envelope }, done) {
        let text = '';
        stream.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        stream.on('end', () => {
          mails.push({
            from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
            to: envelope.rcptTo.map(({ address }) => address),
            text,
          });
          done(answer);
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = (server.server.address() as { port: number }).port;
  });
  afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

  const place = (password = 'mail password') => ({
    host: '127.0.0.1',
    port,
    secure: false,
    user: 'lanyard',
    password,
    from: 'lanyard@example.org',
  });

  test('goes to a real server: plain text, our own words, one recipient', async () => {
    await mailCarrier(place(), 'ada@example.org').send(page, signal());
    expect(mails).toHaveLength(1);
    expect(mails[0]).toMatchObject({ from: 'lanyard@example.org', to: ['ada@example.org'] });
    expect(mails[0]?.text).toMatch(/^Subject: Lanyard: look now: something broke, everything is frozen/m);
    expect(mails[0]?.text).toMatch(/^Content-Type: text\/plain/m);
    expect(mails[0]?.text).toMatch(/^Message-ID: <01JE0000000000000000000001@example\.org>\r$/m);
    expect(mails[0]?.text).toMatch(/^Auto-Submitted: auto-generated\r$/m);
    expect(mails[0]?.text).toContain('Something of Lanyard broke');
  });

  test('what a server refuses is a code of ours, and whether to try again', async () => {
    const tried = async (password?: string) =>
      undelivered(
        await mailCarrier(place(password), 'ada@example.org')
          .send(message, signal())
          .catch((e: unknown) => e),
      );
    expect(await tried('wrong password')).toMatchObject({ code: 'smtp-535', final: true });
    answer = Object.assign(new Error('evil \u001b[31mtext'), { responseCode: 451 });
    expect(await tried()).toMatchObject({ code: 'smtp-451', final: false, message: 'smtp-451' });
    answer = Object.assign(new Error('evil'), { responseCode: 550 });
    expect(await tried()).toMatchObject({ code: 'smtp-550', final: true });
  });

  test('beyond loopback a password never goes out in the clear', async () => {
    // The same server by an address that is none of loopback: it offers no STARTTLS, so nothing is sent.
    const elsewhere = { ...place(), host: '0.0.0.0' };
    const failed = undelivered(
      await mailCarrier(elsewhere, 'ada@example.org')
        .send(message, signal())
        .catch((e: unknown) => e),
    );
    expect(failed).toBeInstanceOf(Undelivered);
    expect(mails).toEqual([]);
  });
});
