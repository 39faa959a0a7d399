import { mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { answering, type Behaviour } from '../../tests/faults/counting-upstream.ts';
import { removeDirectory, TestHouse } from '../../tests/faults/test-house.ts';
import { problem } from '../base/errors.ts';
import type { Entry } from '../contract/log-entry.ts';
import type { Attempt } from '../model/action.ts';
import { openCorridor } from './corridor.ts';
import type { Answer } from './ports/answer.ts';

let house: TestHouse;
beforeEach(async () => {
  house = await TestHouse.open();
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

/** The entries about actions so far, after a deep verification of the whole log. */
async function actionEntries(): Promise<readonly Entry[]> {
  const { entries, report } = await house.see();
  expect(report).toMatchObject({ holds: true, faults: [] });
  return entries.filter((entry) => entry.kind.startsWith('action.'));
}

/** Denied with this code: recorded so once, and not a byte sent. */
async function expectDenied(
  answer: Answer,
  code: string,
  fields: Record<string, unknown> = {},
): Promise<void> {
  expect(answer).toMatchObject({ kind: 'denied', decision: { code } });
  expect(house.upstream.sent).toEqual([]);
  const entries = await actionEntries();
  const action = answer.kind === 'denied' ? answer.action : '';
  expect(entries).toMatchObject([{ kind: 'action.decided', action, decision: 'deny', code, ...fields }]);
}

/** Refused with this code: no action, one counted entry once the minute is over, and not a byte sent. */
async function expectRefused(answer: Answer, code: string, agent = 'writer'): Promise<void> {
  expect(answer).toMatchObject({ kind: 'refused', problem: { code } });
  expect(house.upstream.sent).toEqual([]);
  expect(await actionEntries()).toEqual([]);
  house.house.refusals.flush();
  const { entries } = await house.see();
  expect(entries.filter((entry) => entry.kind === 'instance.refused')).toMatchObject([
    { agent, code, count: 1 },
  ]);
}

describe('an allowed action', () => {
  test('P1 is durable in the log before it is sent, and has its outcome there before it is answered', async () => {
    const kindsWhenSent: string[] = [];
    house.upstream.behaviour = async () => {
      for await (const page of house.store.entries(2, await house.store.size()))
        for (const row of page) kindsWhenSent.push((JSON.parse(row.text) as Entry).kind);
      return answering('seen');
    };
    const answer = await house.look('a');
    expect(answer).toMatchObject({ kind: 'result', result: { content: [{ text: 'seen' }] } });
    expect(kindsWhenSent).toEqual(['action.decided']);
    expect(house.upstream.sent).toHaveLength(1);
    const action = answer.kind === 'result' ? answer.action : '';
    expect(await actionEntries()).toMatchObject([
      {
        kind: 'action.decided',
        action,
        agent: 'writer',
        owner: 'ada',
        session: 's1',
        door: 'mcp',
        operation: 'mcp:box/look',
        target: { type: 'Thing', id: 'a' },
        decision: 'allow',
        rules: ['reads'],
      },
      { kind: 'action.outcome', action, outcome: 'ok' },
    ]);
  });

  test('P3 is sent as it was decided on: canonical text, targets in their normal form', async () => {
    const work = join(house.directory, 'work');
    mkdirSync(join(work, 'real'));
    symlinkSync(join(work, 'real'), join(work, 'link'));
    await house.act('write', { text: 'z', path: `${work}/link/../link/./new.txt` });
    expect(house.upstream.sent.map(({ name, argumentsText }) => ({ name, argumentsText }))).toEqual([
      { name: 'write', argumentsText: `{"path":"${work}/real/new.txt","text":"z"}` },
    ]);
    const [decided] = await actionEntries();
    expect(decided?.target).toEqual({ type: 'Path', id: `${work}/real/new.txt` });
    expect(decided?.digest).toBe(house.upstream.sent[0]?.digest);
  });

  test('reads a resource and gets a prompt by the same way', async () => {
    const uri = 'box://page/1';
    await house.act(uri, { uri }, { method: 'resources/read' });
    await house.act('greet', { who: 'Ada' }, { method: 'prompts/get' });
    expect(house.upstream.sent.map(({ method, argumentsText }) => ({ method, argumentsText }))).toEqual([
      { method: 'resources/read', argumentsText: `{"uri":"${uri}"}` },
      { method: 'prompts/get', argumentsText: '{"who":"Ada"}' },
    ]);
    const decided = (await actionEntries()).filter((entry) => entry.kind === 'action.decided');
    expect(decided).toMatchObject([
      { operation: 'mcp:box/resources/read', target: { type: 'Page', id: uri }, decision: 'allow' },
      { operation: 'mcp:box/prompts/get', name: 'greet', decision: 'allow' },
    ]);
  });

  test('P7 many at once are each recorded and sent once', async () => {
    const names = Array.from({ length: 100 }, (_, i) => `n${i}`);
    const answers = await Promise.all(names.map((name) => house.look(name)));
    expect(answers.every((answer) => answer.kind === 'result')).toBe(true);
    expect(house.upstream.sent.map((order) => order.argumentsText).sort()).toEqual(
      names.map((name) => `{"id":"${name}"}`).sort(),
    );
    expect(await actionEntries()).toHaveLength(200);
  });
});

describe('P2 a denied action', () => {
  test('without a permit', async () => {
    await expectDenied(await house.act('post', { text: 'x' }), 'NO_PERMIT');
  });

  test('by a rule, with its reason', async () => {
    const answer = await house.look('ghost-1');
    await expectDenied(answer, 'FORBIDDEN', { rules: ['no-ghosts'] });
    expect(answer).toMatchObject({ decision: { reason: 'Nobody looks at ghosts' } });
  });

  test('because a rule erred', async () => {
    await expectDenied(await house.act('tally', { count: 2000 }), 'RULE_ERROR', { rules: ['counts'] });
  });

  test('P5 that needs a person: nobody can answer yet, and no answer is a deny', async () => {
    await expectDenied(await house.act('unlisted-class', {}), 'APPROVAL_UNAVAILABLE', { reviews: ['owner'] });
  });

  test('because its target cannot be told', async () => {
    await expectDenied(await house.look(''), 'TARGET_UNKNOWN', { target: { type: 'Target', id: 'box' } });
  });

  test.each(['state/log.sqlite', 'rules.cedar', 'lanyard.yaml', 'state', '.'])(
    'because %s is what Lanyard itself stands on, whatever a rule permits',
    async (path) => {
      const target = join(house.directory, path);
      await expectDenied(await house.act('write', { path: target, text: '' }), 'PROTECTED');
    },
  );

  test('because its agent has no living owner', async () => {
    const inForce = house.rooms.inForce();
    const rooms = { ...house.rooms, inForce: () => ({ ...inForce, people: new Map() }) };
    const corridor = openCorridor(rooms, house.house.standing, house.house.tokens);
    await expectDenied(await corridor.act(attemptAt('a'), '2026', control()), 'NO_OWNER');
  });

  test('because everything is frozen', async () => {
    house.house.halt.tighten('all', 'frozen');
    await expectDenied(await house.look('a'), 'FROZEN', { level: 'frozen' });
  });

  test('because this agent is frozen, while others go on', async () => {
    house.house.halt.tighten('agent:writer', 'frozen');
    await expectDenied(await house.look('a'), 'FROZEN');
    expect(await house.look('a', { agent: 'reader' })).toMatchObject({ kind: 'result' });
  });

  test('because what the tool says of itself has changed since it was pinned, until it is as pinned again', async () => {
    const { tools } = house.upstream.definitions;
    const changed = tools.map((one) =>
      one['name'] === 'look' ? { ...one, description: 'and send it on' } : one,
    );
    house.upstream.relist({ tools: changed });
    house.house.standing.onListed('box', '2026', house.upstream.definitions);
    await expectDenied(await house.look('a'), 'PIN_CHANGED');
    expect(await house.act('write', { path: join(house.directory, 'work/a'), text: '' })).toMatchObject({
      kind: 'result',
    });
    house.upstream.relist({ tools });
    house.house.standing.onListed('box', '2026', house.upstream.definitions);
    expect(await house.look('a')).toMatchObject({ kind: 'result' });
  });

  test('because its own session lists the tool otherwise, while other agents go on', async () => {
    const tools = house.upstream.definitions.tools.map((one) => ({ ...one, title: 'for the writer' }));
    house.upstream.relist({ tools }, 'writer');
    await expectDenied(await house.look('a'), 'PIN_CHANGED');
    expect(await house.look('a', { agent: 'reader' })).toMatchObject({ kind: 'result' });
  });

  test('because its session still lists what was pinned before a person accepted another definition', async () => {
    const before = house.upstream.definitions;
    house.upstream.relist({}, 'writer');
    expect(await house.look('a', { agent: 'reader' })).toMatchObject({ kind: 'result' });
    house.upstream.sent.length = 0;
    house.upstream.relist({ tools: before.tools.map((one) => ({ ...one, title: 'new' })) });
    house.house.standing.onListed('box', '2026', house.upstream.definitions);
    const { pins } = house.house;
    pins.pin('box', '2026', [...(pins.listed('box', '2026')?.values() ?? [])]);
    expect(await house.look('a')).toMatchObject({ kind: 'denied', decision: { code: 'PIN_CHANGED' } });
    expect(house.upstream.sent).toEqual([]);
    expect(await house.look('a', { agent: 'reader' })).toMatchObject({ kind: 'result' });
  });

  test('because the upstream came back in its other generation, with another definition, after the decision', async () => {
    const { pins } = house.house;
    const { tools } = house.upstream.definitions;
    const older = { ...house.upstream.definitions, tools: tools.map((one) => ({ ...one, title: 'older' })) };
    pins.observe('box', '2025', older);
    pins.pin('box', '2025', [...(pins.listed('box', '2025')?.values() ?? [])]);
    const spoken: ['2025' | '2026'][] = [['2025']];
    pins.hearWith(() => spoken.shift() ?? ['2026']);
    await expectDenied(await house.look('a'), 'PIN_CHANGED');
    expect(await house.look('a')).toMatchObject({ kind: 'result' });
  });

  test('because the upstream is not connected', async () => {
    house.upstream.unavailable = problem('UPSTREAM_UNAVAILABLE', { upstream: 'box' });
    await expectDenied(await house.look('a'), 'UPSTREAM_UNAVAILABLE');
  });

  test('because the decision itself met a fault', async () => {
    const inForce = house.rooms.inForce();
    const policy = {
      ...inForce.policy,
      digest: inForce.policy.digest,
      decide: () => {
        throw new Error('a bug');
      },
    };
    const rooms = { ...house.rooms, inForce: () => ({ ...inForce, policy }) };
    const corridor = openCorridor(rooms, house.house.standing, house.house.tokens);
    await expectDenied(await corridor.act(attemptAt('a'), '2026', control()), 'DECISION_FAILED');
    expect(house.told.join()).toContain('a bug');
  });
});

describe('a refused attempt is no action', () => {
  test('a tool that is not there', async () => {
    await expectRefused(await house.act('peek', {}), 'UNKNOWN_OPERATION');
  });

  test('an upstream that is not there', async () => {
    await expectRefused(await house.look('a', { upstream: 'cellar' }), 'UNKNOWN_UPSTREAM');
  });

  test('an agent that is not there any more', async () => {
    await expectRefused(await house.look('a', { agent: 'gone' }), 'TOKEN_REFUSED', 'gone');
  });

  test.each([{}, { id: 7 }, { id: null }])('arguments that do not fit: %j', async (args) => {
    await expectRefused(await house.act('look', args), 'ARGUMENTS_INVALID');
  });
});

describe('P7 how an action ended', () => {
  const ends: readonly [string, Behaviour, Answer['kind'], Partial<Entry>][] = [
    ['ok', () => answering('x'), 'result', { outcome: 'ok' }],
    [
      'an answer that says it failed',
      () => ({ kind: 'result', result: { content: [], isError: true } }),
      'result',
      { outcome: 'failed' },
    ],
    [
      'an error of the upstream',
      () => ({ kind: 'error', error: { code: -32000, message: 'no' } }),
      'error',
      { outcome: 'failed' },
    ],
    [
      'nothing was sent',
      () => ({ kind: 'not-sent', problem: problem('ABORTED') }),
      'failed',
      { outcome: 'aborted', code: 'ABORTED' },
    ],
    [
      'the connection was lost',
      () => ({ kind: 'lost', problem: problem('UPSTREAM_LOST', { upstream: 'box' }) }),
      'failed',
      { outcome: 'unknown', code: 'UPSTREAM_LOST' },
    ],
    [
      'the client of the upstream broke',
      () => {
        throw new Error('a bug');
      },
      'failed',
      { outcome: 'unknown', code: 'UPSTREAM_FAILED' },
    ],
  ];
  test.each(ends)('%s', async (_, behaviour, kind, outcome) => {
    house.upstream.behaviour = behaviour;
    const answer = await house.look('a');
    expect(answer.kind).toBe(kind);
    expect(await actionEntries()).toMatchObject([
      { kind: 'action.decided', decision: 'allow' },
      { kind: 'action.outcome', ...outcome },
    ]);
    expect(house.rooms.recorder.open.size).toBe(0);
  });

  test('the answer waits for its record', async () => {
    house.store.faultNext('hold');
    const deciding = house.look('a');
    (await house.store.held()).release();
    house.store.faultNext('hold');
    const outcome = await house.store.held();
    let answered = false;
    const done = deciding.then(() => {
      answered = true;
    });
    await house.store.size();
    expect(answered).toBe(false);
    expect(house.upstream.sent).toHaveLength(1);
    outcome.release();
    await done;
  });
});

function attemptAt(id: string): Attempt {
  return {
    agent: 'writer',
    session: 's1',
    token: 't1',
    door: 'mcp',
    upstream: 'box',
    method: 'tools/call',
    name: 'look',
    arguments: { id },
  };
}

const control = () => ({ signal: new AbortController().signal });
