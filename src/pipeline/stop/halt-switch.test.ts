import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import type { CancelSignal } from '../../base/cancel.ts';
import { problem } from '../../base/errors.ts';
import type { Entry } from '../../contract/log-entry.ts';
import { apply } from '../acts/acts.ts';
import { type OperatorAct, operate } from '../operate.ts';
import { freezeEverything } from './freeze.ts';
import { release, stop, stopNow } from './stop.ts';

let house: TestHouse;
beforeEach(async () => {
  house = await TestHouse.open();
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const SOCKET = { by: 'socket' } as const;
const halt = () => house.house.halt;

async function actionEntries(): Promise<readonly Entry[]> {
  const { entries, report } = await house.see();
  expect(report).toMatchObject({ holds: true, faults: [] });
  return entries.filter((entry) => entry.kind.startsWith('action.'));
}

/** Begins an action, and holds the commit of its record. */
async function holdRecord(fault: 'hold' | 'hold-kept') {
  house.store.faultNext(fault);
  const answer = house.look('a');
  const held = await house.store.held();
  expect(held.batch.entries.map((entry) => entry.kind)).toEqual(['action.decided']);
  return { answer, held };
}

describe.each(['hold', 'hold-kept'] as const)(
  'P4 a stop that lands while the record is being committed (%s)',
  (fault) => {
    const stops = {
      'of everything': () => halt().tighten('all', 'frozen'),
      'of its agent': () => halt().tighten('agent:writer', 'frozen'),
      'that kills': () => halt().tighten('agent:writer', 'killed'),
      'of a fault': () => halt().freezeForFault('something broke'),
      'as an operator does it': () =>
        void operate(house.house.ground, SOCKET, stop(halt(), 'all', 'frozen', 'enough')),
      'by applying a stricter level': () => {
        const { standing, pins } = house.house;
        const agents = standing.parts.agents.map((agent) => ({ ...agent, level: 'frozen' as const }));
        const parts = { ...standing.parts, agents, digest: 'sha256:next' };
        const inForce = standing.try(parts);
        if (!inForce.ok) throw new Error(JSON.stringify(inForce.error));
        const application = {
          parts,
          inForce: inForce.value,
          text: '{}',
          changes: [],
          tightens: true,
          origins: [],
          anew: [],
        };
        void operate(
          house.house.ground,
          SOCKET,
          apply(standing, pins, application, () => undefined),
        );
      },
    };

    test.each(Object.entries(stops))('%s: no byte gets out', async (_, stopNow) => {
      const { answer, held } = await holdRecord(fault);
      stopNow();
      held.release();
      expect(await answer).toMatchObject({ kind: 'denied', decision: { decision: 'deny', code: 'FROZEN' } });
      expect(house.upstream.sent).toEqual([]);
      expect(await actionEntries()).toMatchObject([
        { kind: 'action.decided', decision: 'allow' },
        { kind: 'action.outcome', outcome: 'aborted', code: 'FROZEN' },
      ]);
    });

    test('of another agent: it goes on', async () => {
      const { answer, held } = await holdRecord(fault);
      halt().tighten('agent:reader', 'frozen');
      held.release();
      expect(await answer).toMatchObject({ kind: 'result' });
      expect(house.upstream.sent).toHaveLength(1);
    });

    test('and is released again before the record is there: it goes on, for the last look is what counts', async () => {
      const { answer, held } = await holdRecord(fault);
      halt().tighten('all', 'frozen');
      halt().set('all', 'live');
      held.release();
      expect(await answer).toMatchObject({ kind: 'result' });
    });
  },
);

describe('P4 an agent that an apply takes away while its record is being committed', () => {
  test.each([
    ['agents', 'failed', 'TOKEN_REFUSED'],
    ['people', 'denied', 'NO_OWNER'],
  ] as const)('from the %s: no byte gets out', async (list, kind, code) => {
    const { answer, held } = await holdRecord('hold');
    const { standing } = house.house;
    const inForce = { ...standing.inForce, [list]: new Map() };
    standing.replace(standing.parts, inForce);
    held.release();
    expect((await answer).kind).toBe(kind);
    expect(house.upstream.sent).toEqual([]);
    expect(await actionEntries()).toMatchObject([{ decision: 'allow' }, { outcome: 'aborted', code }]);
  });
});

describe('stopping and releasing', () => {
  test('P4 a stop takes effect although it cannot be recorded, and is recorded when the store returns', async () => {
    house.store.faultNext('fail');
    const done = await operate(house.house.ground, SOCKET, stop(halt(), 'all', 'frozen', undefined));
    expect(done).toMatchObject({ ok: true, value: { value: { level: 'frozen' } } });
    expect(done.ok && done.value.unrecorded).toContain('nothing was kept');
    expect(await house.look('a')).toMatchObject({ kind: 'denied', decision: { code: 'FROZEN' } });
    const { entries } = await house.see();
    expect(entries.filter((entry) => entry.kind === 'containment.stopped')).toMatchObject([
      { scope: 'all', level: 'frozen', by: 'socket' },
    ]);
    expect(await house.store.cell('level', 'all')).toBe('frozen');
  });

  test('P4 a milder stop never loosens a harder one', async () => {
    await operate(house.house.ground, SOCKET, stop(halt(), 'agent:writer', 'frozen', undefined));
    await operate(house.house.ground, SOCKET, stop(halt(), 'agent:writer', 'watched', undefined));
    expect(halt().levels.get('agent:writer')).toBe('frozen');
    expect(await house.store.cell('level', 'agent:writer')).toBe('frozen');
  });

  test('a release that cannot be recorded releases nothing', async () => {
    halt().tighten('all', 'frozen');
    house.store.faultNext('fail');
    const done = await operate(
      house.house.ground,
      SOCKET,
      release(halt(), 'all', 'well again', async () => null),
    );
    expect(done).toMatchObject({ ok: false });
    expect(await house.look('a')).toMatchObject({ kind: 'denied', decision: { code: 'FROZEN' } });
  });

  test('P4 a stop that comes while a release is being recorded stays', async () => {
    await operate(house.house.ground, SOCKET, stop(halt(), 'all', 'frozen', 'first'));
    house.store.faultNext('hold');
    const releasing = operate(
      house.house.ground,
      SOCKET,
      release(halt(), 'all', 'fine', async () => null),
    );
    const held = await house.store.held();
    const stopping = operate(house.house.ground, SOCKET, stop(halt(), 'all', 'frozen', 'second'));
    held.release();
    await Promise.all([releasing, stopping]);
    expect(await house.look('a')).toMatchObject({ kind: 'denied', decision: { code: 'FROZEN' } });
    expect(await house.store.cell('level', 'all')).toBe('frozen');
  });

  test('a stop of something else that comes while a release is being recorded does not undo the release', async () => {
    await operate(house.house.ground, SOCKET, stop(halt(), 'agent:writer', 'frozen', 'first'));
    house.store.faultNext('hold');
    const act = release(halt(), 'agent:writer', 'fine', async () => null);
    const releasing = operate(house.house.ground, SOCKET, act);
    const held = await house.store.held();
    halt().tighten('agent:reader', 'frozen');
    held.release();
    expect(await releasing).toMatchObject({ ok: true });
    expect(await house.look('a')).toMatchObject({ kind: 'result' });
  });

  test('P4 a fault that comes while the release of another one is being recorded stays, over a restart too', async () => {
    freezeEverything(halt(), house.house.recorder, 'first');
    await house.house.recorder.checkpoint();
    house.store.faultNext('hold');
    const act = release(halt(), 'all', 'fine', async () => null);
    const releasing = operate(house.house.ground, SOCKET, act);
    const held = await house.store.held();
    freezeEverything(halt(), house.house.recorder, 'second');
    held.release();
    await releasing;
    await house.house.recorder.checkpoint();
    expect(await house.store.cell('level', 'all')).toBe('frozen');
    await house.abandon();
    house = await house.reopen();
    expect(await house.look('a')).toMatchObject({ kind: 'denied', decision: { code: 'FROZEN' } });
  });

  test('P4 a fault makes nothing milder that was killed', async () => {
    halt().tighten('all', 'killed');
    freezeEverything(halt(), house.house.recorder, 'broken');
    await house.house.recorder.checkpoint();
    expect(await house.store.cell('level', 'all')).toBe('killed');
  });

  test('P4 a stop that comes while it is looked into whether to release refuses the release', async () => {
    halt().tighten('all', 'frozen');
    const act = release(halt(), 'all', 'fine', async () => {
      halt().tighten('all', 'frozen');
      return null;
    });
    expect(await operate(house.house.ground, SOCKET, act)).toMatchObject({ ok: false });
    expect(await house.look('a')).toMatchObject({ kind: 'denied', decision: { code: 'FROZEN' } });
  });

  test('P4 a level that was set outlives the process', async () => {
    await operate(house.house.ground, SOCKET, stop(halt(), 'agent:writer', 'frozen', undefined));
    await house.abandon();
    house = await house.reopen();
    expect(await house.look('a')).toMatchObject({ kind: 'denied', decision: { code: 'FROZEN' } });
    expect(await house.look('a', { agent: 'reader' })).toMatchObject({ kind: 'result' });
  });

  test('watched lets reads through and holds the rest', async () => {
    halt().tighten('agent:writer', 'watched');
    expect(await house.look('a')).toMatchObject({ kind: 'result' });
    const path = `${house.directory}/work/a`;
    expect(await house.act('write', { path, text: '' })).toMatchObject({
      kind: 'denied',
      decision: { code: 'APPROVAL_UNAVAILABLE' },
    });
  });
});

describe('P4 a stop cuts what is in flight', () => {
  /** A call that the upstream has taken and does not answer until it is cancelled. */
  async function inFlight(more: Parameters<TestHouse['look']>[1] = {}) {
    const before = house.upstream.sent.length;
    let signal: CancelSignal | undefined;
    house.upstream.behaviour = (_, control) =>
      new Promise((resolve) => {
        signal = control.signal;
        const lost = { kind: 'lost', problem: problem('CANCELLED', { upstream: 'box' }) } as const;
        control.signal.addEventListener('abort', () => resolve(lost));
      });
    const answer = house.look('a', more);
    await vi.waitFor(() => expect(house.upstream.sent.length).toBe(before + 1), { timeout: 60_000 });
    return { answer, isCut: () => signal?.aborted === true };
  }

  test.each([
    'all',
    'agent:writer',
    'owner:ada',
    'session:s1',
    'operation:mcp:box/look',
    'upstream:box',
    'target:a',
  ] as const)('of %s: in its own tick, and what the upstream did is unknown', async (scope) => {
    const { answer, isCut } = await inFlight();
    const { cutting } = stopNow(house.house, scope, 'frozen', { by: 'trip', why: 'too fast' });
    expect(isCut()).toBe(true);
    expect(await answer).toMatchObject({ kind: 'failed', problem: { code: 'STOPPED' } });
    await cutting.settled;
    expect(cutting.things).toMatchObject([{ kind: 'call', agent: 'writer', ms: expect.any(Number) }]);
    expect(await actionEntries()).toMatchObject([
      { decision: 'allow' },
      { outcome: 'unknown', code: 'STOPPED', upstream: 'box' },
    ]);
    expect(await house.look('a')).toMatchObject({ kind: 'denied', decision: { code: 'FROZEN' } });
  });

  test.each([
    'agent:reader',
    'owner:grace',
    'session:s2',
    'operation:mcp:box/write',
    'upstream:wiki',
    'target:b',
  ] as const)('of %s: it goes on', async (scope) => {
    const { isCut } = await inFlight();
    const { cutting } = stopNow(house.house, scope, 'killed', { by: 'trip' });
    expect([isCut(), cutting.things]).toEqual([false, []]);
    halt().tighten('all', 'frozen');
  });

  test('at watched: it goes on', async () => {
    const { isCut } = await inFlight();
    halt().tighten('all', 'watched');
    expect(isCut()).toBe(false);
    halt().tighten('all', 'frozen');
  });

  test('by applying a stricter level', async () => {
    const { answer, isCut } = await inFlight();
    const { standing } = house.house;
    const agents = new Map(
      [...standing.inForce.agents].map(([id, one]) => [id, { ...one, level: 'frozen' as const }]),
    );
    standing.replace(standing.parts, { ...standing.inForce, agents });
    expect(isCut()).toBe(true);
    expect(await answer).toMatchObject({ kind: 'failed', problem: { code: 'STOPPED' } });
  });

  test('and its entry says what was cut and how long that took', async () => {
    const { answer } = await inFlight();
    const done = await operate(house.house.ground, SOCKET, stop(halt(), 'owner:ada', 'frozen', 'enough'));
    expect(done.ok).toBe(true);
    await answer;
    const { entries } = await house.see();
    expect(entries.find((entry) => entry.kind === 'containment.stopped')).toMatchObject({
      scope: 'owner:ada',
      level: 'frozen',
      by: 'socket',
      why: 'enough',
      cut: { counts: { call: 1 }, alive: 0, things: [{ kind: 'call', agent: 'writer' }] },
    });
    expect(await house.store.cell('level', 'owner:ada')).toBe('frozen');
  });

  test('whatever was answered before stays what it was', async () => {
    house.upstream.behaviour = async () => {
      halt().tighten('all', 'frozen');
      return { kind: 'result', result: { content: [] } };
    };
    expect(await house.look('a')).toMatchObject({ kind: 'result' });
    expect(await actionEntries()).toMatchObject([{ decision: 'allow' }, { outcome: 'ok' }]);
  });
});

describe('P4 what is alive registers itself', () => {
  const about = { agent: 'writer', owner: 'ada' };

  test('one that breaks or never ends keeps no other from being cut', async () => {
    const cut: string[] = [];
    halt().register({
      kind: 'process',
      name: 'broken',
      about,
      cut() {
        throw new Error('it breaks');
      },
    });
    halt().register({
      kind: 'tunnel',
      name: 'rejects',
      about,
      cut: () => Promise.reject(new Error('so does it')),
    });
    halt().register({ kind: 'tunnel', name: 'whole', about, cut: (level) => void cut.push(level) });
    const leave = halt().register({ kind: 'tunnel', name: 'over', about, cut: () => void cut.push('over') });
    leave();
    const { things, settled } = halt().tighten('agent:writer', 'killed');
    await settled;
    expect(cut).toEqual(['killed']);
    expect(things.map(({ name, ms }) => [name, ms === null])).toEqual([
      ['broken', true],
      ['rejects', true],
      ['whole', false],
    ]);
  });

  test('what was frozen goes on when nothing freezes it any more, and not before', () => {
    const heard: string[] = [];
    halt().register({
      kind: 'process',
      name: 'p',
      about,
      cut: (level) => void heard.push(level),
      resume: () => void heard.push('resumed'),
    });
    halt().tighten('agent:writer', 'frozen');
    halt().tighten('all', 'frozen');
    halt().set('all', 'live');
    expect(heard).toEqual(['frozen', 'frozen']);
    halt().set('agent:writer', 'live');
    expect(heard).toEqual(['frozen', 'frozen', 'resumed']);
  });
});

describe('an agent by its own credential', () => {
  const by = { by: 'agent', agent: 'writer' } as const;

  test('P4 freezes itself', async () => {
    expect((await operate(house.house.ground, by, stop(halt(), 'agent:writer', 'frozen', 'unsure'))).ok).toBe(
      true,
    );
    const { entries } = await house.see();
    expect(entries.at(-1)).toMatchObject({ kind: 'containment.stopped', by: 'agent', agent: 'writer' });
  });

  test.each([
    ['another one', () => stop(halt(), 'agent:reader', 'frozen', undefined)],
    ['everything', () => stop(halt(), 'all', 'frozen', undefined)],
    ['itself for good', () => stop(halt(), 'agent:writer', 'killed', undefined)],
    ['nobody loose', () => release(halt(), 'agent:writer', 'please', async () => null)],
  ])('and not %s', async (_, act) => {
    const { size } = house.house.recorder;
    expect(await operate<unknown>(house.house.ground, by, act() as OperatorAct<unknown>)).toMatchObject({
      ok: false,
    });
    expect([halt().levels.size, house.house.recorder.size]).toEqual([0, size]);
  });
});
