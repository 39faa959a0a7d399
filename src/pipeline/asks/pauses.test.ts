import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Problem, problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Action, Attempt } from '../../model/action.ts';
import { actionOf } from '../action/action.ts';
import { Pauses } from './pauses.ts';

const ATTEMPT: Attempt = {
  agent: 'writer',
  session: 's',
  token: 't',
  door: 'mcp',
  upstream: 'wiki',
  method: 'tools/call',
  name: 'edit',
  arguments: { page: 'a' },
};
const TARGET = { type: 'Page', id: 'a', ancestors: [], attributes: { id: 'a' } };
const actionFor = (changed: Partial<Attempt> = {}, targets = [TARGET]): Action => {
  const attempt = { ...ATTEMPT, ...changed };
  return actionOf(
    'A',
    attempt,
    { owner: 'ada', pin: null, targets, arguments: attempt.arguments },
    (text) => text,
  );
};

beforeEach(() => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }));
afterEach(() => vi.useRealTimers());

function held() {
  const pauses = new Pauses();
  const ends: string[] = [];
  let heard: (() => void) | null = null;
  let over: Problem | null = null;
  const action = actionFor();
  const state = pauses.hold({ action, asked: new Map(), round: 1 }, 'theirs', 1000, {
    listen: (then) => {
      heard = then;
      return () => {
        heard = null;
      };
    },
    over: () => over,
    end: ({ code }) => ends.push(code),
  });
  const find = (changed: Partial<Attempt> = {}, nowMs = 1001) => {
    const found = pauses.find({ ...ATTEMPT, ...changed }, { state, responses: {} }, nowMs);
    return found.ok ? found.value : found.error.code;
  };
  const stop = (why: Problem | null) => {
    over = why;
    heard?.();
  };
  return { pauses, ends, find, stop, isHeard: () => heard !== null };
}

describe('a pause', () => {
  test('is found with the state of its upstream, and taken once by the action that it is', () => {
    const { find, ends, isHeard } = held();
    const found = find();
    if (typeof found === 'string') throw new Error(found);
    expect(found.upstreamState).toBe('theirs');
    expect(found.take(actionFor())).toBeNull();
    expect(found.take(actionFor())?.code).toBe('STATE_USED');
    expect([find(), isHeard()]).toEqual(['STATE_USED', false]);
    vi.advanceTimersByTime(LIMITS.askMs * 2);
    expect(ends).toEqual([]);
  });

  test("is nobody else's, and looking at it does not spend it", () => {
    const { find } = held();
    for (const changed of [{ agent: 'other' }, { upstream: 'forum' }, { token: 'u' }])
      expect(find(changed)).toBe('STATE_FOREIGN');
    const found = find();
    if (typeof found === 'string') throw new Error(found);
    for (const action of [
      actionFor({ arguments: { page: 'b' } }),
      actionFor({ name: 'delete' }),
      actionFor({ session: 'elsewhere' }),
      actionFor({}, [{ ...TARGET, id: 'b' }]),
    ])
      expect(found.take(action)?.code).toBe('STATE_DIFFERS');
    expect(found.take(actionFor())).toBeNull();
  });

  test('ends by itself, and its state says so from then on', () => {
    const { find, ends } = held();
    vi.advanceTimersByTime(LIMITS.askMs - 1);
    expect(ends).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(ends).toEqual(['ASK_UNANSWERED']);
    expect(find({}, 1000 + LIMITS.askMs)).toBe('STATE_EXPIRED');
    expect(find({}, 999 + LIMITS.askMs)).toBe('STATE_USED');
  });

  test('ends with a stop that is for its agent, and with no other', () => {
    const { find, ends, stop } = held();
    stop(null);
    expect([ends, typeof find()]).toEqual([[], 'object']);
    stop(problem('STOPPED'));
    expect([ends, find()]).toEqual([['STOPPED'], 'STATE_USED']);
  });

  test('of one instance is none of another', () => {
    const [one, other] = [held(), held()];
    expect(other.pauses.isFull('writer')).toBe(false);
    expect(typeof one.find()).toBe('object');
    const sealed = new Pauses().find(ATTEMPT, { state: 'x', responses: {} }, 0);
    expect(sealed).toMatchObject({ error: { code: 'STATE_UNREADABLE' } });
  });

  test('has its bound for each agent', () => {
    const pauses = new Pauses();
    const watch = { listen: () => () => undefined, over: () => null, end: () => undefined };
    for (let i = 0; i < LIMITS.pausesPerAgent; i++) {
      expect(pauses.isFull('writer')).toBe(false);
      pauses.hold({ action: actionFor(), asked: new Map(), round: 1 }, null, 0, watch);
    }
    expect([pauses.isFull('writer'), pauses.isFull('other')]).toEqual([true, false]);
  });
});
