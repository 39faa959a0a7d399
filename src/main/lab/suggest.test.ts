import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { removeDirectory, SECRET, TestHouse } from '../../../tests/faults/test-house.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Answer } from '../../pipeline/ports/answer.ts';
import { type Suggestion, suggestFor } from './suggest.ts';

/** What an agent was denied, turned into rules, applied, and tried again through the real corridor. */

let house: TestHouse;
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const open = async (rules = '') => {
  house = await TestHouse.open({ onlyRules: `// nothing is permitted\n${rules}` });
};

async function suggested(agent = 'writer'): Promise<Suggestion> {
  const { rooms, standing, store } = house.house;
  const ground = { rooms, inForce: standing.inForce, parts: standing.parts, store };
  const found = await suggestFor(ground, agent, 0);
  if ('sentence' in found) throw new Error(found.sentence);
  return found;
}

/** Takes the suggestion as a person would. */
async function take({ text }: Suggestion): Promise<void> {
  const path = join(house.directory, 'rules.cedar');
  writeFileSync(path, `${readFileSync(path, 'utf8')}\n${text}`);
  expect(await house.operations.apply(false)).toMatchObject({ ok: true, value: { applied: true } });
}

const passes = (answer: Answer) => answer.kind === 'result';

/** Arguments of `mixed`. Few values of each kind, so that neighbours meet. */
const TEXTS = ['', 'a', 'b', 'say "no"\\ \n*', 'ünï😀'];
const VALUES: Readonly<Record<string, readonly unknown[]>> = {
  text: TEXTS,
  count: [0, 1, -7],
  ratio: [0, 0.5, 2.25],
  on: [true, false],
  'a name': ['x', 3],
  tags: [[], ['a'], ['a', 'b']],
  place: [{ x: 1 }, { x: 2 }, { x: 1, y: 'a' }],
  undeclared: [1, { deep: ['x'] }],
};
const anyArguments = fc
  .record(
    Object.fromEntries(Object.entries(VALUES).map(([name, values]) => [name, fc.constantFrom(...values)])),
    { requiredKeys: ['text'] },
  )
  .map((args) => args as JsonObject);

/** Everything that differs in one argument: another value, or none. */
function neighbours(args: JsonObject): JsonObject[] {
  return Object.entries(VALUES).flatMap(([name, values]) => {
    const { [name]: _, ...without } = args;
    const others = values.map((value) => ({ ...without, [name]: value }) as JsonObject);
    return name === 'text' ? others : [without, ...others];
  });
}

const same = (a: JsonObject, b: JsonObject) => sorted(a) === sorted(b);
const sorted = (args: JsonObject) =>
  JSON.stringify(Object.fromEntries(Object.entries(args).sort(([a], [b]) => (a < b ? -1 : 1))));

describe('a suggested rule', () => {
  test('passes exactly what was denied, and nothing of its neighbourhood', { timeout: 120_000 }, async () => {
    await open();
    const denied = fc.sample(anyArguments, { numRuns: 8, seed: 20261128 });
    for (const args of denied) expect(await house.act('mixed', args)).toMatchObject({ kind: 'denied' });
    const suggestion = await suggested();
    expect(suggestion.left).toEqual([]);
    expect(suggestion.rules).toMatchObject([
      { operation: 'mcp:box/mixed', passes: denied.length, widened: [] },
    ]);
    await take(suggestion);
    for (const args of denied)
      expect(passes(await house.act('mixed', args)), JSON.stringify(args)).toBe(true);
    let strangers = 0;
    for (const args of denied.flatMap(neighbours)) {
      const known = denied.some((one) => same(one, args));
      if (!known) strangers++;
      expect(passes(await house.act('mixed', args)), JSON.stringify(args)).toBe(known);
    }
    expect(strangers).toBeGreaterThan(60);
    for (const args of fc.sample(anyArguments, { numRuns: 60, seed: 1 }))
      expect(passes(await house.act('mixed', args))).toBe(denied.some((one) => same(one, args)));
    const [one] = denied;
    expect(passes(await house.act('mixed', one ?? {}, { agent: 'reader', token: 't2' }))).toBe(false);
  });

  test('names the very target, and of three files in a directory the directory', async () => {
    await open();
    const work = join(house.directory, 'work');
    for (const directory of ['one', 'many', 'many/deep']) mkdirSync(join(work, directory));
    const write = (path: string, text = 'x') => house.act('write', { path: join(work, path), text });
    await house.look('a');
    await house.look('b');
    for (const [i, path] of ['many/a', 'many/b', 'many/deep/c'].entries()) await write(path, `text ${i}`);
    const suggestion = await suggested();
    expect(suggestion.rules.map(({ operation, widened }) => [operation, widened])).toEqual([
      ['mcp:box/look', []],
      // No catalog of this house says where its server's files are, so a directory may not be named.
      ['mcp:box/write', []],
    ]);
    const { rooms, standing, store } = house.house;
    const upstreams = new Map(
      [...standing.inForce.upstreams].map(([id, one]) => [
        id,
        { ...one, place: { ...one.place, roots: [work] } },
      ]),
    );
    const inForce = { ...standing.inForce, upstreams };
    const found = await suggestFor({ rooms, inForce, parts: standing.parts, store }, 'writer', 0);
    if ('sentence' in found) throw new Error(found.sentence);
    expect(found.rules[1]?.widened).toEqual([
      `3 files of one directory: everything in ${work}/many, and below it`,
      'text was another one every time: any',
    ]);
    await take(found);
    expect(passes(await house.look('a'))).toBe(true);
    expect(passes(await house.look('c'))).toBe(false);
    expect(passes(await write('many/deep/new', 'whatever'))).toBe(true);
    expect(passes(await write('one/a'))).toBe(false);
    expect(passes(await write('many-others'))).toBe(false);
  });

  test('says of each its evidence, its worst case, and what should make one look twice', async () => {
    await open();
    for (const text of ['a', 'b', 'c']) await house.act('post', { text });
    const { entries } = await house.see();
    const actions = entries.filter(({ kind }) => kind === 'action.decided').map(({ action }) => action);
    const { rules, text } = await suggested();
    expect(rules).toMatchObject([{ actions, worst: 'Says it to everybody', passes: 3 }]);
    for (const line of [
      'Nothing of this is in force.',
      'whoever wants more need only try',
      `actions ${actions.join(', ')}`,
      'worst case: Says it to everybody (external; send; irreversible; audience public)',
      'CAREFUL: all of them within a minute',
      'CAREFUL: it can send',
      'CAREFUL: what it does cannot be taken back',
      'tried: with this rule all of them would have passed',
    ])
      expect(text).toContain(line);
    expect(text).not.toContain('wider than');
  });

  test('warns where strangers may have asked for it', async () => {
    await open('@id("looks") @need("tests") permit (principal, action == Action::"mcp:box/look", resource);');
    await house.look('page');
    await house.act('post', { text: 'as told' });
    expect((await suggested()).text).toContain(
      'CAREFUL: 1 of 1 came from a session that had read what strangers wrote, who may have asked for it',
    );
  });
});

describe('what no permit passes', () => {
  test('is named with the forbids in its way, which stay', async () => {
    await open(`@id("never") forbid (principal, action == Action::"mcp:box/post", resource);
@id("asks") @review("owner") forbid (principal, action == Action::"mcp:box/look", resource);
@id("looks") @need("tests") permit (principal, action == Action::"mcp:box/look", resource);`);
    await house.act('post', { text: 'x' });
    await house.look('a');
    await house.act('unlisted-class', {});
    const suggestion = await suggested();
    expect(suggestion.obstacles).toMatchObject([
      { rule: 'never', operations: ['mcp:box/post'] },
      { rule: 'asks', review: 'owner', operations: ['mcp:box/look'] },
      { rule: 'lanyard:unclassified', review: 'owner', operations: ['mcp:box/unlisted-class'] },
    ]);
    expect(suggestion.rules.map(({ operation, passes: count }) => [operation, count])).toEqual([
      ['mcp:box/post', 0],
      ['mcp:box/unlisted-class', 0],
    ]);
    expect(suggestion.text).toContain('0 of 1 would have passed; the others meet a forbid named above');
    await take(suggestion);
    expect(await house.act('post', { text: 'x' })).toMatchObject({ decision: { rules: ['never'] } });
    expect(await house.look('a')).toMatchObject({ decision: { rules: ['asks'] } });
  });

  test('is left out by name: secrets, what is no longer kept, what no rule denied, what passes by now', async () => {
    await open(
      '@id("counts") forbid (principal, action == Action::"mcp:box/tally", resource) when { context.input.count * 9007199254740000 < 0 };',
    );
    await house.act('post', { text: 'gone' });
    await house.store.expireBodies(Number.MAX_SAFE_INTEGER);
    await house.act('post', { text: SECRET });
    await house.act('post', { text: 'password: hunter2hunter2hunter2' });
    await house.act('post', { text: 'x'.repeat(5000) });
    await house.act('post', { text: 'short' });
    await house.act('tally', { count: 2000 });
    house.house.halt.tighten('agent:writer', 'frozen');
    await house.look('a');
    house.house.halt.set('agent:writer', 'live');
    const { rules, left, text } = await suggested();
    expect(left.map(({ why }) => why)).toEqual(
      expect.arrayContaining([
        'the arguments are no longer kept',
        'the arguments were kept without what is secret in them',
        'mcp:box/post: no rule can say the value of text',
        'denied with RULE_ERROR, which no permit changes',
        'denied with FROZEN, which no permit changes',
      ]),
    );
    expect(rules).toMatchObject([{ operation: 'mcp:box/post', actions: [expect.any(String)], passes: 1 }]);
    for (const secret of [SECRET, 'correct horse', 'hunter2']) expect(text).not.toContain(secret);
    const none = await suggested('reader');
    expect(none).toMatchObject({ rules: [], left: [], obstacles: [] });
    expect(none.text).toContain('There is no permit to suggest.');
  });

  test('is an agent that there is not', async () => {
    await open();
    expect(await house.operations.suggest('writr', 0)).toMatchObject({
      error: { sentence: expect.stringContaining('writer') },
    });
    expect(await house.operations.suggest('writer', Number.NaN)).toMatchObject({ ok: false });
  });
});
