import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { type GovernedInstance, postBytes, type RawReply, sendRaw } from '../instance.ts';
import {
  actionOf,
  answersOf,
  ask,
  EVALUATION,
  EVALUATIONS,
  FEW,
  OUTCOME,
  pointToken,
  reading,
  startChecked,
} from './client.ts';

/** What somebody with a token, or with none, may try at the check door. Bytes as only an attacker sends them. */

type Headers = Readonly<Record<string, string | undefined>>;

interface Refused {
  readonly code: string;
  readonly status: number;
  readonly body: JsonObject;
  readonly headers?: Headers;
  /** Who is counted beside the point: the agent, where it was known already. */
  readonly agent?: string;
  /** Where nobody authenticated: none. */
  readonly point?: '';
}

const GOOD = JSON.stringify(reading('a.txt'));

let instance: GovernedInstance;
let gate: string;
let watcher: string;
beforeAll(async () => {
  instance = await startChecked();
  gate = await pointToken(instance);
  watcher = await pointToken(instance, 'watcher');
});
afterAll(() => instance.stop());

const post = (body: string | Buffer, headers: Headers = {}, path = EVALUATION): Promise<RawReply> =>
  sendRaw(instance.port, postBytes(gate, body, { accept: undefined, ...headers }, path));

/** What tests/attacks plays with an agent's token is refused to a point as well, and counted on it where it is known. */
const REFUSED: Readonly<Record<string, Refused>> = {
  'another agent': { code: 'FOREIGN_AGENT', status: 403, body: reading('a.txt', 'other') },
  'the point itself for an agent': { code: 'FOREIGN_AGENT', status: 403, body: reading('a.txt', 'ci-gate') },
  'no subject': { code: 'BAD_REQUEST', status: 400, body: { ...reading('a.txt'), subject: null } },
  'an operation of no upstream': {
    code: 'UNKNOWN_UPSTREAM',
    status: 400,
    body: { ...reading('a.txt'), action: { name: 'mcp:none/x' } },
    agent: 'writer',
  },
  'the upstream for a resource, where the arguments name a path': {
    code: 'RESOURCE_DIFFERS',
    status: 400,
    body: { ...reading('a.txt'), resource: { type: 'Target', id: 'files' } },
    agent: 'writer',
  },
  'an argument that is not declared': {
    code: 'ARGUMENTS_INVALID',
    status: 400,
    body: { ...reading('a.txt'), context: { input: { path: 'a.txt', force: true } } },
    agent: 'writer',
  },
  'no token': {
    code: 'TOKEN_MISSING',
    status: 401,
    body: reading('a.txt'),
    headers: { authorization: undefined },
    point: '',
  },
  'a foreign page': {
    code: 'BAD_ORIGIN',
    status: 403,
    body: reading('a.txt'),
    headers: { origin: 'https://evil.example' },
    point: '',
  },
};

describe('is refused', () => {
  it.each(Object.entries(REFUSED))('%s', async (_, { code, status, body, headers }) => {
    const reply = await post(JSON.stringify(body), headers);
    expect([reply.status, reply.body]).toEqual([
      status,
      expect.stringMatching(new RegExp(`^"${code}: .+"$`)),
    ]);
    expect(reply.body).not.toMatch(/\bat .*\.ts:\d+/);
    expect(`${reply.head}${reply.body}`).not.toContain(gate);
  });

  it('context.system, alone and among others', async () => {
    const body = GOOD.replace('"context":{', '"context":{"system":{"door":"mcp"},');
    const one = await post(body);
    expect([one.status, one.body]).toEqual([400, expect.stringMatching(/^"SYSTEM_CONTEXT: /)]);
    const many = await post(`{"evaluations":[${body},${GOOD}]}`, {}, EVALUATIONS);
    expect(many.json).toMatchObject({
      evaluations: [{ decision: false, context: { code: 'SYSTEM_CONTEXT' } }, { decision: true }],
    });
  });

  it('a second request behind the first one of a connection that is closed', async () => {
    const [first, smuggled] = [postBytes(gate, '[]', {}, EVALUATION), postBytes(gate, GOOD, {}, EVALUATION)];
    const reply = await sendRaw(instance.port, Buffer.concat([first, smuggled]));
    expect([reply.status, reply.body]).toEqual([400, expect.not.stringContaining('HTTP/1.1')]);
  });

  it('a method that is none, by the methods there are', async () => {
    const raw = postBytes(gate, GOOD).toString().replace('POST /mcp/box', `PUT ${EVALUATION}`);
    const reply = await sendRaw(instance.port, raw);
    expect([reply.status, reply.head]).toEqual([405, expect.stringMatching(/^allow: POST\r$/im)]);
  });
});

describe('a caller', () => {
  const outcome = (token: string, action: string) => ask(instance, token, OUTCOME, { action, outcome: 'ok' });
  const open = async (token: string, agent = 'writer') =>
    actionOf((await ask(instance, token, EVALUATION, reading('a.txt', agent))).json);

  it('ends no action that another caller asked for, nor one twice', async () => {
    const other = await instance.ground.token('other');
    const [ofGate, ofWriter] = [await open(gate), await open(instance.token)];
    const refusals = [];
    // The point's agent itself, another point of the same agent, another agent; and the point on its agent's own.
    for (const token of [instance.token, watcher, other]) refusals.push(await outcome(token, ofGate));
    for (const token of [gate, watcher, other]) refusals.push(await outcome(token, ofWriter));
    expect(refusals.map(({ status, json }) => [status, String(json).split(':')[0]])).toEqual(
      refusals.map(() => [404, 'UNKNOWN_ACTION']),
    );
    expect([(await outcome(gate, ofGate)).status, (await outcome(instance.token, ofWriter)).status]).toEqual([
      200, 200,
    ]);
    expect([(await outcome(gate, ofGate)).status, (await outcome(instance.token, ofWriter)).status]).toEqual([
      404, 404,
    ]);
  });

  it('ends no action of the MCP door, nor a denied one', async () => {
    const denied = await ask(instance, gate, EVALUATION, {
      ...reading('.env'),
      action: { name: 'mcp:files/write_file' },
      context: { input: { path: '.env', content: 'x' } },
    });
    expect((await outcome(gate, actionOf(denied.json))).status).toBe(404);
  });

  it('is given back its own request id, whatever it holds, and nothing else by it', async () => {
    const id = `${'i'.repeat(2000)} "<script>" \\r\\n`;
    const reply = await post(GOOD, { 'x-request-id': id });
    expect(reply.head.split('\r\n').filter((line) => /^x-request-id/i.test(line))).toEqual([
      `X-Request-ID: ${id.trim()}`,
    ]);
    const bytes = Buffer.from('Größe 大').toString('latin1');
    for (const body of [GOOD, '[]']) {
      const wide = await post(body, { 'x-request-id': bytes });
      expect(wide.head.split('\r\n')).toContain(`X-Request-ID: ${bytes}`);
    }
    const refused = await post('[]', { 'x-request-id': 'r1' });
    expect(refused.head).toMatch(/^X-Request-ID: r1\r$/m);
    const unknown = await post(GOOD, { 'x-request-id': 'r2', authorization: undefined });
    expect(unknown.head).toMatch(/^X-Request-ID: r2\r$/m);
    expect(unknown.head).toMatch(/^WWW-Authenticate: Bearer/m);
  });

  it('without a token is told the addresses under its own name for us, and none under another', async () => {
    const get = (host: string) =>
      sendRaw(
        instance.port,
        `GET /.well-known/authzen-configuration HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`,
      );
    expect((await get('localhost:7')).json).toMatchObject({
      policy_decision_point: 'http://localhost:7',
      access_evaluation_endpoint: 'http://localhost:7/access/v1/evaluation',
    });
    expect((await get('evil.example')).status).toBe(403);
  });

  it('is held to the limits of its agents', async () => {
    // More than twice what a minute allows: over the limit in this minute or in the next one.
    const many = {
      ...reading('a.txt', 'hasty'),
      evaluations: Array.from({ length: 2 * FEW + 1 }, () => ({})),
    };
    const { json } = await ask(instance, watcher, EVALUATIONS, many);
    const over = answersOf(json).filter(({ decision }) => decision === false);
    expect(over.length).toBeGreaterThan(0);
    for (const { context } of over) expect(context).toMatchObject({ code: 'TOO_MANY_ATTEMPTS' });
    const statuses: number[] = [];
    while (!statuses.includes(429) && statuses.length <= 2 * FEW) {
      statuses.push((await ask(instance, watcher, EVALUATION, reading('a.txt', 'hasty'))).status);
    }
    expect(statuses.at(-1)).toBe(429);
    expect((await ask(instance, watcher, EVALUATION, reading('a.txt'))).status).toBe(200);
  });
});

describe('afterwards', () => {
  it('each refusal is counted on whoever tried, and the log holds', async () => {
    expect(await instance.running.end()).toBe('0');
    const refused = await instance.ground.entries('instance.refused');
    const counted: Record<string, number> = {};
    for (const { code, agent, point, count } of refused) {
      const key = `${String(agent ?? 'nobody')} ${String(point ?? '')} ${String(code)}`;
      counted[key] = (counted[key] ?? 0) + Number(count);
    }
    for (const { code, agent = 'nobody', point = 'ci-gate' } of Object.values(REFUSED)) {
      const key = `${agent} ${point} ${code}`;
      expect([key, counted[key]]).toEqual([key, expect.any(Number)]);
    }
    expect(counted['nobody ci-gate SYSTEM_CONTEXT']).toBe(2);
    expect(instance.running.stderr).not.toMatch(/\bat .*\.ts:\d+/);
    await instance.expectLogToHold();
  });
});
