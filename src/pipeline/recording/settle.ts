import { ERRORS, type ErrorCode, type Problem, problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { filled, stated } from '../../base/stated.ts';
import { type Action, CONNECT } from '../../model/action.ts';
import type { Outcome } from '../../model/outcome.ts';
import type { Body } from '../../store/store.ts';
import { newSalt, saltedDigest } from '../action/action.ts';
import { holdAddresses } from '../action/addresses-first.ts';
import { settleSpent } from '../action/budgets.ts';
import { denied } from '../action/decide.ts';
import { markCells } from '../action/marks.ts';
import { noteEnd } from '../action/past.ts';
import { MAY_NOTHING } from '../asks/ask-operations.ts';
import type { InForce } from '../in-force.ts';
import type { Answer, RpcError } from '../ports/answer.ts';
import type { Reply } from '../ports/upstream.ts';
import type { Rooms } from '../rooms.ts';
import { freezeEverything } from '../stop/freeze.ts';
import type { Draft } from './draft.ts';
import { scrubJson } from './scrub.ts';
import { tellEdited } from './tell-edited.ts';

/** A reply after which nothing more comes. */
export type Ending = Exclude<Reply, { readonly kind: 'input-required' | 'task' }>;

/**
 * From the upstream's reply to the answer. The outcome is durable before anybody hears of it, and so are the marks of what the
 * session has read by it: an error is the upstream's words too, and those of a lost call may have arrived. Where the outcome
 * cannot be recorded, the agent learns only that, everything freezes, and the outcome is written first when the store returns.
 */
export async function settle(rooms: Rooms, action: Action, raw: Ending, inForce: InForce): Promise<Answer> {
  const { reply, text } = scrubReply(rooms, withoutStrayAddresses(action, raw, inForce));
  const unrecorded = await recordOutcome(rooms, action, outcomeOf(reply), text, inForce);
  if (unrecorded !== null) return { kind: 'failed', action: action.id, problem: unrecorded };
  return answerOf(action, reply, text);
}

const UNKNOWN_BY: ReadonlySet<ErrorCode> = new Set(['ASK_UNANSWERED', 'STOPPED', 'CANCELLED', 'INTERNAL']);

/**
 * Ends a call that was sent and did not finish. `unknown`, where nobody answered what the upstream asked, somebody stopped the
 * call, or we broke: what the upstream did before is not known. `failed`, where what it asked was not let through.
 */
export async function endCall(
  rooms: Rooms,
  action: Action,
  why: Problem,
  how: 'unknown' | 'failed' = UNKNOWN_BY.has(why.code) ? 'unknown' : 'failed',
): Promise<Answer> {
  const outcome = { outcome: how, code: why.code } as const;
  const unrecorded = await recordOutcome(rooms, action, outcome, null, rooms.inForce());
  if (unrecorded !== null) return { kind: 'failed', action: action.id, problem: unrecorded };
  return answerUnfinished(action, why);
}

/**
 * Makes an outcome durable, with the text of what was answered beside it. A Problem: it could not be, so it is owed to the log
 * and everything is frozen.
 */
export async function recordOutcome(
  rooms: Rooms,
  action: Action,
  outcome: Outcome,
  text: string | null,
  inForce: InForce,
): Promise<Problem | null> {
  noteEnd(rooms, action, outcome);
  const draft = outcomeDraft(rooms, action, outcome, text, inForce);
  try {
    const { bytes } = await rooms.recorder.record(draft);
    rooms.admission.logged(action.agent, bytes);
    return null;
  } catch (error) {
    rooms.recorder.owe(draft);
    freezeEverything(rooms.halt, rooms.recorder, `the outcome of action ${action.id} could not be recorded`);
    rooms.report(
      `the outcome of action ${action.id} could not be recorded; everything is frozen: ${String(error)}`,
    );
    return problem('OUTCOME_UNRECORDED');
  }
}

function outcomeOf(reply: Ending): Outcome {
  switch (reply.kind) {
    case 'result':
      return { outcome: reply.result['isError'] === true ? 'failed' : 'ok', ...tunnelOf(reply) };
    case 'error':
      return { outcome: 'failed' };
    case 'not-sent':
      return { outcome: 'aborted', code: reply.problem.code };
    case 'lost':
      return { outcome: 'unknown', code: reply.problem.code, ...tunnelOf(reply) };
  }
}

const tunnelOf = ({ tunnel }: Extract<Ending, { kind: 'result' | 'lost' }>): Pick<Outcome, 'tunnel'> =>
  tunnel === undefined ? {} : { tunnel };

function withoutStrayAddresses(action: Action, reply: Ending, inForce: InForce): Ending {
  if (reply.kind !== 'error') return reply;
  const asks = inForce.upstreams.get(action.upstream)?.asks ?? MAY_NOTHING;
  return { kind: 'error', error: holdAddresses(action.upstream, asks, reply.error) };
}

/** The reply without known secrets, and its JSON text; walked only where scrubbing the text found something. */
function scrubReply(rooms: Rooms, reply: Ending): { reply: Ending; text: string | null } {
  if (reply.kind === 'not-sent' || reply.kind === 'lost') {
    const { code, sentence } = reply.problem;
    return { reply: { ...reply, problem: { code, sentence: rooms.scrubber.scrub(sentence) } }, text: null };
  }
  const text = JSON.stringify(reply.kind === 'result' ? reply.result : reply.error);
  if (rooms.scrubber.scrub(text) === text) return { reply, text };
  if (reply.kind === 'result') {
    const result = scrubJson(rooms.scrubber, reply.result);
    return { reply: { kind: 'result', result, ...tunnelOf(reply) }, text: JSON.stringify(result) };
  }
  const { code, message, data } = reply.error;
  const error: RpcError = {
    code,
    message: rooms.scrubber.scrub(message),
    ...(data === undefined ? {} : { data: scrubJson(rooms.scrubber, data) }),
  };
  return { reply: { kind: 'error', error }, text: JSON.stringify(error) };
}

const NO_BODIES: readonly Body[] = [];

function outcomeDraft(
  rooms: Rooms,
  action: Action,
  outcome: Outcome,
  text: string | null,
  inForce: InForce,
): Draft {
  const { tunnel } = outcome;
  const salt = newSalt();
  const unforeseen = rooms.marks.unforeseen(action.id);
  // In the order of the canonical text; the recorder fills in `at` and `seq`.
  const fields = stated({
    action: action.id,
    address: tunnel?.address,
    agent: action.agent,
    answer: outcome.answer,
    at: '',
    brings: filled(unforeseen),
    code: outcome.code,
    door: action.door,
    ended: tunnel?.ended,
    kind: 'action.outcome',
    operation: action.operation,
    outcome: outcome.outcome,
    owner: action.owner,
    received: tunnel?.received,
    resultDigest: text === null ? undefined : saltedDigest(salt, text),
    sent: tunnel?.sent,
    seq: 0,
    session: action.session,
    // Named after a stop, because bytes that had left before the stop may still be read there.
    upstream:
      outcome.code !== 'STOPPED' ? undefined : action.method === CONNECT ? action.name : action.upstream,
  } as const);
  const read = rooms.marks.end(action.id, outcome.outcome !== 'aborted', rooms.clock.now());
  const spent = settleSpent(rooms, action, outcome.outcome === 'aborted');
  return {
    fields: spent.cells.length === 0 ? fields : { ...fields, ...spent.fields },
    bodies: text === null ? NO_BODIES : [resultBody(rooms, action.id, salt, text, inForce)],
    cells: [...markCells(read), ...rooms.tasks.closing(action.id), ...spent.cells],
    closes: action.id,
  };
}

/** The result beside the log, redacted and bounded; the digest covers the whole of what the agent was answered. */
function resultBody(rooms: Rooms, action: string, salt: Uint8Array, text: string, inForce: InForce): Body {
  const kept =
    text.length > LIMITS.bodyBytes ? `${text.slice(0, LIMITS.bodyBytes).toWellFormed()}… [cut]` : text;
  const expiresAtMs = rooms.clock.now() + inForce.bodyRetentionMs;
  return { action, part: 'result', salt, text: rooms.redactor.redact(kept), expiresAtMs };
}

function answerOf(action: Action, reply: Ending, text: string | null): Answer {
  switch (reply.kind) {
    case 'result':
      return tellEdited(
        { kind: 'result', action: action.id, result: reply.result, text: text ?? undefined },
        action,
      );
    case 'error':
      return { kind: 'error', action: action.id, error: reply.error };
    case 'not-sent':
    case 'lost':
      return answerUnfinished(action, reply.problem);
  }
}

/**
 * What an agent is told of an action that did not finish. Where its code is a denial's (the switch held in the last tick, say),
 * it is told a denial, though the log has an allow and an abort.
 */
function answerUnfinished(action: Action, why: Problem): Answer {
  if (ERRORS[why.code].kind !== 'deny') return { kind: 'failed', action: action.id, problem: why };
  return { kind: 'denied', action: action.id, decision: denied(why) };
}
