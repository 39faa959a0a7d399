import { once } from 'node:events';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { request, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { problem } from '../base/errors.ts';
import { LIMITS } from '../base/limits.ts';
import { err, ok } from '../base/result.ts';
import type { Operations } from './operations.ts';
import { listenOnSocket, serveOperations, socketPlace } from './socket.ts';
import { SOCKET_OPERATIONS } from './socket-operations.ts';

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-socket-')));
  return () => rmSync(directory, { recursive: true, force: true });
});

const long = `/${'x'.repeat(100)}/operator.sock`;

describe('a reason', () => {
  const given = `${'x'.repeat(LIMITS.callerReasonLength - 1)}\u{1f980} and more`;
  it.each([
    ['POST /v1/stop', { scope: 'all', level: 'frozen' }, 'why'],
    ['POST /v1/release', { scope: 'all' }, 'why'],
    ['POST /v1/deny', { approval: 'A' }, 'why'],
    ['POST /v1/acknowledge', { id: 'A' }, 'why'],
    ['POST /v1/close-case', { case: 'A', happened: given, changes: given }, 'changes'],
  ])('of %s is cut to what the log keeps, and refuses nothing', (route, body, name) => {
    const read = SOCKET_OPERATIONS[route]?.shape.parse({ ...body, [name]: given });
    expect(read).toMatchObject({ [name]: `${given.slice(0, LIMITS.callerReasonLength - 1)}\ufffd` });
  });
});

describe('where the socket lies', () => {
  it('is the state, where its path is short enough', () => {
    expect(socketPlace('/state/operator.sock', '/state/name', '/run/user/1')).toEqual({
      path: '/state/operator.sock',
    });
  });

  it('is a hashed name in a directory of this user otherwise', () => {
    const uid = process.getuid?.() ?? 0;
    expect(socketPlace(long, '/n', '/run/user/1').path).toMatch(
      /^\/run\/user\/1\/lanyard-[0-9a-f]{16}\.sock$/,
    );
    for (const runtime of [undefined, '', 'relative', `/${'y'.repeat(100)}`])
      expect(socketPlace(long, '/n', runtime).path).toMatch(
        new RegExp(`^/tmp/lanyard-${uid}/lanyard-[0-9a-f]{16}\\.sock$`),
      );
    expect(socketPlace(long, '/n', '/r').path).not.toBe(socketPlace(`${long}x`, '/n', '/r').path);
  });

  const isRoot = process.getuid?.() === 0;
  const uid = process.getuid?.() ?? 0;
  const at = (name: string) => join(directory, name);
  it.each<[string, (path: string) => void, string, string]>([
    ['a link', (path) => symlinkSync(at('elsewhere'), path), 'is a link to ', '(rm '],
    ['a link to nowhere', (path) => symlinkSync(at('nowhere'), path), 'is a link to ', '(rm '],
    ['a file', (path) => writeFileSync(path, ''), 'is no directory, but a file of your own', '(rm '],
    ['open', (path) => mkdirSync(path, { mode: 0o755 }), 'is open to other users (mode 755)', 'chmod 700 '],
    ...(isRoot
      ? [
          [
            'of somebody else',
            (path: string) => {
              mkdirSync(path, { mode: 0o700 });
              chownSync(path, 65_534, 65_534);
            },
            `is a directory of user 65534, and you are user ${uid}`,
            'have that user or root remove it (sudo rm -r ',
          ] as [string, (path: string) => void, string, string],
        ]
      : []),
  ])(
    'is not one that somebody else may have prepared (%s): it says which, whose, and what to do',
    async (name, make, what, help) => {
      mkdirSync(at('elsewhere'), { mode: 0o700 });
      make(at(name));
      const place = { path: join(at(name), 's.sock'), namedIn: at('name') };
      const refused = await listenOnSocket(serve(), place).catch((error: Error) => error.message);
      expect(refused).toContain(`SOCKET_PLACE_TAKEN: ${at(name)} ${what}`);
      expect(refused).toContain(help);
      expect(existsSync(join(at(name), 's.sock'))).toBe(false);
    },
  );
});

const told: string[] = [];
const serve = () =>
  serveOperations({ operations: () => operations, placeOf: () => null, log: (line) => told.push(line) });

const applied: boolean[] = [];
const refuse = async () => err({ ...problem('REASON_MISSING'), details: ['because'] });
const operations: Operations = {
  status: async () => ({ fine: true }),
  agents: async () => [],
  catalog: async () => [],
  less: refuse,
  askLess: refuse,
  appeals: async () => [],
  appeal: refuse,
  cases: async () => [],
  case: refuse,
  closeCase: refuse,
  answerAppeal: refuse,
  inventory: async () => ({}),
  decide: async () => [{ decision: false }],
  makeToken: async (agent, ttlMs) => ok({ token: `${agent} ${ttlMs}`, expiresAt: '' }),
  revokeTokens: refuse,
  points: async () => [],
  makePointToken: refuse,
  revokePointTokens: refuse,
  apply: async (dryRun) => {
    applied.push(dryRun);
    return refuse();
  },
  accept: refuse,
  stop: async () => {
    throw new Error('a bug');
  },
  previewStop: refuse,
  release: refuse,
  approvals: async () => [],
  approval: refuse,
  batch: refuse,
  approveBatch: refuse,
  grants: async () => {
    throw new Error('database or disk is full');
  },
  grant: refuse,
  revokeGrant: refuse,
  approve: refuse,
  deny: refuse,
  leaseSample: refuse,
  look: refuse,
  drill: refuse,
  takeOver: refuse,
  edit: refuse,
  checkpoint: refuse,
  inbox: async () => ({}),
  alerts: async () => ({}),
  acknowledge: refuse,
  resolve: refuse,
  resolveAlike: refuse,
  phone: async () => ({}),
  testNotice: refuse,
  testApproval: refuse,
  pushKey: async () => ({ key: null }),
  subscribe: refuse,
  unsubscribe: refuse,
  sessions: async () => [],
  endSession: refuse,
  act: refuse,
  enrolCode: refuse,
  unconfirmed: async () => [],
  confirm: refuse,
  explain: refuse,
  suggest: refuse,
};

describe('the socket', () => {
  let path: string;
  let server: Server;
  beforeEach(async () => {
    path = join(directory, 's.sock');
    writeFileSync(path, 'left over');
    server = serve();
    await listenOnSocket(server, { path });
    return () => new Promise<void>((done) => server.close(() => done()));
  });

  function send(
    method: string,
    address: string,
    body: string | Buffer = '',
  ): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const sent = request({ socketPath: path, method, path: address, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      });
      sent.on('error', reject);
      sent.end(body);
    });
  }

  it('is for its user alone', () => {
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('answers, refuses with a sentence, and says what it does not know', async () => {
    expect(await send('GET', '/v1/status')).toEqual({ status: 200, text: '{"fine":true}' });
    expect(await send('POST', '/v1/token', '{"agent":"a","ttlMs":5}')).toMatchObject({
      status: 200,
      text: '{"token":"a 5","expiresAt":""}',
    });
    const refused = await send('POST', '/v1/release', '{"scope":"all","why":"x"}');
    const said = problem('REASON_MISSING').sentence;
    expect({ status: refused.status, said: JSON.parse(refused.text) }).toEqual({
      status: 409,
      said: {
        title: 'Conflict',
        status: 409,
        detail: said,
        error: { code: 'REASON_MISSING', sentence: said, details: ['because'] },
      },
    });
    for (const address of ['/v1/release', '/v1/token', '/v1/__proto__'])
      expect(JSON.parse((await send('GET', address)).text)).toMatchObject({
        error: { code: 'SOCKET_ROUTE_UNKNOWN' },
      });
  });

  it.each([
    ['a list', '/v1/apply', '[]', 'BAD_REQUEST'],
    ['a word', '/v1/apply', '"x"', 'BAD_REQUEST'],
    ['nothing', '/v1/apply', 'null', 'BAD_REQUEST'],
    ['a member of another spelling', '/v1/apply', '{"dryrun":true}', 'BAD_REQUEST'],
    ['a member of another type', '/v1/apply', '{"dryRun":"true"}', 'BAD_REQUEST'],
    ['a member twice', '/v1/apply', '{"dryRun":true,"dryRun":false}', 'DUPLICATE_KEY'],
    ['what is no JSON', '/v1/apply', '{', 'BAD_JSON'],
    ['what is no UTF-8', '/v1/apply', Buffer.from([0x22, 0xff, 0x22]), 'BAD_UTF8'],
    ['a number for a name', '/v1/stop', '{"scope":1,"level":"frozen"}', 'BAD_REQUEST'],
    ['a stop of nothing', '/v1/stop', '{"level":"frozen"}', 'BAD_REQUEST'],
    ['a time that is none', '/v1/token', '{"agent":"a","ttlMs":"1h"}', 'BAD_REQUEST'],
    ['entries by name', '/v1/confirm', '{"entries":["1"]}', 'BAD_REQUEST'],
  ])('refuses %s, says what is wrong, and does nothing', async (_what, address, body, code) => {
    const answered = await send('POST', address, body);
    expect(answered.status).toBe(400);
    expect(JSON.parse(answered.text)).toMatchObject({
      error: { code, sentence: expect.stringMatching(/\.$/) },
    });
    expect([applied, told]).toEqual([[], []]);
  });

  it('says that the disk is full, which whoever asks can mend', async () => {
    const full = await send('GET', '/v1/grants', '');
    expect(full.status).toBe(503);
    expect(JSON.parse(full.text)).toMatchObject({ error: { code: 'DISK_FULL' } });
    expect(told.splice(0)).toEqual([expect.stringContaining('GET /v1/grants failed')]);
  });

  it('outlives what goes wrong inside and what it is sent, and shows nothing of its inside', async () => {
    const broken = await send('POST', '/v1/stop', '{"scope":"all","level":"frozen"}');
    expect(broken.status).toBe(500);
    expect(JSON.parse(broken.text)).toMatchObject({ error: { code: 'OPERATION_FAILED' } });
    expect(broken.text).not.toContain('a bug');
    expect(told.splice(0)).toEqual([expect.stringContaining('a bug')]);
    const large = await send('POST', '/v1/token', ' '.repeat(LIMITS.requestBytes + 1));
    expect(large.status).toBe(413);
    expect(JSON.parse(large.text)).toMatchObject({ error: { code: 'BODY_TOO_LARGE' } });
    expect((await send('GET', '/v1/status')).status).toBe(200);
  });

  it('tells nobody of whoever hangs up in the middle of a body', async () => {
    const hungUp = new Promise((resolve) => {
      server.once('connection', (socket: Socket) => socket.once('close', resolve));
    });
    const client = connect(path);
    client.write('POST /v1/apply HTTP/1.1\r\ncontent-length: 9\r\n\r\n{"dry');
    await once(server, 'request');
    client.destroy();
    await hungUp;
    expect((await send('GET', '/v1/status')).status).toBe(200);
    expect([applied, told]).toEqual([[], []]);
  });
});
