import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { callsIn, type HttpFixture, startHttpFixture } from '../fixtures/upstreams/start.ts';
import { CLIENTS, connectClient, type Heard, type ListeningClient } from './connect.ts';
import { EventGround, stdioFixture } from './ground.ts';

/** Subscriptions to resources: each generation of client over each generation of upstream, over both transports. */

const RULES = `
@id("locked") @reason("It is locked.")
forbid (principal, action, resource)
when { context.input has uri && context.input.uri like "note://locked/*" };
`;
const ONE = 'note://open/one';
const TWO = 'note://open/two';

let ground: EventGround;
let older: HttpFixture;
let modern: HttpFixture;
beforeAll(async () => {
  older = await startHttpFixture('eventful-http.mjs');
  modern = await startHttpFixture('eventful-http.mjs', '--modern');
  ground = await EventGround.start({
    upstreams: {
      older: { url: older.url, catalog: 'plain' },
      modern: { url: modern.url, catalog: 'plain' },
      'older-stdio': stdioFixture('eventful-stdio.mjs'),
      'modern-stdio': stdioFixture('eventful-stdio.mjs', ['--modern']),
      shared: stdioFixture('eventful-stdio.mjs', [], { shared: true }),
    },
    rules: RULES,
  });
});
afterAll(async () => {
  await ground.stop();
  await older.stop();
  await modern.stop();
});

const updates = (heard: readonly Heard[]) =>
  heard
    .filter(({ method }) => method === 'notifications/resources/updated')
    .map(({ params }) => params?.['uri']);
const hearsOf = (client: ListeningClient, uri: string) =>
  client.hears(
    ({ method, params }) => method === 'notifications/resources/updated' && params?.['uri'] === uri,
  );

const UPSTREAMS = ['older', 'modern', 'older-stdio', 'modern-stdio'];
const cases = CLIENTS.flatMap((kind) => UPSTREAMS.map((upstream) => ({ kind, upstream })));

describe.each(cases)('$kind over $upstream', ({ kind, upstream }) => {
  let client: ListeningClient;
  beforeAll(async () => {
    client = await connectClient(ground, kind, upstream);
    await ground.newActions();
  });
  afterAll(() => client.close());

  it('hears of what it may read, each decided as a read, until it ends it', async () => {
    expect(await client.subscribe(ONE, TWO)).toEqual([ONE, TWO]);
    const actions = await ground.newActions();
    expect(actions.filter(({ kind }) => kind === 'action.decided')).toMatchObject([
      { operation: `mcp:${upstream}/resources/read`, sentAs: 'resources/subscribe', decision: 'allow' },
      { operation: `mcp:${upstream}/resources/read`, sentAs: 'resources/subscribe', decision: 'allow' },
    ]);
    expect(actions.filter(({ kind }) => kind === 'action.outcome')).toMatchObject([
      { outcome: 'ok' },
      { outcome: 'ok' },
    ]);
    await client.call('touch', { uri: 'note://open/three' });
    await client.call('touch', { uri: 'note://open/oneself' });
    await client.call('touch', { uri: ONE });
    await hearsOf(client, ONE);
    await client.call('touch', { uri: TWO });
    await hearsOf(client, TWO);
    expect(updates(client.heard)).toEqual([ONE, TWO]);

    await client.unsubscribe(ONE);
    await client.call('touch', { uri: ONE });
    await client.call('echo', { text: 'after it' });
    expect(updates(client.heard)).toEqual([ONE, TWO]);
    await ground.newActions();
  });

  it('does not hear of what it may not read', async () => {
    const subscribed = client.subscribe('note://locked/one');
    if (kind.startsWith('SDK 1')) await expect(subscribed).rejects.toThrow(/locked/);
    else expect(await subscribed).toEqual([]);
    expect(await ground.newActions()).toMatchObject([
      { decision: 'deny', rules: ['locked'], sentAs: 'resources/subscribe' },
    ]);
  });
});

describe('what has been let through', () => {
  it.each(CLIENTS)('P4 goes quiet with a stop and speaks again after the release: %s', async (kind) => {
    const client = await connectClient(ground, kind, 'modern');
    await client.subscribe(ONE);
    await modern.poke(`/updated?${ONE}`);
    await hearsOf(client, ONE);
    await ground.operator.stop('agent:writer', 'frozen', 'a test');
    await modern.poke(`/updated?${ONE}`);
    await later();
    expect(updates(client.heard)).toEqual([ONE]);
    await ground.operator.release('agent:writer', 'the test goes on');
    // It changed meanwhile: said once the stop is over.
    await client.hears(() => updates(client.heard).length === 2);
    await modern.poke(`/updated?${ONE}`);
    await client.hears(() => updates(client.heard).length === 3);
    await client.close();
  });

  it.each(['upstream:older', 'operation:mcp:older/resources/read', 'target:older'])(
    'P4 is told nothing while its %s is stopped, and what it missed once that is over',
    async (what) => {
      const client = await connectClient(ground, 'SDK 2.x, HTTP', 'older');
      await client.subscribe(ONE);
      await older.poke(`/updated?${ONE}`);
      await hearsOf(client, ONE);
      await ground.operator.stop(what, 'frozen', 'a test');
      await older.poke(`/updated?${ONE}`);
      await later();
      expect(updates(client.heard)).toEqual([ONE]);
      await ground.operator.release(what, 'the test goes on');
      await client.hears(() => updates(client.heard).length === 2);
      await client.close();
    },
  );

  it('is decided again under the rules that are in force by then', async () => {
    const client = await connectClient(ground, 'SDK 1.x, HTTP', 'older');
    await client.subscribe(ONE, TWO);
    await ground.applyRules(`${RULES}
      @id("no-more") forbid (principal, action, resource) when { context.input has uri && context.input.uri == "${ONE}" };`);
    await older.poke(`/updated?${ONE}`);
    await older.poke(`/updated?${TWO}`);
    await hearsOf(client, TWO);
    expect(updates(client.heard)).toEqual([TWO]);
    await ground.applyRules(RULES);
    await older.poke(`/updated?${ONE}`);
    await hearsOf(client, ONE);
    await client.close();
  });

  it('ends with the token, upstream as well', async () => {
    const other = await ground.tokenOf('other');
    const client = await connectClient(ground, 'SDK 2.x, HTTP', 'older', other);
    await client.subscribe(ONE);
    await older.poke('/forget');
    await ground.operator.revokeTokens('other');
    const unsubscribed = async () =>
      (await older.received()).some(({ body }) => body?.method === 'resources/unsubscribe');
    await until(unsubscribed);
    await older.poke(`/updated?${ONE}`);
    await later();
    expect(updates(client.heard)).toEqual([]);
    await client.close();
  });

  it('ends when the client goes away without a word', async () => {
    const client = await connectClient(ground, 'SDK 2.x, stdio', 'older');
    const uri = 'note://open/left';
    await client.subscribe(uri);
    await older.poke('/forget');
    await client.close();
    await until(async () =>
      (await older.received()).some(
        ({ body }) => body?.method === 'resources/unsubscribe' && body.params?.['uri'] === uri,
      ),
    );
  });

  it('belongs to one session: another of the same agent hears nothing of it', async () => {
    const [one, two] = [
      await connectClient(ground, 'SDK 1.x, HTTP', 'older'),
      await connectClient(ground, 'SDK 1.x, HTTP', 'older'),
    ];
    await one.subscribe(ONE);
    await two.subscribe(TWO);
    await older.poke(`/updated?${ONE}`);
    await older.poke(`/updated?${TWO}`);
    await hearsOf(one, ONE);
    await hearsOf(two, TWO);
    expect([updates(one.heard), updates(two.heard)]).toEqual([[ONE], [TWO]]);
    await one.close();
    await two.close();
  });

  it('belongs to one agent, though upstreams may be shared', async () => {
    const one = await connectClient(ground, 'SDK 1.x, HTTP', 'shared');
    const two = await connectClient(ground, 'SDK 1.x, HTTP', 'shared', await ground.tokenOf('other'));
    await one.subscribe(ONE);
    await two.call('touch', { uri: ONE });
    await hearsOf(one, ONE);
    expect(two.heard).toEqual([]);
    await one.close();
    await two.close();
  });
});

describe('an upstream', () => {
  it('that floods is told of once, and once more', async () => {
    const client = await connectClient(ground, 'SDK 2.x, HTTP', 'older');
    await client.subscribe(ONE);
    await client.call('touch', { uri: ONE, times: 3000 });
    await client.hears(() => updates(client.heard).length >= 2);
    await later();
    expect(updates(client.heard).length).toBeLessThan(100);
    await client.close();
  });

  it('sees our own requests, and never more than one listen', async () => {
    await modern.poke('/forget');
    const client = await connectClient(ground, 'SDK 1.x, HTTP', 'modern', await ground.tokenOf('other'));
    await client.subscribe(ONE, TWO);
    const listens = (await modern.received()).filter(({ body }) =>
      JSON.stringify(body ?? null).includes('resourceSubscriptions'),
    );
    expect(listens.map(({ body }) => body?.params?.['notifications'])).toEqual([
      { resourceSubscriptions: [ONE] },
      { resourceSubscriptions: [ONE, TWO] },
    ]);
    expect(callsIn(await modern.received())).toEqual([]);
    await client.close();
  });

  it('works on the common path under the URIs that are there', async () => {
    const client = await connectClient(ground, 'SDK 1.x, HTTP', null);
    // Every upstream here offers it, so it is nobody's.
    await expect(client.subscribe(ONE)).rejects.toThrow(/no resource/);
    await client.close();
  });
});

async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Long enough for what is on its way to arrive; what is to be shown is that nothing does. */
const later = () => new Promise((resolve) => setTimeout(resolve, 300));
