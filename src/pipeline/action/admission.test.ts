import { afterEach, describe, expect, test } from 'vitest';
import { answering } from '../../../tests/faults/counting-upstream.ts';
import { type HouseOptions, removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import { problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { openCorridor } from '../corridor.ts';
import type { Answer } from '../ports/answer.ts';
import type { Corridor } from '../ports/corridor.ts';
import { Admission } from './admission.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

let house: TestHouse;
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

/** A corridor whose limits go by a clock that this test turns. */
async function open(limits: string, options: HouseOptions = {}) {
  house = await TestHouse.open({ ...options, limits });
  const clock = { now: () => time.nowMs, monotonicMs: () => time.nowMs };
  const time = { nowMs: 1_000 * DAY_MS };
  const admission = new Admission(clock, (id) => house.rooms.inForce().agents.get(id));
  const corridor = openCorridor({ ...house.rooms, admission }, house.house.standing, house.house.tokens);
  return { time, admission, corridor, look: (id: string, agent = 'writer') => look(corridor, id, agent) };
}

function look(corridor: Corridor, id: string, agent: string): Promise<Answer> {
  const attempt = {
    agent,
    session: 's',
    token: 't1',
    door: 'mcp',
    upstream: 'box',
    method: 'tools/call',
    name: 'look',
  } as const;
  return corridor.act({ ...attempt, arguments: { id } }, '2026', { signal: new AbortController().signal });
}

const codeOf = (answer: Answer) => (answer.kind === 'refused' ? answer.problem.code : answer.kind);

async function refusedEntries() {
  house.house.refusals.flush();
  const { entries } = await house.see();
  return entries.filter((entry) => entry.kind === 'instance.refused');
}

describe('limits against floods', () => {
  test('lists, beginnings and refusals have bounds of their own, take no attempt away, and end with the minute', async () => {
    const { time, admission, corridor, look: ask } = await open('{ attemptsPerMinute: 3 }');
    const caller = { agent: 'writer', token: 't1' };
    for (let i = 0; i < LIMITS.asidesPerMinute; i++) {
      expect(corridor.look(caller)).toBeNull();
      corridor.refused('writer', problem('BAD_MESSAGE', { what: 'x' }));
      // The answer to a flood is no further flood.
      corridor.refused('writer', problem('TOO_MANY_ATTEMPTS', { limit: 3 }));
    }
    expect(corridor.look(caller)).toMatchObject({ code: 'TOO_MANY_LOOKS' });
    expect(corridor.refusedTooOften(caller)).toBeNull();
    corridor.refused('writer', problem('BAD_MESSAGE', { what: 'x' }));
    expect(corridor.refusedTooOften(caller)).toMatchObject({ code: 'TOO_MANY_REFUSALS' });
    expect(admission.refusedTooOften('other')).toBeNull();
    expect(codeOf(await ask('a'))).toBe('result');
    time.nowMs += MINUTE_MS;
    expect([corridor.look(caller), corridor.refusedTooOften(caller)]).toEqual([null, null]);
  });

  test('attempts in a minute: what is beyond is one counted entry, and the next minute is free again', async () => {
    const { time, look: ask } = await open('{ attemptsPerMinute: 3 }');
    for (let i = 0; i < 3; i++) expect(codeOf(await ask(`a${i}`))).toBe('result');
    for (let i = 0; i < 50; i++) expect(codeOf(await ask(`b${i}`))).toBe('TOO_MANY_ATTEMPTS');
    expect(codeOf(await ask('c', 'reader'))).toBe('result');
    expect(house.upstream.sent).toHaveLength(4);
    expect(await refusedEntries()).toMatchObject([{ agent: 'writer', code: 'TOO_MANY_ATTEMPTS', count: 50 }]);
    time.nowMs += MINUTE_MS;
    expect(codeOf(await ask('d'))).toBe('result');
  });

  test('denied attempts count like any other', async () => {
    const { look: ask } = await open('{ attemptsPerMinute: 3 }');
    for (let i = 0; i < 3; i++) expect(codeOf(await ask('ghost'))).toBe('denied');
    expect(codeOf(await ask('a'))).toBe('TOO_MANY_ATTEMPTS');
  });

  test('calls in flight: the place of one that ended, however it ended, is free again', async () => {
    const { admission, look: ask } = await open('{ inFlight: 2 }');
    const release = Promise.withResolvers<void>();
    house.upstream.behaviour = async () => {
      await release.promise;
      return answering('late');
    };
    const running = [ask('a'), ask('b')];
    expect(codeOf(await ask('c'))).toBe('TOO_MANY_IN_FLIGHT');
    expect(admission.inFlight('writer')).toBe(2);
    release.resolve();
    expect((await Promise.all(running)).map(codeOf)).toEqual(['result', 'result']);
    house.upstream.behaviour = () => {
      throw new Error('a bug');
    };
    for (const end of ['d', 'ghost', '']) await ask(end);
    house.store.faultNext('fail');
    await ask('e');
    expect(admission.inFlight('writer')).toBe(0);
  });

  test('bytes in the log on a day: bodies are among them, and the next day is free again', async () => {
    const { time, look: ask } = await open('{ logBytesPerDay: 5000 }');
    house.upstream.behaviour = () => answering('x'.repeat(2000));
    expect(codeOf(await ask('a'))).toBe('result');
    expect(codeOf(await ask('b'))).toBe('result');
    expect(codeOf(await ask('c'))).toBe('LOG_QUOTA');
    expect(codeOf(await ask('c', 'reader'))).toBe('result');
    time.nowMs += DAY_MS;
    expect(codeOf(await ask('d'))).toBe('result');
  });

  test('a clock that is set back locks nobody out', async () => {
    const { time, look: ask } = await open('{ attemptsPerMinute: 1 }');
    expect(codeOf(await ask('a'))).toBe('result');
    time.nowMs -= 10 * MINUTE_MS;
    expect(codeOf(await ask('b'))).toBe('result');
  });
});
