import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpFixture, startHttpFixture } from '../fixtures/upstreams/start.ts';
import { CLIENTS, connectClient, type Heard } from './connect.ts';
import { EventGround, stdioFixture } from './ground.ts';

/** That what an agent is shown has changed: told when it has, and never because an upstream says so. */

let ground: EventGround;
let older: HttpFixture;
let definitions: string;
beforeAll(async () => {
  older = await startHttpFixture('eventful-http.mjs');
  definitions = join(mkdtempSync(join(tmpdir(), 'lanyard-lists-')), 'definitions.json');
  writeFileSync(definitions, '{}');
  ground = await EventGround.start({
    upstreams: {
      older: { url: older.url, catalog: 'plain' },
      box: stdioFixture('../../journeys/clients/upstream.mjs', [], { env: { DEFINITIONS: definitions } }),
    },
  });
});
afterAll(async () => {
  await ground.stop();
  await older.stop();
  rmSync(definitions, { force: true });
});

const lists = (heard: readonly Heard[]) =>
  heard.map(({ method }) => method).filter((method) => method.endsWith('/list_changed'));
const TOOLS = 'notifications/tools/list_changed';
const NOT_FOR_OTHER =
  '@id("not-for-other") forbid (principal == Agent::"other", action == Action::"mcp:box/echo", resource);';

describe.each(CLIENTS)('%s', (kind) => {
  it('hears when what it is shown has changed, and nothing before', async () => {
    const client = await connectClient(ground, kind, 'box');
    if (kind.startsWith('SDK 2')) await client.subscribe();
    await client.call('echo', { text: 'settled' });

    // A definition that changed is hidden: one tool less. That it is accepted makes it one more.
    writeFileSync(definitions, JSON.stringify({ echo: { description: `Changed for ${kind}` } }));
    await client.hears(() => lists(client.heard).length === 1);
    await ground.accept('box');
    await client.hears(() => lists(client.heard).length === 2);

    await ground.applyRules('@id("no-echo") forbid (principal, action == Action::"mcp:box/echo", resource);');
    await client.hears(() => lists(client.heard).length === 3);
    await ground.applyRules(
      '@id("other-words") forbid (principal, action == Action::"mcp:box/echo", resource);',
    );
    await later();
    await ground.applyRules('');
    await client.hears(() => lists(client.heard).length === 4);

    // Stopped, it is told nothing; released, that there is something to see again.
    await ground.operator.stop('agent:writer', 'frozen', 'a test');
    await later();
    expect(lists(client.heard)).toHaveLength(4);
    await ground.operator.release('agent:writer', 'the test goes on');
    await client.hears(() => lists(client.heard).length === 5);
    expect(new Set(lists(client.heard))).toEqual(new Set([TOOLS]));
    await client.close();
  });
});

it.each(CLIENTS)(
  'P4 hears of a stop that was over at once, for it may have asked meanwhile: %s',
  async (kind) => {
    const client = await connectClient(ground, kind, 'box');
    if (kind.startsWith('SDK 2')) await client.subscribe();
    await client.call('echo', { text: 'settled' });
    await ground.operator.stop('agent:writer', 'frozen', 'a test');
    await ground.operator.release('agent:writer', 'the test goes on');
    await client.hears(() => lists(client.heard).length === 1);
    expect(lists(client.heard)).toEqual([TOOLS]);
    await client.close();
  },
);

it('is not told of what an upstream merely says', async () => {
  const client = await connectClient(ground, 'SDK 1.x, HTTP', 'older');
  for (let i = 0; i < 20; i++) await older.poke('/stirred');
  await client.call('stir', {});
  await later();
  await later();
  expect(lists(client.heard)).toEqual([]);
  await client.close();
});

it('an agent is not told of what only another agent is shown', async () => {
  const client = await connectClient(ground, 'SDK 1.x, HTTP', 'box');
  const other = await connectClient(ground, 'SDK 1.x, HTTP', 'box', await ground.tokenOf('other'));
  // Their streams are opened behind what connects: until one is open, nothing is heard there.
  for (let hidden = false; lists(other.heard).length === 0; ) {
    hidden = !hidden;
    await ground.applyRules(hidden ? NOT_FOR_OTHER : '');
    await later();
  }
  expect(new Set(lists(other.heard))).toEqual(new Set([TOOLS]));
  expect(client.heard).toEqual([]);
  await ground.applyRules('');
  await client.close();
  await other.close();
});

/** Longer than anything here waits before it tells. */
const later = () => new Promise((resolve) => setTimeout(resolve, 700));
