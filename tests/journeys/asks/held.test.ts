import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { fixture, GovernedInstance, type HttpFixture, startHttpFixture } from '../instance.ts';
import { CURRENT_CLIENTS } from './connect.ts';
import { callRaw, type Given, type RawAnswer } from './raw.ts';

/** Calls that older servers hold while clients of 2026-07-28 are asked, and whom servers ask that agents share. */

const MAY = { may: ['elicitation', 'sampling', 'roots'] };
const RULES = `
@id("reads") @need("Reading is harmless")
permit (principal, action in Action::"risk:read", resource);
`;
const ADA = { action: 'accept', content: { name: 'Ada' } };

let instance: GovernedInstance;
let older: HttpFixture;
beforeAll(async () => {
  older = await startHttpFixture('asking-older.mjs');
  instance = await GovernedInstance.start((ground) => ({
    upstreams: {
      older: { url: older.url, catalog: 'plain', ...MAY },
      shared: { url: older.url, catalog: 'plain', shared: true, ...MAY },
      'shared-pipe': { ...fixture(ground, 'asking-older.mjs', ['--stdio']), shared: true, ...MAY },
      'shared-modern': { ...fixture(ground, 'asking-modern.mjs', ['--stdio']), shared: true, ...MAY },
    },
    plain: ['form', 'twice', 'pair', 'until', 'nudge'],
    rules: RULES,
  }));
}, 60_000);
afterAll(async () => {
  await instance.expectLogToHold();
  await instance.stop();
  await older.stop();
});

/** How the calls of one tool ended, in the order of the log. */
const ends = async (tool: string, upstream = 'older') =>
  (await instance.ground.entries()).filter(
    ({ kind, operation }) => kind === 'action.outcome' && operation === `mcp:${upstream}/${tool}`,
  );

/** Calls that a server was told to be cut. */
const cancelledAt = async (server: HttpFixture) =>
  (await server.received()).filter(
    ({ body }) => (body as JsonObject | undefined)?.['method'] === 'notifications/cancelled',
  ).length;

describe('a session that agents share', () => {
  const first = (given: Given) =>
    callRaw(instance, { name: 'form', args: { message: String(given.token) }, ...given });
  const goOn = (given: Given, { result }: RawAnswer, responses: JsonObject) =>
    first({ ...given, state: String(result['requestState']), responses });
  /** The one key of what is asked, with the message. */
  const asked = ({ result }: RawAnswer) => {
    const [[key, request] = ['', {}]] = Object.entries((result['inputRequests'] ?? {}) as JsonObject);
    return { key, message: ((request as JsonObject)['params'] as JsonObject | undefined)?.['message'] };
  };
  const sayBob = (key: string) => ({ [key]: { action: 'accept', content: { name: 'Bob' } } });
  let other: string;
  beforeAll(async () => {
    other = await instance.ground.token('other');
  });

  it.each(['shared', 'shared-modern'])(
    '%s: each is asked its own, and nobody goes on for another',
    async (upstream) => {
      const [mine, theirs] = [
        { upstream, args: { message: 'mine' } },
        { upstream, args: { message: 'theirs' }, token: other },
      ];
      const [one, two] = [await first(mine), await first(theirs)];
      expect([asked(one).message, asked(two).message]).toEqual([
        `[${upstream}] mine`,
        `[${upstream}] theirs`,
      ]);
      expect((await goOn({ ...mine, token: other }, one, sayBob(asked(one).key))).code).toBe('STATE_FOREIGN');
      const answers = [
        await goOn(theirs, two, sayBob(asked(two).key)),
        await goOn(mine, one, { [asked(one).key]: ADA }),
      ].map(({ result }) => JSON.stringify(result));
      expect(answers[0]).toContain('Bob');
      expect(answers[0]).not.toContain('Ada');
      expect(answers[1]).toContain('Ada');
      expect(answers[1]).not.toContain('Bob');
    },
  );

  it('over stdio, where nothing says whose call it is, nobody is asked while several agents call', async () => {
    const upstream = 'shared-pipe';
    const one = await first({ upstream, args: { message: 'mine' } });
    expect(asked(one).message).toBe('[shared-pipe] mine');
    const two = await first({ upstream, args: { message: 'theirs' }, token: other });
    expect(JSON.stringify(two.result)).toContain('or of more than one');
    const end = await goOn({ upstream, args: { message: 'mine' } }, one, { [asked(one).key]: ADA });
    expect(JSON.stringify(end.result)).toContain('Ada');
    expect(asked(await first({ upstream, args: { message: 'theirs' }, token: other })).message).toBe(
      '[shared-pipe] theirs',
    );
  });

  it('one agent that lets many wait leaves room for others, and a stop cuts its calls alone', async () => {
    const upstream = 'shared';
    const args = { message: 'many' };
    const many = await Promise.all(Array.from({ length: 17 }, () => first({ upstream, args })));
    expect(many.filter((one) => asked(one).message === '[shared] many')).toHaveLength(16);
    const two = await first({ upstream, args, token: other });
    const before = await cancelledAt(older);
    expect((await instance.ground.run('stop agent:writer')).code).toBe(0);
    await expect.poll(() => cancelledAt(older)).toBe(before + 16);
    expect(
      JSON.stringify((await goOn({ upstream, args, token: other }, two, sayBob(asked(two).key))).result),
    ).toContain('Bob');
    expect((await instance.ground.run('release agent:writer --why awake')).code).toBe(0);
    const cut = (await ends('form', 'shared')).filter(({ code }) => code === 'STOPPED');
    expect(cut.map(({ outcome }) => outcome)).toEqual(Array(16).fill('unknown'));
  });
});

describe('between the rounds of a call that is held', () => {
  const call = async (given: Given) => callRaw(instance, { upstream: 'older', ...given });
  async function held(name: string, args: JsonObject = {}): Promise<{ state: string; keys: string[] }> {
    const { result } = await call({ name, args });
    expect(result['resultType']).toBe('input_required');
    return {
      state: String(result['requestState']),
      keys: Object.keys(result['inputRequests'] as JsonObject),
    };
  }
  const cancelled = () => cancelledAt(older);

  it('what the client leaves unanswered is asked again, and each state is good once and for this very call', async () => {
    const { state, keys } = await held('pair');
    expect(keys.length).toBeGreaterThan(0);
    expect((await call({ name: 'twice', args: {}, state, responses: {} })).code).toBe('STATE_DIFFERS');
    const codes = await Promise.all([1, 2].map(() => call({ name: 'pair', args: {}, state, responses: {} })));
    expect(codes.map(({ code }) => code).sort()).toEqual(['STATE_USED', undefined]);
    let { result } = codes.find(({ code }) => code === undefined) ?? { result: {} as JsonObject };
    const asked = new Set<string>();
    while (result['resultType'] === 'input_required') {
      const [key = ''] = Object.keys(result['inputRequests'] as JsonObject);
      expect(asked).not.toContain(key);
      asked.add(key);
      const state = String(result['requestState']);
      ({ result } = await call({ name: 'pair', args: {}, state, responses: { [key]: ADA, more: ADA } }));
    }
    expect(JSON.stringify(result)).toContain(JSON.stringify(JSON.stringify([ADA, ADA])).slice(1, -1));
    expect(asked.size).toBe(2);
  });

  it('a server that does without the answer has its own recorded at once, and the client is given it', async () => {
    const { state, keys } = await held('until');
    await call({ name: 'nudge', args: {} });
    await expect.poll(() => ends('until')).toMatchObject([{ outcome: 'ok' }]);
    const responses = { [keys[0] ?? '']: ADA };
    expect(JSON.stringify((await call({ name: 'until', args: {}, state, responses })).result)).toContain(
      'done without',
    );
    expect((await call({ name: 'until', args: {}, state, responses })).code).toBe('STATE_USED');
  });

  it('a stop cuts it: the server hears so, and the end is unknown', async () => {
    const { state, keys } = await held('form', { message: 'Who?' });
    const before = await cancelled();
    expect((await instance.ground.run('stop agent:writer')).code).toBe(0);
    await expect
      .poll(async () => (await ends('form')).at(-1))
      .toMatchObject({ outcome: 'unknown', code: 'STOPPED' });
    await expect.poll(cancelled).toBe(before + 1);
    expect((await instance.ground.run('release agent:writer --why awake')).code).toBe(0);
    const args = { message: 'Who?' };
    const again = await call({ name: 'form', args, state, responses: { [keys[0] ?? '']: ADA } });
    expect(again.code).toBe('STATE_USED');
  });

  it('a stdio client that goes away for good leaves nothing in flight', async () => {
    const connect = CURRENT_CLIENTS[1]?.[1];
    if (connect === undefined) throw new Error('no client');
    const client = await connect(instance, { upstream: 'older' });
    const shown = Promise.withResolvers<void>();
    client.person = () => {
      shown.resolve();
      return new Promise(() => undefined);
    };
    const [before, earlier] = [await cancelled(), (await ends('form')).length];
    void client.call('form', { message: 'Who?' }).catch(() => undefined);
    await shown.promise;
    await client.close();
    await expect.poll(cancelled).toBe(before + 1);
    await expect
      .poll(async () => (await ends('form')).slice(earlier))
      .toMatchObject([{ outcome: 'unknown', code: 'ASK_UNANSWERED' }]);
  });

  it('a kill -9 ends it as unknown, and its state opens nothing', async () => {
    const { state } = await held('form', { message: 'Who?' });
    await instance.running.end('SIGKILL');
    const at = await (await instance.ground.up()).url();
    expect((await call({ at, name: 'form', args: { message: 'Who?' }, state, responses: {} })).code).toBe(
      'STATE_UNREADABLE',
    );
    expect((await ends('form')).at(-1)).toMatchObject({ outcome: 'unknown', code: 'INTERRUPTED' });
  });
});
