import { randomBytes } from 'node:crypto';
import { type Problem, problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Action, Attempt, Continuation } from '../../model/action.ts';
import type { Asked } from './ask.ts';
import type { HeldCall } from './held-call.ts';
import { RequestStates } from './request-state.ts';

/** A call whose upstream asked for input first: recorded, open, and waiting for its client. */
export interface Pause {
  readonly action: Action;
  /** What the client is asked, by the upstream's own keys. */
  readonly asked: ReadonlyMap<string, Asked>;
  /** How often this call has paused, this time included. */
  readonly round: number;
  /** Its upstream's call is in flight still, and asks by requests of its own. */
  readonly held?: HeldCall;
}

/** A pause that a client names; it is spent by `take` alone. */
export interface Found {
  readonly pause: Pause;
  readonly upstreamState: string | null;
  /** Why this action is not the one that was paused; null when it is, and then the pause is spent. */
  take(action: Action): Problem | null;
}

interface Waiting extends Pause {
  /** Ends the waiting, not the call. */
  stop(): void;
  /** Ends both. */
  finish(why: Problem): void;
}

/**
 * Calls that wait for input, in memory: at most LIMITS.pausesPerAgent an agent, each for LIMITS.askMs. The client holds a
 * sealed state that names one, good once and for nobody else. The key is drawn at each start, so that no state outlives
 * what it stands for.
 */
export class Pauses {
  readonly #states = new RequestStates(randomBytes(32));
  readonly #waiting = new Map<string, Waiting>();

  /** Whether this agent has no room for one more. */
  isFull(agent: string): boolean {
    let count = 0;
    for (const { action } of this.#waiting.values()) if (action.agent === agent) count++;
    return count >= LIMITS.pausesPerAgent;
  }

  /**
   * Keeps a pause, and answers the state for the client to hand back. `listen` takes a function to call whenever the pause may
   * have to end, and answers how to leave. `over` says why it has to end now, or null. `end` is called once with that reason,
   * unless the pause was taken before.
   */
  hold(
    pause: Pause,
    upstreamState: string | null,
    nowMs: number,
    watch: {
      readonly listen: (heard: () => void) => () => void;
      readonly over: () => Problem | null;
      readonly end: (why: Problem) => void;
    },
  ): string {
    const name = randomBytes(16).toString('base64url');
    const expiresAtMs = nowMs + LIMITS.askMs;
    const finish = (why: Problem) => {
      const waiting = this.#waiting.get(name);
      if (waiting === undefined) return;
      this.#forget(name, waiting);
      watch.end(why);
    };
    const timer = setTimeout(() => finish(problem('ASK_UNANSWERED')), LIMITS.askMs).unref();
    const unlisten = watch.listen(() => {
      const why = watch.over();
      if (why !== null) finish(why);
    });
    const stop = () => {
      clearTimeout(timer);
      unlisten();
    };
    this.#waiting.set(name, { ...pause, stop, finish });
    const { agent, upstream, digest } = pause.action;
    return this.#states.seal({ pause: name, agent, upstream, digest, expiresAtMs, upstreamState });
  }

  /** The pause that a client names, if it is this attempt's to name. */
  find(attempt: Attempt, { state }: Continuation, nowMs: number): Result<Found, Problem> {
    const opened = this.#states.open(state);
    if (opened === null) return err(problem('STATE_UNREADABLE'));
    if (opened.agent !== attempt.agent) return err(problem('STATE_FOREIGN', { what: 'agent' }));
    if (opened.upstream !== attempt.upstream) return err(problem('STATE_FOREIGN', { what: 'upstream' }));
    if (nowMs >= opened.expiresAtMs) return err(problem('STATE_EXPIRED', { limit: LIMITS.askMs / 1000 }));
    const pause = this.#waiting.get(opened.pause);
    if (pause === undefined || pause.action.digest !== opened.digest) return err(problem('STATE_USED'));
    if (pause.action.token !== attempt.token) return err(problem('STATE_FOREIGN', { what: 'token' }));
    const take = (action: Action): Problem | null => {
      const what = differenceOf(pause.action, action);
      if (what !== null) return problem('STATE_DIFFERS', { what });
      if (this.#waiting.get(opened.pause) !== pause) return problem('STATE_USED');
      this.#forget(opened.pause, pause);
      return null;
    };
    return ok({ pause, upstreamState: opened.upstreamState, take });
  }

  /** Nobody can come back for what was asked in this session. */
  endSession(session: string): void {
    for (const waiting of [...this.#waiting.values()])
      if (waiting.action.session === session) waiting.finish(problem('ASK_UNANSWERED'));
  }

  #forget(name: string, waiting: Waiting): void {
    this.#waiting.delete(name);
    waiting.stop();
  }
}

/** "A continuation belongs to the same action": all that was decided, digested and recorded of it is the same. */
export function differenceOf(paused: Action, now: Action): string | null {
  if (paused.operation !== now.operation || paused.name !== now.name) return 'its operations';
  if (paused.argumentsText !== now.argumentsText) return 'its arguments';
  if (JSON.stringify(paused.targets) !== JSON.stringify(now.targets)) return 'its targets';
  return paused.session === now.session && paused.door === now.door ? null : 'its sessions';
}
