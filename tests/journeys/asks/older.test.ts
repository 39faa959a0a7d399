import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fixture, GovernedInstance, type HttpFixture, startHttpFixture } from '../instance.ts';
import { type AskedClient, OLDER_CLIENTS, type Wanted } from './connect.ts';

/** What servers of the older generation ask of clients of the older generation in the middle of a call. */

const TOOLS = ['form', 'twice', 'aside', 'open', 'think', 'where', 'flood', 'echo', 'done'];
const MAY = { may: ['elicitation', 'sampling', 'roots'], mayOpen: ['login.example.org', '*.example.net'] };
const NOT_HERE = `
@id("no-passwords") @reason("Passwords are asked for nowhere.")
forbid (principal, action in Action::"ask:elicitation", resource)
when { context.input.message like "*password*" };
@id("reads") @need("Reading is harmless")
permit (principal, action in Action::"risk:read", resource);
`;

let instance: GovernedInstance;
let asking: HttpFixture;
beforeAll(async () => {
  asking = await startHttpFixture('asking-older.mjs');
  instance = await GovernedInstance.start((ground) => ({
    upstreams: {
      http: { url: asking.url, catalog: 'plain', ...MAY },
      pipe: { ...fixture(ground, 'asking-older.mjs', ['--stdio']), ...MAY },
      mute: { url: asking.url, catalog: 'plain' },
    },
    plain: TOOLS,
    rules: NOT_HERE,
  }));
}, 60_000);
afterAll(async () => {
  await instance.expectLogToHold();
  await instance.stop();
  await asking.stop();
});

const open: AskedClient[] = [];
async function connected(connect: (typeof OLDER_CLIENTS)[number][1], wanted: Wanted): Promise<AskedClient> {
  const client = await connect(instance, wanted);
  open.push(client);
  return client;
}
afterAll(() => Promise.all(open.map((client) => client.close())));

describe.each(OLDER_CLIENTS)('%s', (_, connect) => {
  describe.each(['http', 'pipe'])('and a server over %s', (upstream) => {
    it('a form reaches the person under the name of who asks, and the answer goes back; both are recorded', async () => {
      const client = await connected(connect, { upstream });
      expect(await client.call('form', { message: 'Who are you?' })).toMatchObject({
        text: '{"action":"accept","content":{"name":"Ada"}}',
      });
      expect(client.reached).toMatchObject([
        { method: 'elicitation/create', params: { message: `[${upstream}] Who are you?` } },
      ]);
      const entries = (await instance.newActions()).slice(-4);
      const [call] = entries;
      expect(entries).toMatchObject([
        { kind: 'action.decided', operation: `mcp:${upstream}/form`, decision: 'allow' },
        {
          kind: 'action.decided',
          operation: `mcp:${upstream}/elicitation/create`,
          decision: 'allow',
          during: call?.['action'],
          rules: [`lanyard:may/mcp:${upstream}/elicitation/create`],
        },
        {
          kind: 'action.outcome',
          operation: `mcp:${upstream}/elicitation/create`,
          outcome: 'ok',
          answer: 'accept',
        },
        { kind: 'action.outcome', operation: `mcp:${upstream}/form`, outcome: 'ok' },
      ]);
      // Nothing of the person's answer stands in the log itself.
      expect(JSON.stringify(entries)).not.toContain('Ada"');
    });

    it('one after the other, and outside of the stream of the call', async () => {
      const client = await connected(connect, { upstream });
      expect((await client.call('twice', {})).text).toBe(
        JSON.stringify([1, 2].map(() => ({ action: 'accept', content: { name: 'Ada' } }))),
      );
      expect((await client.call('aside', {})).text).toContain('accept');
      expect(client.reached.map(({ params }) => params['message'])).toEqual(
        ['first', 'second', 'aside'].map((message) => `[${upstream}] ${message}`),
      );
    });

    it('a refusal of the person is her answer', async () => {
      const client = await connected(connect, { upstream });
      client.person = () => ({ action: 'decline' });
      expect((await client.call('form', { message: 'x' })).text).toBe('{"action":"decline"}');
      expect((await instance.newActions()).at(-2)).toMatchObject({ outcome: 'ok', answer: 'decline' });
    });

    it('an address only where its host is on the list, with the host shown', async () => {
      const client = await connected(connect, { upstream });
      await client.call('open', { url: 'https://login.example.org/a?b=c#d' });
      await client.call('open', { url: 'http://deep.example.net/' });
      expect(client.reached.map(({ params }) => [params['url'], params['message']])).toEqual([
        ['https://login.example.org/a?b=c#d', `[${upstream}] Sign in\n\n[It would open login.example.org]`],
        ['http://deep.example.net/', `[${upstream}] Sign in\n\n[It would open deep.example.net]`],
      ]);
      for (const url of [
        'https://evil.example/',
        'https://login.example.org.evil.example/',
        'https://login.example.org@evil.example/',
        'https://example.net/',
        'https://evilexample.net/',
        'javascript:alert(1)',
        'file:///etc/passwd',
        'ftp://login.example.org/',
        'data:text/html,x',
      ])
        expect(await client.call('open', { url }), url).toMatchObject({
          text: expect.stringContaining('may not send anybody to'),
          isError: true,
        });
      expect(client.reached).toHaveLength(2);
      const denied = (await instance.newActions()).filter(({ code }) => code === 'ASK_ADDRESS');
      expect(denied).toHaveLength(9);
    });

    it('sampling, without what the client knows from elsewhere', async () => {
      const client = await connected(connect, { upstream });
      expect((await client.call('think', { about: 'life' })).text).toContain('a thought');
      const params = client.reached[0]?.params ?? {};
      expect(params).not.toHaveProperty('includeContext');
      expect(params['systemPrompt']).toContain(`the MCP server "${upstream}"`);
    });

    it('roots are those of the configuration, and nobody is asked', async () => {
      const client = await connected(connect, { upstream });
      expect((await client.call('where', {})).text).toBe('{"roots":[]}');
      expect(client.reached).toEqual([]);
      expect((await instance.newActions()).slice(-4)).toMatchObject([
        {},
        { operation: `mcp:${upstream}/roots/list`, decision: 'allow' },
        { operation: `mcp:${upstream}/roots/list`, outcome: 'ok' },
        {},
      ]);
    });

    it('what a rule forbids reaches nobody', async () => {
      const client = await connected(connect, { upstream });
      expect(await client.call('form', { message: 'Your password?' })).toMatchObject({ isError: true });
      expect(client.reached).toEqual([]);
      expect((await instance.newActions()).at(-2)).toMatchObject({
        decision: 'deny',
        rules: ['no-passwords'],
      });
    });
  });

  it('nothing where `may` does not name it, and that is recorded', async () => {
    const client = await connected(connect, { upstream: 'mute' });
    for (const [tool, args] of [
      ['form', { message: 'x' }],
      ['think', { about: 'x' }],
      ['where', {}],
    ] as const)
      expect(await client.call(tool, args)).toMatchObject({ isError: true });
    expect(client.reached).toEqual([]);
    const asked = (await instance.newActions()).filter(({ operation }) =>
      String(operation).startsWith('mcp:mute/'),
    );
    const denied = asked.filter(({ during }) => during !== undefined);
    expect(denied.map(({ code }) => code)).toEqual(Array(3).fill('ASK_NOT_ALLOWED'));
  });

  it('nothing that the client did not say it can be asked', async () => {
    const client = await connected(connect, { upstream: 'pipe', capabilities: { sampling: {} } });
    expect(await client.call('form', { message: 'x' })).toMatchObject({
      text: expect.stringContaining('cannot be asked for that'),
    });
    expect((await client.call('think', { about: 'x' })).text).toContain('a thought');
    expect((await instance.newActions()).at(-6)).toMatchObject({ decision: 'deny', code: 'ASK_UNSUPPORTED' });
  });

  it('a stop ends what a person is being asked', async () => {
    const client = await connected(connect, { upstream: 'http' });
    const shown = Promise.withResolvers<void>();
    client.person = () => {
      shown.resolve();
      return new Promise(() => undefined);
    };
    const calling = client.call('form', { message: 'x' });
    await shown.promise;
    await instance.ground.run('stop agent:writer --why enough');
    expect((await calling).isError).toBe(true);
    await instance.ground.run('release agent:writer --why fine');
    const entries = await instance.newActions();
    expect(
      entries.find(
        ({ operation, kind }) => kind === 'action.outcome' && operation === 'mcp:http/elicitation/create',
      ),
    ).toMatchObject({
      outcome: 'unknown',
      code: 'STOPPED',
    });
  });
});

it.each([
  ['HTTP', 0, 'http'],
  ['stdio', 1, 'pipe'],
] as const)(
  'over %s: that an address is done with is told once, to who went there and by the id it was given',
  async (_, row, upstream) => {
    const connect = OLDER_CLIENTS[row]?.[1];
    if (connect === undefined) throw new Error('no client');
    const client = await connected(connect, { upstream });
    // Over HTTP another agent, which is sent there too and does not go.
    const isHttp = upstream === 'http';
    const token = isHttp ? await instance.ground.token('other') : instance.token;
    const other = await connected(connect, { upstream, token });
    other.person = () => ({ action: 'decline' });
    const url = 'https://login.example.org/';
    if (isHttp) await other.call('open', { url });
    await client.call('open', { url });
    const done = () => Promise.all([client, other].map((one) => one.call('done', {})));
    // The stream on which it comes may not be open yet.
    await expect
      .poll(async () => {
        await done();
        return client.completed;
      })
      .toEqual([client.reached[0]?.params['elicitationId']]);
    await done();
    expect(client.completed).toHaveLength(1);
    expect(client.completed).not.toContain('theirs');
    expect(other.completed).toEqual([]);
  },
);

it('floods end: a call asks so often and no more', async () => {
  const [[, connect]] = OLDER_CLIENTS as [(typeof OLDER_CLIENTS)[number]];
  const client = await connected(connect, { upstream: 'pipe' });
  const ends = JSON.parse((await client.call('flood', { times: 40 })).text) as string[];
  expect(ends.filter((end) => end === 'ok')).toHaveLength(32);
  expect(ends.at(-1)).toContain('asked more than 32 times');
});

it.each([
  ['an address in the text', { message: 'Go to https://evil.example/ now' }],
  [
    'an address in the form',
    {
      message: 'x',
      schema: '{"type":"object","properties":{"a":{"type":"string","title":"see http://evil.example"}}}',
    },
  ],
])('%s that is not on the list reaches nobody', async (_, args) => {
  const [[, connect]] = OLDER_CLIENTS as [(typeof OLDER_CLIENTS)[number]];
  const client = await connected(connect, { upstream: 'pipe' });
  expect(await client.call('form', args)).toMatchObject({ isError: true });
  expect(client.reached).toEqual([]);
});

it('what moves a cursor or hides is taken out of what a person reads', async () => {
  const [[, connect]] = OLDER_CLIENTS as [(typeof OLDER_CLIENTS)[number]];
  const client = await connected(connect, { upstream: 'pipe' });
  await client.call('form', { message: '\u001b[2K\r[bank] safe\u202e\nline' });
  expect(client.reached[0]?.params['message']).toBe('[pipe] \ufffd[2K\ufffd[bank] safe\ufffd\nline');
});
