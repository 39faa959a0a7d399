import type { Clock } from '../../base/clock.ts';
import { type Problem, problem } from '../../base/errors.ts';
import type { Ids } from '../../base/ids.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Caller } from '../../pipeline/ports/call.ts';

/**
 * The session of an action where the protocol has none (2026-07-28): the one its caller named, else one per token
 * until it was idle for LIMITS.sessionIdleMs. Ids are ours; a name belongs to one agent and reaches nobody else's.
 */
export interface ActionSessions {
  ofToken(caller: Caller): string;
  /** Refused where the agent has LIMITS.sessionsPerAgent named sessions that are not idle. */
  named(caller: Caller, name: string): Result<string, Problem>;
}

interface Kept {
  readonly id: string;
  lastMs: number;
}

export function createActionSessions(ids: Ids, clock: Clock): ActionSessions {
  const byToken = new Map<string, Kept>();
  const byAgent = new Map<string, Map<string, Kept>>();

  return {
    ofToken(caller) {
      const nowMs = clock.monotonicMs();
      const kept = byToken.get(caller.token);
      if (kept !== undefined && nowMs - kept.lastMs < LIMITS.sessionIdleMs) {
        kept.lastMs = nowMs;
        return kept.id;
      }
      dropIdle(byToken, nowMs);
      const id = ids();
      byToken.set(caller.token, { id, lastMs: nowMs });
      return id;
    },
    named(caller, name) {
      const nowMs = clock.monotonicMs();
      let names = byAgent.get(caller.agent);
      if (names === undefined) {
        names = new Map();
        byAgent.set(caller.agent, names);
      }
      const kept = names.get(name);
      if (kept !== undefined && nowMs - kept.lastMs < LIMITS.sessionIdleMs) {
        kept.lastMs = nowMs;
        return ok(kept.id);
      }
      dropIdle(names, nowMs);
      if (names.size >= LIMITS.sessionsPerAgent)
        return err(problem('TOO_MANY_SESSIONS', { limit: LIMITS.sessionsPerAgent }));
      const id = ids();
      names.set(name, { id, lastMs: nowMs });
      return ok(id);
    },
  };
}

/** Runs only when a session begins, over at most LIMITS.sessionsPerAgent or the tokens in use. */
function dropIdle(sessions: Map<string, Kept>, nowMs: number): void {
  for (const [key, kept] of sessions) if (nowMs - kept.lastMs >= LIMITS.sessionIdleMs) sessions.delete(key);
}
