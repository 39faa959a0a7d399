import { hash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalize } from '../../../src/base/canonical.ts';
import type { JsonObject } from '../../../src/base/json.ts';
import { fixture, GovernedInstance, type HttpFixture, startHttpFixture } from '../instance.ts';
import { type AskedClient, CURRENT_CLIENTS, type Wanted } from './connect.ts';
import { callRaw, type Given } from './raw.ts';

/** What servers of 2026-07-28 ask for before they answer, and how a call goes on. */

const TOOLS = [
  'form',
  'open',
  'think',
  'where',
  'both',
  'later',
  'rounds',
  'can',
  'rude',
  'resources/read',
  'prompts/get',
];
const MAY = { may: ['elicitation', 'sampling', 'roots'], mayOpen: ['login.example.org'] };
const RULES = `
@id("no-passwords") @reason("Passwords are asked for nowhere.")
forbid (principal, action in Action::"ask:elicitation", resource)
when { context.input.message like "*password*" };
@id("not-mallory") @reason("Mallory is not let in.")
forbid (principal, action, resource)
when { context.system has responses && context.system.responses like "*Mallory*" };
@id("reads") @need("Reading is harmless")
permit (principal, action in Action::"risk:read", resource);
`;
const ADA = { who: { action: 'accept', content: { name: 'Ada' } } };

let instance: GovernedInstance;
let asking: HttpFixture;
let otherToken = '';
beforeAll(async () => {
  asking = await startHttpFixture('asking-modern.mjs');
  instance = await GovernedInstance.start((ground) => ({
    upstreams: {
      http: { url: asking.url, catalog: 'plain', ...MAY },
      pipe: { ...fixture(ground, 'asking-modern.mjs', ['--stdio']), ...MAY },
      twin: { url: asking.url, catalog: 'plain', ...MAY },
      mute: { url: asking.url, catalog: 'plain' },
    },
    plain: TOOLS,
    rules: RULES,
  }));
  otherToken = await instance.ground.token('other');
}, 60_000);
afterAll(async () => {
  await instance.expectLogToHold();
  await instance.stop();
  await asking.stop();
});

const open: AskedClient[] = [];
async function connected(connect: (typeof CURRENT_CLIENTS)[number][1], wanted: Wanted): Promise<AskedClient> {
  const client = await connect(instance, wanted);
  open.push(client);
  return client;
}
afterAll(() => Promise.all(open.map((client) => client.close())));

const call = (given: Given = {}) =>
  callRaw(instance, { upstream: 'http', name: 'form', args: { message: 'Who?' }, ...given });

async function paused(given: Given = {}): Promise<string> {
  const { result } = await call(given);
  expect(result['resultType']).toBe('input_required');
  return String(result['requestState']);
}

const sent = async () =>
  (await asking.received()).filter(
    ({ body }) => (body as JsonObject | undefined)?.['method'] === 'tools/call',
  );

describe.each(CURRENT_CLIENTS)('%s', (_, connect) => {
  it('a form reaches the person under the name of who asks, and the call goes on; all of it is recorded', async () => {
    const client = await connected(connect, { upstream: 'http' });
    await instance.newActions();
    const called = await client.call('form', { message: 'Who are you?' });
    expect(JSON.parse(called.text)).toEqual({ responses: ADA, state: 'own "state" of Who are you?' });
    expect(client.reached).toMatchObject([
      { method: 'elicitation/create', params: { message: '[http] Who are you?' } },
    ]);
    const entries = await instance.newActions();
    const action = entries[0]?.['action'];
    expect(entries).toMatchObject([
      { kind: 'action.decided', operation: 'mcp:http/form', decision: 'allow' },
      { kind: 'action.decided', operation: 'mcp:http/elicitation/create', decision: 'allow', during: action },
      { kind: 'action.outcome', operation: 'mcp:http/elicitation/create', outcome: 'ok', answer: 'accept' },
      {
        kind: 'action.continued',
        operation: 'mcp:http/form',
        decision: 'allow',
        action,
        rules: expect.arrayContaining(['reads']),
      },
      { kind: 'action.outcome', operation: 'mcp:http/form', outcome: 'ok', action },
    ]);
    expect(JSON.stringify(entries)).not.toContain('Ada"');
    // The digest is what the page says it is, with the salt that stands beside the arguments.
    const traced = await instance.ground.run(`log trace ${String(action)} --json`);
    const salt = /"salt":\s*"([^"]+)"/.exec(traced.stdout)?.[1] ?? '';
    const digest = entries[0]?.['digest'];
    const bytes = Buffer.concat([
      Buffer.from(salt, /^[0-9a-f]{32}$/.test(salt) ? 'hex' : 'base64'),
      Buffer.from(canonicalize({ digest: String(digest), inputResponses: ADA })),
    ]);
    expect(entries[3]?.['inputDigest']).toBe(`sha256:${hash('sha256', bytes, 'hex')}`);
  });

  it('as often as the server asks, within bounds', async () => {
    const client = await connected(connect, { upstream: 'http' });
    expect((await client.call('rounds', { times: 3 })).text).toBe('3');
    expect(client.reached).toHaveLength(3);
    expect((await client.call('later', {})).text).toBe('"wait"');
  });

  it('sampling without what the client knows from elsewhere, and roots of the configuration alone', async () => {
    const client = await connected(connect, { upstream: 'http' });
    expect((await client.call('think', {})).text).toContain('a thought');
    expect(client.reached[0]?.params).not.toHaveProperty('includeContext');
    expect(JSON.parse((await client.call('where', {})).text)).toEqual({ dirs: { roots: [] } });
    expect(client.reached.slice(1)).toEqual([{ method: 'roots/list', params: {} }]);
  });

  it('an address only where its host is on the list, and then nothing else of the answer either', async () => {
    const client = await connected(connect, { upstream: 'http' });
    await client.call('open', { url: 'https://login.example.org/a' });
    expect(client.reached[0]?.params['message']).toContain('[It would open login.example.org]');
    expect(await client.call('both', { url: 'https://evil.example/' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('may not send anybody to'),
    });
    expect(client.reached).toHaveLength(1);
    expect((await instance.newActions()).slice(-5)).toMatchObject([
      { operation: 'mcp:http/both', decision: 'allow' },
      { operation: 'mcp:http/elicitation/create', decision: 'allow' },
      { operation: 'mcp:http/elicitation/create', decision: 'deny', code: 'ASK_ADDRESS' },
      { operation: 'mcp:http/elicitation/create', outcome: 'aborted', code: 'ABORTED' },
      { operation: 'mcp:http/both', outcome: 'failed', code: 'ASK_ADDRESS' },
    ]);
  });

  it('nothing of an upstream that may not ask, and of what a rule forbids, reaches the client', async () => {
    const mute = await connected(connect, { upstream: 'mute' });
    expect((await mute.call('rude', { message: 'x' })).text).toContain('ASK_NOT_ALLOWED');
    const client = await connected(connect, { upstream: 'http' });
    expect((await client.call('form', { message: 'Your password?' })).text).toContain(
      'Passwords are asked for nowhere',
    );
    expect([...mute.reached, ...client.reached]).toEqual([]);
  });

  it('the server is told what `may` and the client have in common', async () => {
    const [all, some, mute] = [
      await connected(connect, { upstream: 'http' }),
      await connected(connect, { upstream: 'http', capabilities: { elicitation: { form: {} } } }),
      await connected(connect, { upstream: 'mute' }),
    ];
    const can = async (client: AskedClient) => JSON.parse((await client.call('can', {})).text);
    expect(await can(all)).toEqual({ elicitation: { form: {}, url: {} }, sampling: {}, roots: {} });
    expect(await can(some)).toEqual({ elicitation: { form: {} }, roots: {} });
    expect(await can(mute)).toEqual({});
    expect((await some.call('rude', { message: 'think' })).text).toContain('ASK_UNSUPPORTED');
  });

  it('rules read the responses, and can end the call by them', async () => {
    const client = await connected(connect, { upstream: 'http' });
    client.person = () => ({ action: 'accept', content: { name: 'Mallory' } });
    const before = (await sent()).length;
    expect(await client.call('form', { message: 'Who?' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('Mallory is not let in.'),
    });
    expect((await sent()).length).toBe(before + 1);
    expect((await instance.newActions()).slice(-2)).toMatchObject([
      { kind: 'action.continued', decision: 'deny', code: 'FORBIDDEN', rules: ['not-mallory'] },
      { kind: 'action.outcome', outcome: 'failed', code: 'FORBIDDEN' },
    ]);
  });
});

it('servers list by what `may` names, whoever calls', async () => {
  const lists = (await asking.received()).map(({ body }) => body as JsonObject | undefined);
  const told = lists.flatMap((body) => {
    if (body?.['method'] !== 'tools/list') return [];
    const meta = (body['params'] as JsonObject)['_meta'] as JsonObject;
    return [JSON.stringify(meta['io.modelcontextprotocol/clientCapabilities'])];
  });
  expect(new Set(told)).toEqual(
    new Set(['{}', '{"elicitation":{"form":{},"url":{}},"roots":{},"sampling":{}}']),
  );
});

it.each([
  ['http', ['prompts/get', 'greet', { name: 'greet' }]],
  ['http', ['resources/read', 'note:a', { uri: 'note:a' }]],
  ['pipe', ['prompts/get', 'greet', { name: 'greet' }]],
  ['pipe', ['tools/call', 'form', { name: 'form', arguments: { message: 'Who?' } }]],
] as const)('a server over %s asks in %s, and it goes on', async (upstream, other) => {
  const state = await paused({ upstream, other });
  const { result } = await call({ upstream, other, state, responses: ADA });
  expect(JSON.stringify(result)).toContain('Ada');
  expect((await call({ upstream, other, state, responses: ADA })).code).toBe('STATE_USED');
});

describe('a state', () => {
  it('is good once, also when it comes twice at the same time', async () => {
    const state = await paused();
    const before = (await sent()).length;
    const codes = await Promise.all([1, 2, 3].map(() => call({ state, responses: ADA })));
    expect(codes.map(({ code }) => code).sort()).toEqual(['STATE_USED', 'STATE_USED', undefined]);
    expect((await sent()).length).toBe(before + 1);
    expect((await call({ state, responses: ADA })).code).toBe('STATE_USED');
  });

  it('shows nothing of the upstream, and is none when it was changed', async () => {
    const state = await paused();
    expect(Buffer.from(state, 'base64url').toString('latin1')).not.toContain('own');
    const flipped = `${state.slice(0, 40)}${state[40] === 'A' ? 'B' : 'A'}${state.slice(41)}`;
    for (const other of [flipped, `${state}A`, state.slice(0, -2), '', 'own "state" of Who?'])
      expect((await call({ state: other, responses: ADA })).code).toBe('STATE_UNREADABLE');
    expect((await call({ state, responses: ADA })).result['resultType']).toBe('complete');
  });

  it('of another agent, upstream or session, or for other arguments, is refused and stays good for its own', async () => {
    const state = await paused();
    const before = (await sent()).length;
    const codes: unknown[] = [];
    for (const given of [
      { token: otherToken },
      { upstream: 'twin' },
      { args: { message: 'Whom?' } },
      { name: 'open', args: { url: 'x' } },
      { meta: { 'dev.lanyard/session': 'elsewhere' } },
    ])
      codes.push((await call({ ...given, state, responses: ADA })).code);
    expect(codes).toEqual([
      'STATE_FOREIGN',
      'STATE_FOREIGN',
      'STATE_DIFFERS',
      'STATE_DIFFERS',
      'STATE_DIFFERS',
    ]);
    expect((await sent()).length).toBe(before);
    expect((await call({ state, responses: ADA })).result['resultType']).toBe('complete');
  });

  it('comes with answers that are answers, to what was asked', async () => {
    const state = await paused();
    expect((await call({ state, responses: { who: { action: 'maybe' } } })).code).toBe('BAD_PARAMS');
    expect((await call({ state, responses: { who: { __proto__x: 1 } } })).code).toBe('RESERVED_KEY');
    const { result } = await call({ state, responses: { ...ADA, more: { roots: [] } } });
    expect(JSON.stringify(result)).not.toContain('more');
  });

  it('is not needed where the answers came ahead and answer all that is asked, in words that are let through', async () => {
    await instance.newActions();
    expect(JSON.stringify((await call({ responses: { ...ADA, more: {} } })).result)).toContain('Ada');
    expect((await instance.newActions()).map(({ kind, operation }) => [kind, operation])).toEqual([
      ['action.decided', 'mcp:http/form'],
      ['action.decided', 'mcp:http/elicitation/create'],
      ['action.outcome', 'mcp:http/elicitation/create'],
      ['action.continued', 'mcp:http/form'],
      ['action.outcome', 'mcp:http/form'],
    ]);
    for (const responses of [{ other: ADA.who }, { who: { action: 'maybe' } }]) {
      const { result } = await call({ responses });
      expect(result['resultType']).toBe('input_required');
      const state = String(result['requestState']);
      expect((await call({ state, responses: ADA })).result['resultType']).toBe('complete');
    }
    const args = { message: 'Your password?' };
    expect((await call({ args, responses: ADA })).result['isError']).toBe(true);
    const mallory = { who: { action: 'accept', content: { name: 'Mallory' } } };
    expect((await call({ responses: mallory })).result['isError']).toBe(true);
  });

  it('is worth nothing after a stop, which ends the pause', async () => {
    const state = await paused();
    await instance.newActions();
    expect((await instance.ground.run('stop agent:writer')).code).toBe(0);
    const before = (await sent()).length;
    const stopped = await call({ state, responses: ADA });
    expect((await instance.ground.run('release agent:writer --why awake')).code).toBe(0);
    expect((await call({ state, responses: ADA })).code).toBe('STATE_USED');
    expect([stopped.code, (await sent()).length]).toEqual(['STATE_USED', before]);
    expect((await instance.newActions()).filter(({ kind }) => kind === 'action.outcome')).toMatchObject([
      { operation: 'mcp:http/elicitation/create', outcome: 'unknown', code: 'STOPPED' },
      { operation: 'mcp:http/form', outcome: 'unknown', code: 'STOPPED' },
    ]);
  });

  it('is worth nothing after kill -9; what was open is closed as unknown and sent no more', async () => {
    const state = await paused();
    await instance.newActions();
    const before = (await sent()).length;
    await instance.running.end('SIGKILL');
    const at = await (await instance.ground.up()).url();
    expect((await call({ at, state, responses: ADA })).code).toBe('STATE_UNREADABLE');
    expect((await sent()).length).toBe(before);
    const ends = (await instance.newActions()).map(({ kind, outcome, code }) => [kind, outcome, code]);
    expect(ends).toEqual([1, 2].map(() => ['action.outcome', 'unknown', 'INTERRUPTED']));
  });
});
