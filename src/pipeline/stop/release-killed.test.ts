import { afterEach, beforeEach, expect, test } from 'vitest';
import { enrol, personOf, sign } from '../../../tests/faults/people.ts';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import { LIMITS } from '../../base/limits.ts';
import { recallFirstWords } from '../../main/stop/releasing.ts';
import { operate } from '../operate.ts';
import { FirstWords, type KilledRelease, sayFirst, saySecond } from './release-killed.ts';
import { stop } from './stop.ts';

/** What was killed comes back by two people, or by one alone who signs twice, ten minutes apart. */

const SCOPE = 'agent:writer';
let house: TestHouse;
let aheadMs: number;
let ground: KilledRelease;
let entitled: readonly string[];
beforeEach(async () => {
  house = await TestHouse.open({
    people: '  - { id: root, name: Root, roles: [admin] }\n  - { id: sid, name: Sid, roles: [security] }\n',
  });
  await enrol(house, 'root', 'sid');
  aheadMs = 0;
  entitled = ['root', 'sid'];
  ground = {
    halt: house.house.halt,
    words: new FirstWords(),
    now: () => house.house.clock.now() + aheadMs,
    releasers: { entitled: () => entitled, areIndependent: () => true },
  };
  await kill();
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const kill = () =>
  operate(house.house.ground, { by: 'socket' }, stop(ground.halt, SCOPE, 'killed', undefined));
const none = async () => null;
const first = (person: string) => sign(house, person, sayFirst(ground, SCOPE, 'fine', none, {}));
const second = (person: string) => sign(house, person, saySecond(ground, SCOPE, 'fine', none, {}));
const level = () => ground.halt.levels.get(SCOPE) ?? 'live';
const refused = (what: string) => ({ ok: false, error: { sentence: expect.stringContaining(what) } });

test('P4 one word releases nothing; the word of another does, and the log has both, signed', async () => {
  expect((await first('sid')).ok).toBe(true);
  expect(level()).toBe('killed');
  expect((await second('root')).ok).toBe(true);
  expect(level()).toBe('live');
  const { entries, report } = await house.see();
  expect(report).toMatchObject({ holds: true, faults: [] });
  expect(entries.filter(({ kind }) => kind.startsWith('containment.release'))).toMatchObject([
    {
      kind: 'containment.release-signed',
      person: 'sid',
      scope: SCOPE,
      proof: { statement: { purpose: 'release-first' } },
    },
    { kind: 'containment.released', person: 'root', first: 'sid', was: 'killed' },
  ]);
});

test('P4 the same person is not two while somebody else could sign, however long she waits', async () => {
  await first('root');
  aheadMs = LIMITS.secondWordMs;
  expect(await second('root')).toMatchObject(refused('the other is one of: sid'));
  expect(level()).toBe('killed');
});

test('P4 where only one is entitled she signs again ten minutes later, and not before', async () => {
  entitled = ['root'];
  await first('root');
  aheadMs = LIMITS.secondWordMs - 60_000;
  expect(await second('root')).toMatchObject(refused('again in 1 minutes'));
  aheadMs = LIMITS.secondWordMs + 1000;
  expect((await second('root')).ok).toBe(true);
  expect(level()).toBe('live');
});

test('P4 people of whom one enrolled the other lately are not two', async () => {
  ground = { ...ground, releasers: { entitled: () => entitled, areIndependent: () => false } };
  await first('root');
  expect(await second('sid')).toMatchObject(refused('do not count together'));
});

test.each(['a further stop', 'a day'])('P4 after %s the first word is void', async (what) => {
  await first('root');
  if (what === 'a day') aheadMs = LIMITS.firstWordMs;
  else await kill();
  expect(await second('sid')).toMatchObject(refused('begin anew'));
  expect(level()).toBe('killed');
});

test('P4 the socket, an unsigned session and the killed agent itself release nothing', async () => {
  await first('root');
  const act = saySecond(ground, SCOPE, 'please', none, {});
  const person = personOf(house, 'sid');
  for (const by of [{ by: 'socket' }, { by: 'person', person }, { by: 'agent', agent: 'writer' }] as const)
    expect((await operate(house.house.ground, by, act)).ok).toBe(false);
  expect(level()).toBe('killed');
});

test('P4 the first word outlives a restart, and not a stop that came after it', async () => {
  expect((await first('sid')).ok).toBe(true);
  await house.abandon();
  house = await house.reopen();
  ground = { ...ground, halt: house.house.halt, words: house.house.firstWords };
  await recallFirstWords(house.house);
  expect(ground.words.find(SCOPE, ground.halt, ground.now())).toMatchObject({ person: 'sid' });
  await kill();
  const after = new FirstWords();
  await recallFirstWords({ ...house.house, firstWords: after });
  expect(after.find(SCOPE, ground.halt, ground.now())).toBeNull();
  expect((await second('root')).ok).toBe(false);
  expect((await first('sid')).ok).toBe(true);
  expect((await second('root')).ok).toBe(true);
  expect(level()).toBe('live');
});
