import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildConsole } from '../../../scripts/console.mjs';
import { ROUTES } from '../../../src/control/routes.ts';
import { OperatorGround, type Running } from '../operator-ground.ts';
import { freePort } from '../people-ground.ts';

/** The door of `control`, as pages, other pages, other sites and agents find it. */

let ground: OperatorGround;
let running: Running;
let port: number;
beforeAll(async () => {
  expect(buildConsole()).toBe(true);
  ground = new OperatorGround();
  port = await freePort();
  ground.write('lanyard.yaml', ground.configuration({ control: `control: 127.0.0.1:${port}` }));
  running = await ground.up();
  await running.url();
});
afterAll(() => ground.remove());

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

function send(method: string, path: string, headers: Readonly<Record<string, string>> = {}): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, method, path, headers: { host: `localhost:${port}`, ...headers } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        );
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

interface Described {
  readonly paths: Readonly<
    Record<
      string,
      Record<
        string,
        {
          readonly security?: readonly object[];
          readonly responses: Readonly<Record<string, { readonly content?: object }>>;
        }
      >
    >
  >;
}

const codeOf = ({ text }: Got): string => (JSON.parse(text) as { error: { code: string } }).error.code;

describe('who is let in at all', () => {
  it('answers under its own name, with headers that let nothing foreign run, frame or read it', async () => {
    const got = await send('GET', '/v1/instance');
    expect(got.status).toBe(200);
    expect(JSON.parse(got.text)).toMatchObject({ claimed: false });
    expect(got.headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'; script-src 'self';"),
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
      'cross-origin-resource-policy': 'same-origin',
    });
    expect(got.headers['content-security-policy']).not.toMatch(/unsafe|\*/);
    expect(Object.keys(got.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    expect(got.headers['set-cookie']).toBeUndefined();
  });

  it.each([
    ['a name that was rebound to this address', { host: 'evil.example:PORT' }, 'BAD_HOST'],
    ['the right name with another port', { host: 'localhost:1' }, 'BAD_HOST'],
    ['the bare address with another port', { host: '127.0.0.1:1' }, 'BAD_HOST'],
    ['another address', { host: '10.0.0.1:PORT' }, 'BAD_HOST'],
    ['a page at the bare address', { host: '127.0.0.1:PORT', origin: 'http://127.0.0.1:PORT' }, 'BAD_ORIGIN'],
    ['a page of an agent on another port of localhost', { origin: 'http://localhost:1' }, 'BAD_ORIGIN'],
    ['a page of another site', { origin: 'https://evil.example' }, 'BAD_ORIGIN'],
    ['a sandboxed page', { origin: 'null' }, 'BAD_ORIGIN'],
    [
      'an image on another site',
      { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' },
      'BAD_ORIGIN',
    ],
    ['a frame of another port', { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'cors' }, 'BAD_ORIGIN'],
  ])('refuses %s', async (_, headers: Record<string, string>, code) => {
    const filled = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, value.replace('PORT', String(port))]),
    );
    const got = await send('GET', '/v1/instance', filled);
    expect({ status: got.status, code: codeOf(got) }).toEqual({ status: 403, code });
  });

  it('answers no preflight, and says what is not there and what is', async () => {
    const preflight = await send('OPTIONS', '/v1/instance');
    expect([preflight.status, preflight.headers['allow']]).toEqual([405, 'GET, HEAD']);
    expect((await send('GET', '/v1/sign-out')).headers['allow']).toBe('POST');
    const none = await send('GET', '/v1/none');
    expect({ type: none.headers['content-type'], said: JSON.parse(none.text) }).toEqual({
      type: 'application/problem+json',
      said: {
        title: 'Not Found',
        status: 404,
        detail: 'There is nothing at this address; see /v1/openapi.json.',
        error: { code: 'ROUTE_UNKNOWN', sentence: 'There is nothing at this address; see /v1/openapi.json.' },
      },
    });
  });

  it('answers programs that name its address, and sends a page to its name, where passkeys are', async () => {
    const host = `127.0.0.1:${port}`;
    for (const path of ['/metrics', '/log/checkpoint', '/v1/instance', '/healthz'])
      expect([path, (await send('GET', path, { host })).status]).toEqual([path, 200]);
    const page = await send('GET', '/duties?x=1', { host });
    expect([page.status, page.headers['location']]).toEqual([307, `http://localhost:${port}/duties?x=1`]);
  });

  it('answers HEAD wherever it answers GET, without a body', async () => {
    for (const path of ['/metrics', '/log/checkpoint', '/v1/instance', '/healthz']) {
      const [head, got] = [await send('HEAD', path), await send('GET', path)];
      expect([path, head.status, head.text]).toEqual([path, got.status, '']);
    }
    expect((await send('HEAD', '/v1/none')).status).toBe(404);
    const closed = await send('HEAD', '/v1/overview');
    expect([closed.status, closed.headers['www-authenticate']]).toEqual([401, 'Bearer realm="lanyard"']);
  });

  it('describes every route as it is served: what waits for a signature, and what is refused', async () => {
    const described = JSON.parse((await send('GET', '/v1/openapi.json')).text) as Described;
    const operations = Object.entries(described.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    expect(operations).toHaveLength(ROUTES.length);
    for (const { path, method, operation } of operations) {
      const got = await send(method.toUpperCase(), path.replace(/\{\w+\}/g, 'x'), {
        'content-type': 'application/json',
      });
      const said = operation.responses[String(got.status)] ?? operation.responses['default'];
      expect([path, Object.keys(said?.content ?? {})]).toEqual([path, [got.headers['content-type']]]);
      const isClosed = (operation.security ?? []).length > 0;
      expect([path, got.status === 401]).toEqual([path, isClosed]);
      expect([path, '202' in operation.responses]).toEqual([path, isClosed && method === 'post']);
    }
  });

  it.each([
    [
      'an upgrade',
      'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n',
      '400 NO_UPGRADE',
    ],
    ['a tunnel', 'CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n', '405 METHOD_NOT_ALLOWED'],
    ['no Host', 'GET /v1/instance HTTP/1.1\r\nConnection: close\r\n\r\n', '400 HOST_MISSING'],
    ['an expectation', 'GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n', '417 EXPECTATION_REFUSED'],
    ['what is no request', 'HELO\r\n\r\n', '400 BAD_HTTP'],
  ])('says with a code that it does not answer %s', async (_, bytes, expected) => {
    const socket = connect(port, '127.0.0.1');
    socket.write(bytes);
    let text = '';
    for await (const chunk of socket) text += String(chunk);
    const [, status] = /^HTTP\/1.1 (\d+)/.exec(text) ?? [];
    expect(`${status} ${/"error":\{"code":"(\w+)"/.exec(text)?.[1]}`).toBe(expected);
  });
});

describe('the files of the console', () => {
  it('are packed for whoever takes them so: a phone where the network is slow loads a third', async () => {
    const script = /src="(\/assets\/[^"]+\.js)"/.exec((await send('GET', '/')).text)?.[1] ?? '';
    const lengthOf = async (accepted?: string) => {
      const headers = accepted === undefined ? {} : { 'accept-encoding': accepted };
      const got = await send('GET', script, headers);
      expect(got).toMatchObject({ status: 200, headers: { vary: 'accept-encoding' } });
      return [got.headers['content-encoding'], Number(got.headers['content-length'])] as const;
    };
    const [plainly, whole] = await lengthOf();
    const [encoding, packed] = await lengthOf('gzip, deflate, br');
    expect([plainly, encoding]).toEqual([undefined, 'gzip']);
    expect(packed).toBeLessThan(whole / 2);
    expect(await lengthOf('br, gzip;q=0')).toEqual([undefined, whole]);
    expect(await lengthOf('identity')).toEqual([undefined, whole]);
    expect((await send('GET', '/v1/instance', { 'accept-encoding': 'gzip' })).headers).not.toHaveProperty(
      'content-encoding',
    );
  });
});

describe('an agent at the door for people', () => {
  it('P5 gets 403 on every route, and each try is told in the log', async () => {
    const token = await ground.token();
    for (const { method, path } of ROUTES) {
      const got = await send(method, path.replace(/:\w+/g, 'x'), {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
      });
      expect({ path, status: got.status, code: codeOf(got) }).toEqual({
        path,
        status: 403,
        code: 'AGENT_TOKEN',
      });
    }
    await running.end();
    const told = await ground.entries('instance.refused');
    const counted = told.filter(({ code, agent }) => code === 'AGENT_TOKEN' && agent === 'writer');
    expect(counted.reduce((sum, { count }) => sum + Number(count), 0)).toBe(ROUTES.length);
  });
});
