import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LIMITS } from '../../src/base/limits.ts';
import { asked, ReachGround } from './ground.ts';

let ground: ReachGround;
beforeEach(async () => {
  ground = await ReachGround.open();
});
afterEach(() => ground.close());

const MINUTE = 60_000;

describe('alerts', () => {
  const act = { kind: 'operator.token', by: 'socket', proof: 'none', agent: 'writer', token: 't' };

  test('three acts by socket within ten minutes page somebody, two do not, nor three over an hour', async () => {
    for (let i = 0; i < 6; i++) {
      await ground.record(act);
      await ground.later(11 * MINUTE);
    }
    await ground.record(act);
    await ground.later(MINUTE);
    await ground.record(act);
    await ground.settled();
    expect(await ground.entries('alert.raised')).toEqual([]);
    await ground.record(act);
    await ground.settled();
    expect(await ground.entries('alert.raised')).toMatchObject([
      { subject: 'socket-acts', page: true, person: 'role:security' },
    ]);
    expect(ground.reached()).toEqual(['sam/ntfy']);

    // One page stands for all that follow while nobody has looked.
    for (let i = 0; i < 5; i++) await ground.record(act);
    await ground.settled();
    expect(await ground.entries('alert.raised')).toHaveLength(1);
  });

  test('acknowledging it by the socket is the first of the next three', async () => {
    for (let i = 0; i < 3; i++) await ground.record(act);
    await ground.settled();
    const alert = (await ground.entries('alert.raised'))[0]?.['alert'];
    await ground.record({ kind: 'alert.acknowledged', alert, subject: 'socket-acts', by: 'socket' });
    await ground.record(act);
    await ground.settled();
    expect(await ground.entries('alert.raised')).toHaveLength(1);
    await ground.record(act);
    await ground.settled();
    expect(await ground.entries('alert.raised')).toHaveLength(2);
  });

  test('acts are counted over a restart, and what was raised is not raised again', async () => {
    await ground.record(act);
    await ground.record(asked('q1'));
    await ground.record(act);
    await ground.settled();
    await ground.restart();
    await ground.record(act);
    await ground.settled();
    expect(await ground.entries('alert.raised')).toHaveLength(1);
    await ground.restart();
    await ground.settled();
    await ground.restart();
    await ground.settled();
    expect(await ground.entries('alert.raised')).toHaveLength(1);
  });

  test('what is long past wakes nobody', async () => {
    await ground.notifier.stop();
    await ground.record({ kind: 'instance.gap', count: 1 });
    ground.ms += LIMITS.freshAlertMs + MINUTE;
    await ground.record({
      kind: 'containment.stopped',
      scope: 'agent:writer',
      level: 'frozen',
      by: 'socket',
    });
    await ground.restart();
    await ground.settled();
    expect((await ground.entries('alert.raised')).map(({ subject }) => subject)).toEqual(['stopped']);
  });

  test('a recovery code that was used is told to everybody, over every channel, whatever the hour', async () => {
    ground.channels('ada', ['ntfy', 'pager'], { from: 0, to: 1439, zone: 'UTC' });
    await ground.record({ kind: 'person.enrolled', subject: 'grace', via: 'invitation' });
    await ground.record({ kind: 'person.enrolled', subject: 'grace', via: 'recovery' });
    await ground.settled();
    expect(await ground.entries('alert.raised')).toMatchObject([{ subject: 'recovery', page: true }]);
    expect(ground.reached().sort()).toEqual(['ada/ntfy', 'ada/pager', 'grace/ntfy', 'root/ntfy', 'sam/ntfy']);
  });

  test('what an agent puts before its owner is told without a word of it, and no more once it is answered', async () => {
    const appeal = {
      appeal: 'a1',
      what: 'question',
      agent: 'writer',
      owner: 'ada',
      operation: 'mcp:lanyard/ask_person',
    };
    await ground.record({ kind: 'appeal.made', ...appeal, text: 'click http://evil.example' });
    await ground.settled();
    expect(ground.reached()).toEqual(['ada/ntfy']);
    expect(ground.notifier.matters.open.get('a1')).toMatchObject({
      kind: 'appeal',
      subject: 'question',
      people: ['ada'],
    });
    await ground.record({ kind: 'appeal.answered', ...appeal, answer: 'yes', person: 'ada' });
    await ground.later(5 * MINUTE);
    expect(ground.reached()).toEqual([]);
  });

  test('a fault pages, and an agent that was stopped is told its owner, each once', async () => {
    await ground.record({
      kind: 'containment.stopped',
      scope: 'all',
      level: 'frozen',
      by: 'fault',
      why: 'x',
    });
    await ground.record({
      kind: 'containment.stopped',
      scope: 'agent:writer',
      level: 'frozen',
      by: 'socket',
    });
    await ground.settled();
    const alerts = await ground.entries('alert.raised');
    expect(alerts.map(({ subject }) => subject).sort()).toEqual(['fault', 'stopped']);
    expect(ground.reached()).toEqual(['ada/ntfy', 'sam/ntfy']);
  });

  test.each([
    ['socket', true],
    ['agent', true],
    ['person', false],
    ['stop-key', false],
    ['stop-code', false],
    ['case', false],
  ])('a stop by %s pages: %s', async (by, page) => {
    await ground.record({ kind: 'containment.stopped', scope: 'agent:writer', level: 'watched', by });
    await ground.settled();
    expect(await ground.entries('alert.raised')).toMatchObject([
      { subject: 'stopped', agent: 'writer', page },
    ]);
  });

  const stopped = (scope: string, by: string) =>
    ground.record({ kind: 'containment.stopped', scope, level: 'watched', by });

  test('a stop of more than one agent pages who answers for those it is about, then their backups, then security', async () => {
    ground.answerable.set('upstream:wiki', { owners: ['ada'], backups: ['grace'] });
    await stopped('upstream:wiki', 'socket');
    await stopped('upstream:wiki', 'socket');
    await ground.settled();
    expect(await ground.entries('alert.raised')).toMatchObject([
      { subject: 'stopped-wide', scope: 'upstream:wiki', page: true, people: ['ada'], backups: ['grace'] },
    ]);
    expect(ground.endpoint.arrived.map(({ body }) => body.toString()).join()).toContain(
      'Upstream wiki was stopped, for every agent.',
    );
    expect(ground.reached()).toEqual(['ada/ntfy']);
    await ground.later(5 * MINUTE);
    expect(ground.reached()).toEqual(['ada/ntfy', 'grace/ntfy']);
    await ground.later(5 * MINUTE);
    expect(ground.reached()).toEqual(['ada/ntfy', 'grace/ntfy', 'root/ntfy', 'sam/ntfy']);
    const alert = (await ground.entries('alert.raised'))[0]?.['alert'];
    await ground.record({
      kind: 'alert.acknowledged',
      ...{ alert, subject: 'stopped-wide', scope: 'upstream:wiki', by: 'person', person: 'grace' },
    });
    await ground.later(5 * MINUTE);
    expect(ground.reached()).toEqual([]);
  });

  test.each(['all', 'target:/srv/a secret plan', 'operation:mcp:wiki/write', 'session:call-me-now'])(
    'a stop of %s that concerns nobody in particular pages security, without a word of others',
    async (scope) => {
      await stopped(scope, 'signal');
      await ground.settled();
      expect(await ground.entries('alert.raised')).toMatchObject([
        { subject: 'stopped-wide', scope, page: true, people: ['role:security'] },
      ]);
      expect(ground.endpoint.arrived.map(({ body }) => body.toString()).join()).not.toMatch(
        /secret plan|call-me|write/,
      );
      expect(ground.reached()).toEqual(['sam/ntfy']);
    },
  );

  test('stops by the hundred page so often and no more', async () => {
    for (let i = 0; i < LIMITS.stoppedWideOpen + 5; i++) await stopped(`target:/srv/${i}`, 'socket');
    await ground.settled();
    const raised = (await ground.entries('alert.raised')).map(({ subject }) => subject);
    expect(raised).toContain('socket-acts');
    expect(raised.filter((subject) => subject === 'stopped-wide').length).toBeLessThanOrEqual(
      LIMITS.stoppedWideOpen,
    );
    expect(raised.length).toBeGreaterThan(LIMITS.stoppedWideOpen / 2);
  });

  test('what was stopped twice and is released pages nobody after a restart', async () => {
    for (const scope of ['agent:writer', 'owner:ada']) {
      await stopped(scope, 'sentinel');
      await ground.settled();
      await stopped(scope, 'sentinel');
      await ground.settled();
      await ground.record({ kind: 'containment.released', scope, was: 'watched', by: 'person' });
    }
    await ground.settled();
    await ground.restart();
    await ground.settled();
    expect(await ground.entries('alert.raised')).toHaveLength(2);
    expect(ground.notifier.matters.open.size).toBe(0);
  });

  test('what a known person stopped is told and pages nobody; what a drill stops is not told at all', async () => {
    await stopped('all', 'person');
    await stopped('upstream:lanyard-drill-x', 'drill');
    await ground.settled();
    expect(await ground.entries('alert.raised')).toMatchObject([{ scope: 'all', page: false }]);
  });

  test('a page about a stop ends when a person releases it, and not when the socket does', async () => {
    for (const scope of ['agent:writer', 'owner:ada']) {
      await stopped(scope, 'sentinel');
      await ground.settled();
      await ground.record({
        kind: 'containment.released',
        scope,
        was: 'watched',
        by: 'socket',
        proof: 'none',
      });
      await ground.settled();
      expect(ground.notifier.matters.open.size).toBe(1);
      await ground.record({ kind: 'containment.released', scope, was: 'watched', by: 'person' });
      await ground.settled();
      expect(ground.notifier.matters.open.size).toBe(0);
    }
  });

  test('a secret that may work still after a kill pages; one that is proved to be gone does not', async () => {
    const revoked = { kind: 'containment.revoked', upstream: 'wiki', stops: [1] } as const;
    await ground.record({ ...revoked, proved: true });
    await ground.settled();
    expect(await ground.entries('alert.raised')).toEqual([]);
    await ground.record({ ...revoked, proved: false });
    await ground.settled();
    expect(await ground.entries('alert.raised')).toMatchObject([{ subject: 'revoke-failed', page: true }]);
    expect(ground.reached()).toEqual(['sam/ntfy']);
  });
});
