import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpFixture, startHttpFixture } from '../fixtures/upstreams/start.ts';
import { CLIENTS, connectClient } from './connect.ts';
import { EventGround } from './ground.ts';

/** Listeners whose token or agent is no more, with real clients: they are told nothing, and their upstreams let go of them. */

const ONE = 'note://open/one';
const OTHER = ', { id: other, owner: ada, purpose: Looks }';
const NO_ECHO = ['older', 'modern']
  .map((id) => `@id("no-${id}") forbid (principal, action == Action::"mcp:${id}/echo", resource);`)
  .join('\n');
/** Long enough for a client to connect on a busy machine. */
const SHORT_MS = 8_000;

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
    },
  });
});
afterAll(async () => {
  await ground.stop();
  await older.stop();
  await modern.stop();
});

async function rewrite(from: string, to: string): Promise<void> {
  writeFileSync(ground.config, readFileSync(ground.config, 'utf8').replace(from, to));
  const applied = await ground.operator.apply(false);
  if (!applied.ok) throw new Error(applied.error.sentence);
}

/** Each ends what an agent `other` has, and answers once that is so. */
const ENDINGS = {
  'its token is revoked': async () => void (await ground.operator.revokeTokens('other')),
  'its token runs out': async (until: number) => {
    while (Date.now() < until) await later(50);
  },
  'an apply takes its agent out': () => rewrite(OTHER, ''),
} as const;

const cases = CLIENTS.flatMap((kind, i) =>
  Object.entries(ENDINGS).flatMap(([what, end], j) => {
    const upstream = (i + j) % 2 === 0 ? 'older' : 'modern';
    // Which takes its time: over stdio, in each generation.
    if (what.includes('runs out') && (i === 0 || i === 2)) return [];
    return [{ kind, upstream, what, end } as const];
  }),
);

describe('P4 whoever is gone hears nothing any more', () => {
  it.each(cases)('$kind over $upstream, where $what', async ({ kind, upstream, what, end }) => {
    const fixture = { older, modern }[upstream];
    const until = Date.now() + SHORT_MS;
    const made = await ground.operator.makeToken('other', what.includes('runs out') ? SHORT_MS : 3_600_000);
    if (!made.ok) throw new Error(made.error.sentence);
    const client = await connectClient(ground, kind, upstream, made.value.token);
    const staying = await connectClient(ground, 'SDK 2.x, HTTP', upstream);
    const updates = (one: typeof client) => one.heard.filter(({ method }) => method.endsWith('/updated'));
    expect([await client.subscribe(ONE), await staying.subscribe(ONE)]).toEqual([[ONE], [ONE]]);
    await fixture.poke(`/updated?${ONE}`);
    await client.hears(({ method }) => method.endsWith('/updated'));
    await end(until);
    const before = client.heard.length;
    const heard = updates(staying).length;
    await fixture.poke(`/updated?${ONE}`);
    await staying.hears(() => updates(staying).length > heard);
    const changed = staying.heard.length;
    await ground.applyRules(NO_ECHO);
    await staying.hears(() => staying.heard.slice(changed).some(({ method }) => method.includes('/tools/')));
    await later(100);
    expect(client.heard.slice(before)).toEqual([]);
    await ground.applyRules('');
    await Promise.allSettled([client.close(), staying.close()]);
    if (what.startsWith('an apply')) await rewrite(' }]\nupstreams', ` }${OTHER}]\nupstreams`);
  });
});

const later = (ms: number) => new Promise((done) => setTimeout(done, ms));
