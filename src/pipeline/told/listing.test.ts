import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tool } from '../../../tests/faults/counting-upstream.ts';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import { problem } from '../../base/errors.ts';
import type { Listing } from '../ports/corridor.ts';

let house: TestHouse;
beforeEach(async () => {
  house = await TestHouse.open();
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

async function list(agent = 'writer'): Promise<Listing> {
  const listing = await house.corridor.listing({ agent, token: 't' }, 'box', '2026');
  if (!listing.ok) throw new Error(listing.error.sentence);
  return listing.value;
}
const names = (listing: Listing) => listing.tools.map((one) => one['name']);

describe('what an agent is shown', () => {
  test('is what it could have: nothing without a permit', async () => {
    expect(names(await list())).toEqual(['look', 'write', 'tally', 'unlisted-class', 'trusted']);
  });

  test('leaves out what changed, and what is new, from this very listing on', async () => {
    const { tools } = house.upstream.definitions;
    const changed = tools.map((one) => (one['name'] === 'look' ? { ...one, title: 'Look!' } : one));
    house.upstream.relist({ tools: [...changed, tool('fresh', {})] });
    expect(names(await list())).toEqual(['write', 'tally', 'unlisted-class', 'trusted']);
    expect(await house.look('a')).toMatchObject({ kind: 'denied', decision: { code: 'PIN_CHANGED' } });
    expect(await house.act('fresh', {})).toMatchObject({ kind: 'denied', decision: { code: 'PIN_CHANGED' } });
    const { entries } = await house.see();
    expect(entries.filter((entry) => entry.kind === 'instance.pin-changed')).toMatchObject([
      { upstream: 'box', changed: ['tool look'], added: ['tool fresh'], removed: [] },
    ]);
  });

  test('leaves out what stands twice, and keeps the rest of that list', async () => {
    const { tools } = house.upstream.definitions;
    const resources = ['one', 'two', 'one'].map((name) => ({ uri: `file:///${name}`, name }));
    house.upstream.relist({
      tools: [...tools, tool('look', {}), tool('new', {}), tool('new', {})],
      resources,
    });
    const listing = await list();
    expect(names(listing)).toEqual(['write', 'tally', 'unlisted-class', 'trusted']);
    expect(listing.resources.map(({ name }) => name)).toEqual(['two']);
    expect(await house.look('a')).toMatchObject({ kind: 'denied', decision: { code: 'PIN_CHANGED' } });
    expect(await house.act('new', {})).toMatchObject({ kind: 'denied', decision: { code: 'LISTED_TWICE' } });
    house.upstream.relist({ tools, resources: resources.slice(1) });
    expect((await list()).resources).toHaveLength(2);
    expect(await house.look('a')).toMatchObject({ kind: 'result' });
  });

  test('is decided only for the parts that are asked for', async () => {
    house.upstream.relist({ resources: [{ uri: 'file:///one', name: 'one' }] });
    const caller = { agent: 'writer', token: 't' };
    const all = await list();
    for (const part of ['tools', 'resources'] as const) {
      const listing = await house.corridor.listing(caller, 'box', '2026', undefined, [part]);
      const nothing = { tools: [], prompts: [], resources: [], resourceTemplates: [] };
      expect(listing).toMatchObject({ ok: true, value: { ...nothing, [part]: all[part] } });
    }
    expect(all.tools).not.toEqual([]);
  });

  test('of what is known: as listed last, and the upstream is asked in a moment', async () => {
    const { tools } = house.upstream.definitions;
    house.upstream.relist({ tools: tools.filter((one) => one['name'] !== 'look') });
    const known = await house.corridor.listing({ agent: 'writer', token: 't' }, 'box', '2026', 'known');
    expect(known.ok && names(known.value)).toContain('look');
    expect(house.upstream.wishes).toBe(1);
    // A call is held to what is listed by then.
    expect(await house.look('a')).toMatchObject({ kind: 'denied', decision: { code: 'PIN_CHANGED' } });
    expect(names(await list())).not.toContain('look');
  });

  test('of an upstream that is pinned first with others: once the rules are compiled for all', async () => {
    const { pins, standing } = house.house;
    pins.forget('box');
    standing.replace(standing.parts, standing.inForce);
    const before = standing.inForce;
    await standing.gather(async () => {
      standing.onListed('box', '2026', house.upstream.definitions);
      expect(standing.inForce).toBe(before);
    });
    expect(standing.inForce).not.toBe(before);
    expect(names(await list())).toContain('look');
  });

  test('is told once of a change, however often it is listed', async () => {
    house.upstream.relist({ tools: [] });
    for (let i = 0; i < 3; i++) await list();
    const { entries } = await house.see();
    expect(entries.filter((entry) => entry.kind === 'instance.pin-changed')).toHaveLength(1);
  });

  test('of resources: those that it could read, each decided by its own URI', async () => {
    const page = (uri: string) => ({ uri, name: uri });
    house.upstream.relist({ resources: [page('box://a'), page('box://b'), { name: 'without' }] });
    expect((await list()).resources.map((one) => one['uri'])).toEqual(['box://a', 'box://b']);
    expect((await house.see()).entries.filter((entry) => entry.kind.startsWith('action.'))).toEqual([]);
  });

  test('is worded so that a client reads the whole list, whatever one of its members lacks', async () => {
    const resources = [{ uri: 'box://a', title: null }];
    house.upstream.relist({ resources });
    expect((await list()).resources).toEqual([{ uri: 'box://a', name: 'box://a' }]);
    const known = await house.corridor.listing({ agent: 'writer', token: 't' }, 'box', '2026', 'known');
    expect(known).toMatchObject({ value: { resources: [{ uri: 'box://a', name: 'box://a' }] } });
  });

  test('is nothing while it is frozen, and nothing to an agent that is not there', async () => {
    house.house.halt.tighten('agent:writer', 'frozen');
    expect(await list()).toEqual({ tools: [], prompts: [], resources: [], resourceTemplates: [] });
    expect(names(await list('reader'))).not.toEqual([]);
    expect(names(await list('nobody'))).toEqual([]);
  });

  test('is an error where the upstream does not answer, or is none', async () => {
    house.upstream.list = async () => ({
      ok: false,
      error: problem('UPSTREAM_UNAVAILABLE', { upstream: 'box' }),
    });
    const caller = { agent: 'writer', token: 't' };
    expect(await house.corridor.listing(caller, 'box', '2026')).toMatchObject({
      ok: false,
      error: { code: 'UPSTREAM_UNAVAILABLE' },
    });
    expect(await house.corridor.listing(caller, 'cellar', '2026')).toMatchObject({
      ok: false,
      error: { code: 'UNKNOWN_UPSTREAM' },
    });
  });
});
