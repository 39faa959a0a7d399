import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpFixture, startHttpFixture } from '../fixtures/upstreams/start.ts';
import { CLIENTS, connectClient, type ListeningClient } from './connect.ts';
import { EventGround, stdioFixture } from './ground.ts';

/** Subscriptions and list changes on `/mcp`: one client, and all upstreams of both generations behind it. */

const UPSTREAMS = ['older', 'modern', 'older-stdio', 'modern-stdio'] as const;
const RULES = `
@id("locked") @reason("It is locked.")
forbid (principal, action, resource)
when { context.input has uri && context.input.uri like "*://locked/*" };
`;

let ground: EventGround;
let fixtures: HttpFixture[];
beforeAll(async () => {
  const scheme = (of: string) => ['--scheme', of];
  fixtures = await Promise.all([
    startHttpFixture('eventful-http.mjs', ...scheme('older')),
    startHttpFixture('eventful-http.mjs', '--modern', ...scheme('modern')),
  ]);
  const [older, modern] = fixtures;
  ground = await EventGround.start({
    upstreams: {
      older: { url: older?.url, catalog: 'plain' },
      modern: { url: modern?.url, catalog: 'plain' },
      'older-stdio': stdioFixture('eventful-stdio.mjs', scheme('older-stdio')),
      'modern-stdio': stdioFixture('eventful-stdio.mjs', ['--modern', ...scheme('modern-stdio')]),
    },
    rules: RULES,
  });
});
afterAll(async () => {
  await ground.stop();
  await Promise.all(fixtures.map((fixture) => fixture.stop()));
});

const UPDATED = 'notifications/resources/updated';
const updates = ({ heard }: ListeningClient) =>
  heard.filter(({ method }) => method === UPDATED).map(({ params }) => params?.['uri']);
const hears = (client: ListeningClient, uri: string) =>
  client.hears(({ method, params }) => method === UPDATED && params?.['uri'] === uri);

/** Over stdio a client speaks to one upstream. */
const HTTP = CLIENTS.filter((kind) => kind.endsWith('HTTP'));

describe.each(HTTP)('%s', (kind) => {
  it('hears of what each upstream has, under its URI and from whoever has it', async () => {
    const client = await connectClient(ground, kind, null);
    await ground.newActions();
    const wanted = UPSTREAMS.map((upstream) => `${upstream}://open/one`);
    expect(await client.subscribe(...wanted)).toEqual(wanted);
    const decided = (await ground.newActions()).filter(({ kind }) => kind === 'action.decided');
    expect(decided.map(({ operation, sentAs }) => `${String(operation)} ${String(sentAs)}`).sort()).toEqual(
      UPSTREAMS.map((upstream) => `mcp:${upstream}/resources/read resources/subscribe`).sort(),
    );

    for (const [at, upstream] of UPSTREAMS.entries()) {
      // What nobody is subscribed to, and what another upstream says of a resource that is not its own.
      await client.call(`${upstream}__touch`, { uri: `${upstream}://open/two` });
      const other = UPSTREAMS[(at + 1) % UPSTREAMS.length];
      await client.call(`${upstream}__touch`, { uri: `${other}://open/one` });
      await client.call(`${upstream}__touch`, { uri: `${upstream}://open/one` });
      await hears(client, `${upstream}://open/one`);
    }
    expect(updates(client)).toEqual(wanted);
    await client.close();
  });

  it('is denied what it may not read, and hears of the rest', async () => {
    const client = await connectClient(ground, kind, null);
    const [locked, open] = ['modern://locked/one', 'older://open/two'];
    if (kind.startsWith('SDK 1')) {
      await expect(client.subscribe(locked)).rejects.toThrow(/locked/);
      await client.subscribe(open);
    } else expect(await client.subscribe(locked, open)).toEqual([open]);
    await client.call('modern__touch', { uri: locked });
    await client.call('older__touch', { uri: open });
    await hears(client, open);
    expect(updates(client)).toEqual([open]);
    await client.close();
  });

  it('hears once that what it is shown of one upstream has changed', async () => {
    const client = await connectClient(ground, kind, null);
    if (kind.startsWith('SDK 2')) await client.subscribe();
    await client.call('older__echo', { text: 'settled' });
    const rule = (upstream: string) =>
      `${RULES}@id("no-echo") forbid (principal, action == Action::"mcp:${upstream}/echo", resource);`;
    const changes = () => client.heard.filter(({ method }) => method.endsWith('/list_changed'));
    for (const [at, upstream] of ['older', 'modern-stdio'].entries()) {
      await ground.applyRules(rule(upstream));
      await client.hears(() => changes().length === at + 1);
    }
    await ground.applyRules(RULES);
    await client.hears(() => changes().length === 3);
    expect(new Set(changes().map(({ method }) => method))).toEqual(
      new Set(['notifications/tools/list_changed']),
    );
    await client.close();
  });
});
