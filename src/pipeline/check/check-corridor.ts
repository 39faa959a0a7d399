import { type Problem, problem } from '../../base/errors.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Action, Attempt } from '../../model/action.ts';
import type { Decision } from '../../model/decision.ts';
import type { Outcome } from '../../model/outcome.ts';
import { denied } from '../action/decide.ts';
import { check } from '../clear.ts';
import type { Bearer, Holder, Tokens } from '../credentials/tokens.ts';
import { type Pass, spend } from '../pass.ts';
import type { Answer } from '../ports/answer.ts';
import type { Rooms } from '../rooms.ts';
import { type AccessRequest, accessRequest } from './access-request.ts';
import { askerOf } from './unreported.ts';

/** An action that was decided and durably recorded as allowed, for its caller to do elsewhere. Not handed over yet. */
export interface Clearance {
  readonly kind: 'cleared';
  readonly action: Action;
  readonly decision: Decision;
  readonly pass: Pass;
}

export type Checked = Clearance | Extract<Answer, { kind: 'denied' | 'refused' }>;

/** The corridor as the check door sees it: what is allowed here is done elsewhere, by whoever asked. */
export interface CheckCorridor {
  /** Like the agents' (ports/corridor.ts); a point is met here as well. */
  authenticate(bearer: string | undefined, from: string, over?: object): Result<Bearer, Problem>;
  /** TOKEN_REFUSED where the token that this caller came with is no longer good; null while it is. */
  gone(caller: Bearer): Problem | null;
  /** Whether this caller may ask for that agent: it is the agent, or a point that speaks for it. */
  speaksFor(caller: Holder, agent: string): boolean;
  /** One attempt through the whole corridor. Never rejects: faults become denials. */
  check(attempt: Attempt): Promise<Checked>;
  /**
   * Call this synchronously in the tick in which the answer leaves, once: it is the last look at the halt switch. What
   * it answers is what the caller is told; only an allow of it allows anything.
   */
  handOver(clearance: Clearance): Decision;
  /** The caller will not hear of it: it was allowed, and is not done. */
  withdraw(clearance: Clearance): void;
  /** Ends an action as the caller that asked for it says. */
  tell(caller: Holder, action: string, outcome: Outcome['outcome']): Promise<Result<null, Problem>>;
  /** How a question stands that this caller asked; null: there is none such (any more). */
  request(caller: Holder, id: string): AccessRequest | null;
  /** Why nothing of this caller is read in this minute: an agent that was refused too often. Null while it is read. */
  refusedTooOften(caller: Holder): Problem | null;
  /** Counts one refusal; null where nobody authenticated. */
  refused(caller: Holder | null, problem: Problem): void;
}

export function openCheckCorridor(rooms: Rooms, tokens: Tokens): CheckCorridor {
  const abort = ({ action }: Clearance, code: Problem['code']): void => {
    const ended = rooms.unreported.end(askerOf(action), action.id, { outcome: 'aborted', code });
    ended.catch((error: unknown) =>
      rooms.report(`that ${action.id} was not done could not be recorded yet: ${String(error)}`),
    );
  };
  return {
    authenticate(bearer, from, over) {
      const caller = tokens.authenticate(bearer, from, over);
      if (!caller.ok) return caller;
      const { agents, points } = rooms.inForce();
      const isKnown =
        'point' in caller.value ? points.has(caller.value.point) : agents.has(caller.value.agent);
      return isKnown ? caller : err(problem('TOKEN_REFUSED'));
    },
    gone: ({ token, ofRun }) =>
      rooms.isLive(token) && (ofRun === undefined || rooms.isLive(ofRun)) ? null : problem('TOKEN_REFUSED'),
    speaksFor: (caller, agent) =>
      'point' in caller
        ? rooms.inForce().points.get(caller.point)?.agents.includes(agent) === true
        : caller.agent === agent,
    check: (attempt) => check(rooms, attempt),
    handOver(clearance) {
      const refusal = spend(clearance.pass, clearance.action.digest);
      if (refusal === null) return clearance.decision;
      abort(clearance, refusal.code);
      return denied(refusal);
    },
    withdraw: (clearance) => abort(clearance, 'ABORTED'),
    request: (caller, id) => accessRequest(rooms, caller, id),
    async tell(caller, action, outcome) {
      if (!(await rooms.unreported.isOpen(caller, action))) return err(problem('UNKNOWN_ACTION', { action }));
      try {
        const isOver = await rooms.unreported.end(caller, action, { outcome });
        return isOver ? ok(null) : err(problem('UNKNOWN_ACTION', { action }));
      } catch (error) {
        rooms.report(`the outcome of ${action} could not be recorded yet: ${String(error)}`);
        return err(problem('OUTCOME_OWED'));
      }
    },
    refusedTooOften: (caller) => ('point' in caller ? null : rooms.admission.refusedTooOften(caller.agent)),
    refused(caller, found) {
      if (caller !== null && 'point' in caller) rooms.refusals.count(null, found.code, caller.point);
      else {
        rooms.refusals.count(caller?.agent ?? null, found.code);
        if (caller !== null) rooms.admission.refused(caller.agent, found);
      }
    },
  };
}
