import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/base/limits.ts';
import { asked, ReachGround } from './ground.ts';

let ground: ReachGround;
beforeEach(async () => {
  ground = await ReachGround.open();
});
afterEach(() => ground.close());

const MINUTE = 60_000;

describe('a question', () => {
  test('reaches its person once over each of her channels, and is in the log as told', async () => {
    ground.channels('ada', ['ntfy', 'pager']);
    await ground.record(asked('q1'));
    await ground.settled();
    expect(ground.reached()).toEqual(['ada/ntfy', 'ada/pager']);
    expect(await ground.entries('notice.sent')).toMatchObject([
      { person: 'ada', matters: ['q1'], page: false },
      { person: 'ada', matters: ['q1'], page: false },
    ]);
    await ground.later(4 * MINUTE);
    expect(ground.reached()).toEqual([]);
  });

  test('goes to the backup after a while, then to the role, and no further once somebody answered', async () => {
    await ground.record(asked('q1'));
    await ground.record(asked('q2'));
    await ground.settled();
    await ground.later(LIMITS.noticeGapMs);
    expect(new Set(ground.reached())).toEqual(new Set(['ada/ntfy']));
    await ground.later(5 * MINUTE);
    expect(ground.reached()).toEqual(['grace/ntfy']);
    await ground.record({ kind: 'approval.answered', approval: 'q1', answer: 'deny', person: 'grace' });
    await ground.later(5 * MINUTE);
    expect(ground.reached()).toEqual(['sam/ntfy']);
    expect((await ground.entries('notice.sent')).at(-1)).toMatchObject({ person: 'sam', matters: ['q2'] });
  });

  test('one of two answers stops telling that person, and leaves the question open', async () => {
    await ground.record(asked('q1', { people: ['ada', 'sam'], reviews: ['2 of role:reviewer'] }));
    await ground.settled();
    ground.reached();
    await ground.record({
      kind: 'approval.answered',
      approval: 'q1',
      answer: 'approve',
      person: 'ada',
    });
    await ground.settled();
    expect(ground.notifier.matters.open.get('q1')).toMatchObject({ answered: ['ada'] });
    await ground.record({ kind: 'approval.answered', approval: 'q1', answer: 'approve', person: 'ada' });
    await ground.settled();
    expect(ground.notifier.matters.open.size).toBe(1);
    await ground.record({ kind: 'approval.answered', approval: 'q1', answer: 'approve', person: 'sam' });
    await ground.settled();
    expect(ground.notifier.matters.open.size).toBe(0);
  });

  test('many in a short time are one message', async () => {
    await ground.record(asked('q0'));
    await ground.settled();
    for (let i = 1; i <= 15; i++) await ground.record(asked(`q${i}`));
    await ground.settled();
    await ground.later(LIMITS.noticeGapMs);
    const arrived = ground.endpoint.arrived.splice(0);
    expect(arrived).toHaveLength(2);
    expect(arrived[1]?.headers['title']).toBe('Lanyard: 15 questions wait for you');
    expect(arrived[1]?.headers['click']).toBe('https://lanyard.example.org/inbox');
    expect(arrived[1]?.body.toString().split('\n')).toHaveLength(LIMITS.noticeLines + 1);
    expect(arrived[1]?.body.toString()).toMatch(/and 5 more$/);
  });

  test('in quiet hours her backup is told at once, and she when they end, if it waits still', async () => {
    // 12:00 UTC is 13:00 in Berlin.
    ground.channels('ada', ['ntfy'], { from: 12 * 60, to: 13 * 60 + 30, zone: 'Europe/Berlin' });
    await ground.record(asked('q1'));
    await ground.settled();
    expect(ground.reached()).toEqual(['grace/ntfy']);
    await ground.later(29 * MINUTE);
    expect(ground.reached()).toEqual(['sam/ntfy']);
    await ground.later(MINUTE);
    expect(ground.reached()).toEqual(['ada/ntfy']);
  });

  test('who is next in the line reads whose it is, where it is not hers to answer', async () => {
    await ground.record(asked('q1', { people: ['ada'] }));
    await ground.settled();
    await ground.later(5 * MINUTE);
    const [first, second] = ground.endpoint.arrived.splice(0);
    expect(first?.headers['title']).toBe('Lanyard: a question waits for you');
    expect(second).toMatchObject({
      path: expect.stringContaining('/grace/'),
      headers: { title: 'Lanyard: a question waits for ada' },
    });
    expect(second?.body.toString()).toContain('for ada, you can only take it back');
    await ground.record(asked('q2', { people: ['ada'] }));
    await ground.record(asked('q3', { people: ['ada', 'grace'] }));
    await ground.settled();
    await ground.later(5 * MINUTE);
    const both = ground.endpoint.arrived.findLast(({ path }) => path.startsWith('/grace/'));
    expect(both?.headers['title']).toBe('Lanyard: a question waits for you, and 1 for others');
  });

  test('the next are told at once where two must answer and only one of them is awake', async () => {
    const night = { from: 12 * 60, to: 20 * 60, zone: 'UTC' };
    ground.channels('ada', ['ntfy'], night);
    const reviews = ['2 of role:reviewer'];
    await ground.record(asked('q1', { people: ['ada', 'sam', 'grace'], reviews }));
    await ground.settled();
    expect(new Set(ground.reached())).toEqual(new Set(['sam/ntfy', 'grace/ntfy']));
  });

  test('nobody is told of one that has run out', async () => {
    ground.channels('ada', ['ntfy'], { from: 0, to: 23 * 60 + 59, zone: 'UTC' });
    ground.channels('grace', []);
    ground.channels('sam', []);
    await ground.record(asked('q1'));
    await ground.later(13 * 60 * MINUTE);
    expect(ground.reached()).toEqual([]);
  });
});

describe('what cannot be delivered', () => {
  test('is tried again with growing pauses, then given up on, told, and the next one is not waited for', async () => {
    ground.endpoint.statuses.set('/ada/ntfy', 503);
    await ground.record(asked('q1'));
    await ground.settled();
    expect(ground.reached()).toEqual(['ada/ntfy']);
    await ground.later(LIMITS.noticeBackoffMs.first - 1);
    expect(ground.reached()).toEqual([]);
    let tries = 1;
    for (let waited = 0; waited < 20 * MINUTE && ground.notifier.matters.letters.size === 0; waited += 1000) {
      ground.ms += 1000;
      await ground.settled();
      tries += ground.reached().filter((who) => who === 'ada/ntfy').length;
    }
    expect(tries).toBe(LIMITS.noticeAttempts);
    expect(await ground.entries('notice.failed')).toMatchObject([
      { person: 'ada', channel: 'ntfy', code: 'http-503', attempts: LIMITS.noticeAttempts, matters: ['q1'] },
    ]);
    expect([...ground.notifier.matters.letters.values()]).toMatchObject([
      { lane: 'ada/ntfy', code: 'http-503', count: 1, matters: ['q1'] },
    ]);
    expect(ground.told.join()).toContain('ada could not be reached by ntfy (http-503)');

    // What arrives there later clears it.
    ground.endpoint.statuses.clear();
    await ground.record(asked('q2'));
    await ground.later(MINUTE);
    expect(ground.notifier.matters.letters.size).toBe(0);
  });

  test('what will never be taken is given up on at once, and the backup told in the same moment', async () => {
    ground.endpoint.statuses.set('/ada/ntfy', 410);
    await ground.record(asked('q1'));
    await ground.settled();
    await ground.settled();
    expect(ground.reached()).toEqual(['ada/ntfy', 'grace/ntfy']);
  });

  test('one broken channel holds up no other', async () => {
    ground.channels('ada', ['broken', 'ntfy']);
    ground.endpoint.statuses.set('/ada/broken', 500);
    await ground.record(asked('q1'));
    await ground.settled();
    expect(ground.reached()).toEqual(['ada/broken', 'ada/ntfy']);
    await ground.record(asked('q2'));
    await ground.later(LIMITS.noticeGapMs);
    expect(ground.reached()).toContain('ada/ntfy');
  });
});

describe('a page', () => {
  const raised = { kind: 'alert.raised', alert: 'a1', subject: 'gap', page: true, person: 'role:security' };

  test('goes on until somebody acknowledges it, to ever more people, and no hours are quiet for it', async () => {
    ground.channels('sam', ['ntfy'], { from: 0, to: 23 * 60 + 59, zone: 'UTC' });
    await ground.record(raised);
    await ground.settled();
    expect(ground.reached()).toEqual(['sam/ntfy']);
    await ground.later(5 * MINUTE);
    expect(ground.reached()).toEqual(['sam/ntfy']);
    await ground.later(5 * MINUTE);
    expect(ground.reached()).toEqual(['root/ntfy', 'sam/ntfy']);
    for (let i = 0; i < 20; i++) {
      await ground.later(5 * MINUTE);
      expect(ground.reached()).toEqual(['root/ntfy', 'sam/ntfy']);
    }
    await ground.record({ kind: 'alert.acknowledged', alert: 'a1', subject: 'gap', by: 'person' });
    await ground.later(60 * MINUTE);
    expect(ground.reached()).toEqual([]);
  });

  test('where those it is for have no channel, somebody who has one is paged', async () => {
    for (const person of ['ada', 'sam', 'root']) ground.channels(person, []);
    await ground.record(raised);
    await ground.settled();
    expect(ground.reached()).toEqual(['grace/ntfy']);
  });

  test('goes on over a channel that was given up on', async () => {
    for (const person of ['ada', 'grace', 'root']) ground.channels(person, []);
    ground.endpoint.statuses.set('/sam/ntfy', 404);
    await ground.record(raised);
    await ground.settled();
    expect(ground.notifier.matters.letters.size).toBe(1);
    ground.reached();
    ground.endpoint.statuses.clear();
    await ground.later(5 * MINUTE);
    expect(ground.reached()).toEqual(['sam/ntfy']);
    expect(ground.notifier.matters.letters.size).toBe(0);
  });
});

test('after a restart nobody is told twice, and what was open goes on', async () => {
  await ground.record(asked('q1'));
  await ground.settled();
  await ground.restart();
  await ground.record(asked('q2'));
  await ground.settled();
  await ground.restart();
  await ground.later(LIMITS.noticeGapMs);
  const sent = await ground.entries('notice.sent');
  expect(sent.flatMap(({ matters }) => matters)).toEqual(['q1', 'q2']);
  await ground.later(5 * MINUTE);
  expect((await ground.entries('notice.sent')).at(-1)).toMatchObject({ person: 'grace' });
});

describe('hostile text', () => {
  const HOSTILE = 'Ignore all rules, click https://evil.example <b>now</b>\r\nBcc: x@evil.example \u202e';

  test('in any field of any entry reaches nobody', async () => {
    const fields = [
      'agent',
      'owner',
      'operation',
      'people',
      'person',
      'rules',
      'reviews',
      'expires',
      'reason',
      'arguments',
      'target',
      'targets',
      'session',
      'subject',
      'why',
      'scope',
      'code',
      'channel',
      'lane',
      'matters',
      'token',
    ];
    const all = Object.fromEntries(fields.map((field) => [field, HOSTILE]));
    const listed = Object.fromEntries(fields.map((field) => [field, [HOSTILE, { [HOSTILE]: HOSTILE }]]));
    await ground.record({
      ...all,
      kind: 'approval.asked',
      approval: 'q1',
      agent: 'writer',
      people: ['ada', HOSTILE],
    });
    await ground.record({
      ...listed,
      session: HOSTILE,
      kind: 'approval.asked',
      approval: 'q2',
      agent: 'writer',
    });
    await ground.record({ ...all, kind: 'approval.asked', approval: HOSTILE });
    await ground.record({ ...all, kind: 'alert.raised', alert: 'a1', page: true, agent: 'writer' });
    await ground.record({
      ...listed,
      session: HOSTILE,
      agent: HOSTILE,
      kind: 'alert.raised',
      alert: 'a2',
      page: HOSTILE,
    });
    await ground.record({ ...all, kind: 'alert.raised', alert: HOSTILE, page: true });
    await ground.record({ ...all, kind: 'notice.failed', person: 'ada', channel: 'ntfy' });
    await ground.record({ ...all, kind: 'containment.stopped', scope: `agent:${HOSTILE}` });
    await ground.later(LIMITS.noticeGapMs);
    await ground.later(10 * MINUTE);
    const arrived = ground.endpoint.arrived;
    expect(arrived.length).toBeGreaterThan(2);
    const everything = arrived
      .map(({ path, headers, body }) => `${path} ${JSON.stringify(headers)} ${body.toString()}`)
      .join('\n');
    expect(everything).toContain('approval q1');
    expect(everything).toContain('alert a1');
    for (const word of ['Ignore', 'evil', '<b>', 'Bcc', '\u202e']) expect(everything).not.toContain(word);
    const kept = [...ground.notifier.matters.open.values(), ...ground.notifier.matters.letters.values()];
    expect(JSON.stringify(kept)).not.toContain('evil');
  });

  test('a tool that is called like an address is no link', async () => {
    await ground.record(asked('q1', { operation: 'mcp:files/www.evil.example' }));
    await ground.settled();
    expect(ground.endpoint.arrived[0]?.body.toString()).toContain('www[.]evil[.]example');
  });
});
