import { describe, expect, it } from 'vitest';
import { BriefMap } from '../../base/brief-map.ts';
import { LIMITS } from '../../base/limits.ts';
import { checkRoom, type Requests } from '../mcp/agent-side/requests.ts';
import { createActionSessions } from './action-sessions.ts';

describe('named sessions', () => {
  it('are bounded per agent, and idle ones make room', () => {
    let nowMs = 0;
    let made = 0;
    const sessions = createActionSessions(() => `id-${++made}`, {
      now: () => nowMs,
      monotonicMs: () => nowMs,
    });
    const ada = { agent: 'ada', token: 't1' };
    for (let i = 0; i < LIMITS.sessionsPerAgent; i++) expect(sessions.named(ada, `s${i}`).ok).toBe(true);
    expect(sessions.named(ada, 'one more')).toMatchObject({
      ok: false,
      error: { code: 'TOO_MANY_SESSIONS' },
    });
    // What is known stays, another agent is not touched, and a second token of the agent is the same agent.
    expect(sessions.named({ ...ada, token: 't2' }, 's0')).toEqual({ ok: true, value: 'id-1' });
    expect(sessions.named({ agent: 'bob', token: 't3' }, 's0').ok).toBe(true);
    nowMs += LIMITS.sessionIdleMs;
    expect(sessions.named(ada, 'one more').ok).toBe(true);
  });

  it('cannot be reached by a name that is a token, nor the other way round', () => {
    let made = 0;
    const sessions = createActionSessions(() => `id-${++made}`, { now: () => 0, monotonicMs: () => 0 });
    const ada = { agent: 'ada', token: 't1' };
    const own = sessions.ofToken(ada);
    expect(sessions.named(ada, 't1')).not.toEqual({ ok: true, value: own });
    expect(sessions.named(ada, '__proto__').ok).toBe(true);
  });
});

describe('requests of one session', () => {
  it('are bounded, and an id is free again when its request is over', () => {
    const requests: Requests = new BriefMap();
    for (let i = 0; i < LIMITS.requestsPerSession; i++) requests.set(i, { abort: () => {} });
    expect(checkRoom(requests, 0)).toMatchObject({ error: { code: 'DUPLICATE_REQUEST_ID' } });
    expect(checkRoom(requests, 'new')).toMatchObject({ error: { code: 'TOO_MANY_IN_FLIGHT' } });
    requests.delete(0);
    expect(checkRoom(requests, 0).ok).toBe(true);
  });
});
