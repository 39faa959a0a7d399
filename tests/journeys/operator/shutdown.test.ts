import { copyFileSync } from 'node:fs';
import { Agent, request } from 'node:https';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { current, older } from '../../doors/agents/running-door.ts';
import { idsIn } from '../../events/open-stream.ts';
import { localhostCert } from '../../fixtures/upstreams/held-tls.ts';
import { fixturePath } from '../../fixtures/upstreams/start.ts';
import { OperatorGround, type Running } from '../operator-ground.ts';

/** A call that a shutdown cuts is answered before its connection goes: over TLS, in each way that a client may wait for it. */

let ground: OperatorGround;
let running: Running;
let token: string;
let port: number;

beforeAll(async () => {
  ground = new OperatorGround();
  for (const what of ['cert', 'key'])
    copyFileSync(fixturePath(`tls/localhost-${what}.pem`), join(ground.directory, `${what}.pem`));
  ground.write(
    'lanyard.yaml',
    ground.configuration({
      listen: 'listen: localhost:0',
      tls: 'tls: { cert: "file:cert.pem", key: "file:key.pem" }',
    }),
  );
  running = await ground.up();
  port = Number(new URL(await running.url()).port);
  token = await ground.token();
});
afterAll(() => ground.remove());

interface Answering {
  readonly status: number;
  readonly session: string;
  text(): string;
  holds(part: string): Promise<void>;
  /** `end` where all of it came, `aborted` where its connection was cut. */
  readonly ended: Promise<string>;
  cut(): void;
}

/** One request over TLS on a connection of its own. */
function send(method: string, headers: object = {}, body?: string): Promise<Answering> {
  const given = {
    authorization: `Bearer ${token}`,
    accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== undefined)),
  };
  const agent = new Agent({ ca: localhostCert });
  return new Promise((resolve, reject) => {
    const req = request({ host: 'localhost', port, path: '/mcp/box', method, headers: given, agent });
    req.on('error', reject);
    req.on('response', (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      resolve({
        status: res.statusCode ?? 0,
        session: String(res.headers['mcp-session-id'] ?? ''),
        text: () => text,
        holds: (part) => expect.poll(() => text, { timeout: 60_000 }).toContain(part),
        ended: new Promise((done) => {
          res.on('end', () => done('end'));
          res.on('error', () => done('aborted'));
        }),
        cut: () => req.destroy(),
      });
    });
    req.end(body);
  });
}

const begun = async () =>
  (await ground.entries('action.decided')).filter(({ decision }) => decision === 'allow').length;
const WAIT = { name: 'wait', arguments: { id: 'a' } };

const inSession = (session: string, more: object = {}) => ({
  'mcp-session-id': session,
  'mcp-protocol-version': '2025-11-25',
  ...more,
});

describe('a call that a shutdown cuts', () => {
  it('is answered over TLS: to a client of 2026-07-28, and on a stream that was taken up again', async () => {
    const { headers, body } = current('tools/call', WAIT, 1);
    const plain = send('POST', headers, String(body));
    const params = {
      protocolVersion: '2025-11-25',
      capabilities: {},
      clientInfo: { name: 'x', version: '1' },
    };
    const init = older(undefined, { id: 1, method: 'initialize', params });
    const made = await send('POST', { 'mcp-protocol-version': '2025-11-25' }, String(init.body));
    await made.ended;
    const call = older(made.session, { id: 2, method: 'tools/call', params: WAIT });
    const first = await send('POST', call.headers, String(call.body));
    await first.holds('id: ');
    const [id = ''] = idsIn(first.text());
    first.cut();
    const again = await send('GET', inSession(made.session, { 'last-event-id': id }));
    expect(again.status).toBe(200);
    await expect.poll(begun, { timeout: 60_000 }).toBe(2);
    expect(await running.end('SIGTERM')).toBe('0');
    const answers = [await plain, again];
    for (const one of answers) {
      expect(await one.ended).toBe('end');
      expect(one.text()).toContain('Lanyard ended while this ran');
      expect(one.text()).toContain('"code":"INTERRUPTED"');
    }
    const outcome = { outcome: 'unknown', code: 'INTERRUPTED' };
    expect(await ground.entries('action.outcome')).toMatchObject([outcome, outcome]);
  });
});
