import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { fixture, GovernedInstance, type HttpFixture, startHttpFixture } from '../instance.ts';
import {
  type AskedClient,
  type ConnectAsked,
  CURRENT_CLIENTS,
  OLDER_CLIENTS,
  type Wanted,
} from './connect.ts';

/** What servers of one generation ask of clients of the other one. */

const MODERN_TOOLS = ['form', 'open', 'think', 'where', 'both', 'later', 'rounds', 'can', 'rude'];
const OLDER_TOOLS = ['twice', 'aside', 'pair', 'flood'];
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
const ADA = { action: 'accept', content: { name: 'Ada' } };

let instance: GovernedInstance;
let modern: HttpFixture;
let older: HttpFixture;
beforeAll(async () => {
  [modern, older] = await Promise.all([
    startHttpFixture('asking-modern.mjs'),
    startHttpFixture('asking-older.mjs'),
  ]);
  instance = await GovernedInstance.start((ground) => ({
    upstreams: {
      modern: { url: modern.url, catalog: 'plain', ...MAY },
      'modern-pipe': { ...fixture(ground, 'asking-modern.mjs', ['--stdio']), ...MAY },
      mute: { url: modern.url, catalog: 'plain' },
      older: { url: older.url, catalog: 'plain', ...MAY },
      'older-pipe': { ...fixture(ground, 'asking-older.mjs', ['--stdio']), ...MAY },
      'older-mute': { url: older.url, catalog: 'plain' },
    },
    plain: [...MODERN_TOOLS, ...OLDER_TOOLS],
    rules: RULES,
  }));
}, 60_000);
afterAll(async () => {
  await instance.expectLogToHold();
  await instance.stop();
  await Promise.all([modern.stop(), older.stop()]);
});

const open: AskedClient[] = [];
async function connected(connect: ConnectAsked, wanted: Wanted): Promise<AskedClient> {
  const client = await connect(instance, wanted);
  open.push(client);
  return client;
}
afterAll(() => Promise.all(open.map((client) => client.close())));

/** Tool calls that have reached a server. */
const sentTo = async (server: HttpFixture) =>
  (await server.received()).filter(
    ({ body }) => (body as JsonObject | undefined)?.['method'] === 'tools/call',
  ).length;

describe('a client of the older generation, and a server of 2026-07-28', () => {
  const [[, connect], [, overStdio]] = OLDER_CLIENTS as [
    (typeof OLDER_CLIENTS)[0],
    (typeof OLDER_CLIENTS)[0],
  ];
  const upstream = 'modern';

  it.each([
    ['HTTP', 'modern', connect],
    ['stdio', 'modern-pipe', overStdio],
  ] as const)(
    'over %s: a form reaches the person under the name of who asks, and the call goes on; all of it is recorded',
    async (_, upstream, connect) => {
      const client = await connected(connect, { upstream });
      await instance.newActions();
      const called = await client.call('form', { message: 'Who are you?' });
      expect(JSON.parse(called.text)).toEqual({
        responses: { who: ADA },
        state: 'own "state" of Who are you?',
      });
      expect(client.reached).toMatchObject([
        { method: 'elicitation/create', params: { message: `[${upstream}] Who are you?` } },
      ]);
      const entries = await instance.newActions();
      const action = entries[0]?.['action'];
      expect(entries).toMatchObject([
        { kind: 'action.decided', operation: `mcp:${upstream}/form`, decision: 'allow' },
        { kind: 'action.decided', operation: `mcp:${upstream}/elicitation/create`, during: action },
        { kind: 'action.outcome', operation: `mcp:${upstream}/elicitation/create`, answer: 'accept' },
        { kind: 'action.continued', operation: `mcp:${upstream}/form`, decision: 'allow', action },
        { kind: 'action.outcome', operation: `mcp:${upstream}/form`, outcome: 'ok', action },
      ]);
      expect(JSON.stringify(entries)).not.toContain('Ada"');
    },
  );

  it('as often as the server asks; a model and directories as well, and also nothing but patience', async () => {
    const client = await connected(connect, { upstream });
    expect((await client.call('rounds', { times: 3 })).text).toBe('3');
    expect((await client.call('later', {})).text).toBe('"wait"');
    expect((await client.call('think', {})).text).toContain('a thought');
    expect(client.reached.map(({ method }) => method)).toEqual([
      ...Array(3).fill('elicitation/create'),
      'sampling/createMessage',
    ]);
    expect(client.reached[3]?.params).not.toHaveProperty('includeContext');
    expect(JSON.parse((await client.call('where', {})).text)).toEqual({ dirs: { roots: [] } });
    expect(client.reached).toHaveLength(4);
  });

  it('an address only where its host is on the list, and then nothing else of the answer either', async () => {
    const client = await connected(connect, { upstream });
    await client.call('open', { url: 'https://login.example.org/a' });
    expect(client.reached[0]?.params).toMatchObject({
      url: 'https://login.example.org/a',
      message: expect.stringContaining('[It would open login.example.org]'),
    });
    expect(await client.call('both', { url: 'https://evil.example/' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('may not send anybody to'),
    });
    expect(client.reached).toHaveLength(1);
    expect((await instance.newActions()).at(-1)).toMatchObject({ outcome: 'failed', code: 'ASK_ADDRESS' });
  });

  it('the server is told what `may` and the client have in common', async () => {
    const [all, some] = [
      await connected(connect, { upstream }),
      await connected(connect, { upstream, capabilities: { elicitation: { form: {} } } }),
    ];
    const can = async (client: AskedClient) => JSON.parse((await client.call('can', {})).text);
    // Tasks are Lanyard's own to follow, whoever asks.
    const extensions = { 'io.modelcontextprotocol/tasks': {} };
    expect(await can(all)).toEqual({
      elicitation: { form: {}, url: {} },
      sampling: {},
      roots: {},
      extensions,
    });
    expect(await can(some)).toEqual({ elicitation: { form: {} }, roots: {}, extensions });
  });

  it('nothing that may not be asked, that a rule forbids, or that the client cannot be asked reaches it', async () => {
    const mute = await connected(connect, { upstream: 'mute' });
    expect((await mute.call('rude', { message: 'x' })).text).toContain('ASK_NOT_ALLOWED');
    const client = await connected(connect, { upstream: 'modern' });
    expect((await client.call('form', { message: 'Your password?' })).text).toContain('asked for nowhere');
    const some = await connected(connect, {
      upstream: 'modern',
      capabilities: { elicitation: { form: {} } },
    });
    expect((await some.call('rude', { message: 'think' })).text).toContain('ASK_UNSUPPORTED');
    expect([...mute.reached, ...client.reached, ...some.reached]).toEqual([]);
  });

  it('a refusal of the person is her answer, and rules read what she says', async () => {
    const client = await connected(connect, { upstream: 'modern' });
    client.person = () => ({ action: 'decline' });
    expect(JSON.parse((await client.call('form', { message: 'x' })).text)['responses']).toEqual({
      who: { action: 'decline' },
    });
    client.person = () => ({ action: 'accept', content: { name: 'Mallory' } });
    const before = await sentTo(modern);
    expect(await client.call('form', { message: 'Who?' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('Mallory is not let in.'),
    });
    expect(await sentTo(modern)).toBe(before + 1);
    expect((await instance.newActions()).slice(-2)).toMatchObject([
      { kind: 'action.continued', decision: 'deny', code: 'FORBIDDEN', rules: ['not-mallory'] },
      { kind: 'action.outcome', outcome: 'failed', code: 'FORBIDDEN' },
    ]);
  });

  it('one that fails to answer ends the call, and what else it is being asked', async () => {
    const client = await connected(connect, { upstream: 'modern' });
    client.person = ({ url }) => {
      if (url === undefined) return new Promise(() => undefined);
      throw new Error('no browser here');
    };
    expect(await client.call('both', { url: 'https://login.example.org/' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('no browser here'),
    });
    const ends = (await instance.newActions()).slice(-3);
    expect(ends).toMatchObject([
      { operation: 'mcp:modern/elicitation/create', outcome: 'unknown', code: 'ASK_UNANSWERED' },
      { operation: 'mcp:modern/elicitation/create', outcome: 'failed', code: 'ASK_FAILED' },
      { operation: 'mcp:modern/both', outcome: 'failed', code: 'ASK_FAILED' },
    ]);
  });

  it('a stop, and a client that lets go, end the asking; nothing more is sent, and the end is unknown', async () => {
    const client = await connected(connect, { upstream: 'modern' });
    for (const code of ['STOPPED', 'CANCELLED']) {
      const shown = Promise.withResolvers<void>();
      client.person = () => {
        shown.resolve();
        return new Promise(() => undefined);
      };
      const letGo = new AbortController();
      const before = await sentTo(modern);
      const calling = client.call('form', { message: 'x' }, letGo.signal).catch(() => null);
      await shown.promise;
      if (code === 'STOPPED') await instance.ground.run('stop agent:writer --why enough');
      else letGo.abort();
      await calling;
      await expect
        .poll(async () => (await instance.ground.entries()).findLast(({ kind }) => kind === 'action.outcome'))
        .toMatchObject({ outcome: 'unknown', code });
      if (code === 'STOPPED') await instance.ground.run('release agent:writer --why fine');
      expect(await sentTo(modern)).toBe(before + 1);
    }
  });
});

describe('a client of 2026-07-28, and a server of the older generation', () => {
  const [[, connect], [, overStdio]] = CURRENT_CLIENTS as [
    (typeof CURRENT_CLIENTS)[0],
    (typeof CURRENT_CLIENTS)[0],
  ];
  const upstream = 'older';
  let client: AskedClient;
  beforeEach(async () => {
    client = await connected(connect, { upstream });
  });

  it.each([
    ['HTTP', 'older', connect],
    ['stdio', 'older-pipe', overStdio],
  ] as const)(
    'over %s: a form reaches the person under the name of who asks, in one call of the server; all of it is recorded',
    async (_, upstream, connect) => {
      const client = await connected(connect, { upstream });
      await instance.newActions();
      const before = await sentTo(older);
      expect(JSON.parse((await client.call('form', { message: 'Who are you?' })).text)).toEqual(ADA);
      expect(client.reached).toMatchObject([
        { method: 'elicitation/create', params: { message: `[${upstream}] Who are you?` } },
      ]);
      if (upstream === 'older') expect(await sentTo(older)).toBe(before + 1);
      const entries = await instance.newActions();
      const action = entries[0]?.['action'];
      expect(entries).toMatchObject([
        { kind: 'action.decided', operation: `mcp:${upstream}/form`, decision: 'allow' },
        { kind: 'action.decided', operation: `mcp:${upstream}/elicitation/create`, during: action },
        { kind: 'action.continued', operation: `mcp:${upstream}/form`, decision: 'allow', action },
        { kind: 'action.outcome', operation: `mcp:${upstream}/elicitation/create`, answer: 'accept' },
        { kind: 'action.outcome', operation: `mcp:${upstream}/form`, outcome: 'ok', action },
      ]);
      expect(JSON.stringify(entries)).not.toContain('Ada"');
    },
  );

  it('one after the other, two at once, and outside of the stream of the call', async () => {
    for (const [tool, count] of [
      ['twice', 2],
      ['pair', 2],
      ['aside', 1],
    ] as const)
      expect((await client.call(tool, {})).text).toBe(
        JSON.stringify(tool === 'aside' ? ADA : Array(count).fill(ADA)),
      );
    const messages = client.reached.map(({ params }) => params['message']);
    expect([messages.slice(0, 2), messages.slice(2, 4).sort(), messages.slice(4)]).toEqual([
      ['[older] first', '[older] second'],
      ['[older] one', '[older] other'],
      ['[older] aside'],
    ]);
  });

  it('a model as well, without what the client knows from elsewhere; directories of the configuration; and no floods', async () => {
    expect((await client.call('think', { about: 'life' })).text).toContain('a thought');
    expect(client.reached[0]?.params).not.toHaveProperty('includeContext');
    expect((await client.call('where', {})).text).toBe('{"roots":[]}');
    const ends = JSON.parse((await client.call('flood', { times: 40 })).text) as string[];
    expect(ends.filter((end) => end === 'ok')).toHaveLength(32);
    expect(client.reached).toHaveLength(1);
  });

  it('an address only where its host is on the list', async () => {
    await client.call('open', { url: 'https://login.example.org/a' });
    expect(client.reached[0]?.params).toMatchObject({
      url: 'https://login.example.org/a',
      message: '[older] Sign in\n\n[It would open login.example.org]',
    });
    expect(await client.call('open', { url: 'https://evil.example/' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('may not send anybody to'),
    });
    expect(client.reached).toHaveLength(1);
  });

  it('nothing that may not be asked, that a rule forbids, or that the client cannot be asked reaches it', async () => {
    const mute = await connected(connect, { upstream: 'older-mute' });
    expect((await mute.call('form', { message: 'x' })).text).toContain('may not ask for');
    expect(await client.call('form', { message: 'Your password?' })).toMatchObject({ isError: true });
    const some = await connected(connect, { upstream, capabilities: { sampling: {} } });
    expect((await some.call('form', { message: 'x' })).text).toContain('cannot be asked for that');
    expect([...mute.reached, ...client.reached, ...some.reached]).toEqual([]);
  });

  it('rules read what the person says; a denial cuts the call, and how that ended is not known', async () => {
    client.person = () => ({ action: 'accept', content: { name: 'Mallory' } });
    expect(await client.call('form', { message: 'Who?' })).toMatchObject({
      isError: true,
      text: expect.stringContaining('Mallory is not let in.'),
    });
    expect((await instance.newActions()).slice(-3)).toMatchObject([
      { kind: 'action.continued', decision: 'deny', code: 'FORBIDDEN', rules: ['not-mallory'] },
      {},
      {},
    ]);
    expect((await ends('form')).at(-1)).toMatchObject({ outcome: 'unknown', code: 'FORBIDDEN' });
    expect(await answersTo(older)).not.toContain('Mallory');
  });
});

/** How the calls of one tool ended, in the order of the log. */
const ends = async (tool: string, upstream = 'older') =>
  (await instance.ground.entries()).filter(
    ({ kind, operation }) => kind === 'action.outcome' && operation === `mcp:${upstream}/${tool}`,
  );

/** What a server was answered to what it asked, as one text. */
const answersTo = async (server: HttpFixture) =>
  (await server.received())
    .map(({ body }) => JSON.stringify((body as JsonObject | undefined)?.['result']))
    .join();
