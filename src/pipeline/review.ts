import { isMild } from '../approval/grant.ts';
import { isOfOthers } from '../approval/who.ts';
import { toInstant } from '../base/clock.ts';
import { type Problem, problem } from '../base/errors.ts';
import { isJsonObject } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import { META } from '../contract/mcp-meta.ts';
import type { Action, Attempt } from '../model/action.ts';
import type { Approval } from '../model/approval.ts';
import { CAN_NOTHING } from '../model/ask.ts';
import type { Decision } from '../model/decision.ts';
import { askedFields } from './approval-entries.ts';
import { askedFor, type CancelReason, type Kept, versionAskedOf } from './approval-kept.ts';
import { denied } from './decide.ts';
import type { Draft } from './draft.ts';
import { grantFor, type Yes } from './grant-cover.ts';
import { APPROVAL_STATE, approvalNamed, type Hold, type Version } from './hold.ts';
import type { InForce } from './in-force.ts';
import { entryOf } from './operation-entry.ts';
import type { Answer } from './ports.ts';
import { recordAsked, takeAllowed } from './recorded.ts';
import type { Rooms } from './rooms.ts';
import { type Subject, subjectOf } from './subject.ts';
import { taskTerms } from './task-begin.ts';

type Reviewed =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'deny'; readonly decision: Decision }
  /** Its client takes a task: it waits as one. */
  | { readonly kind: 'as-task'; readonly kept: Kept }
  /** Something has moved: prepare and decide anew. */
  | { readonly kind: 'again' }
  /** Enough have said yes, or one in advance. */
  | Yes;

/** The continuation of a call that was sent to a question: whether it is about this very call. */
export function checkNamed(rooms: Rooms, attempt: Attempt, { open, ended }: Subject): Problem | null {
  const id = approvalNamed(attempt);
  if (id === null) return null;
  const kept = rooms.approvals.find(id);
  if (kept === undefined) return problem('STATE_USED');
  if (kept.approval.agent !== attempt.agent) return problem('STATE_FOREIGN', { what: 'agent' });
  return kept === open || kept === ended ? null : problem('STATE_DIFFERS', { what: 'its arguments' });
}

/** One name stands for one attempt: with other arguments it would not be clear which of the two was meant. */
export function checkIdempotency(
  rooms: Rooms,
  { agent, idempotency }: Attempt,
  open: Kept | null,
): Problem | null {
  if (idempotency === undefined || !rooms.approvals.has(agent)) return null;
  const named = rooms.approvals.named(agent, idempotency);
  if (named === null || named === open) return null;
  return problem('IDEMPOTENCY_DIFFERS', { approval: named.approval.id });
}

/** An action that needs people: asks them, holds the call, or says how it stands. */
export async function review(
  rooms: Rooms,
  inForce: InForce,
  subject: Subject,
  decision: Decision,
  hold: Hold,
  version: Version,
): Promise<Reviewed> {
  if (hold.isMute || !rooms.approvals.electorate.isClaimed()) return { kind: 'deny', decision };
  const { open, ended } = subject;
  const { agent } = subject.prepared;
  const { repeats } = hold;
  const grant = grantFor(rooms, subject, decision, hold);
  if (grant !== null && (open === null || !rooms.approvals.isApproved(open)))
    return { kind: 'granted', grant };
  if (open === null && repeats?.approval.phase === 'spent') return ranAlready(repeats, decision);
  if (open === null && repeats?.cancelledFor === 'operator') return takenBack(repeats, decision);
  if (open !== null) {
    hold.repeats = open;
    if (open.approval.policy !== inForce.policy.digest) return instead(rooms, open, 'rules-changed', hold);
    if (isOfOthers(open.approval, agent)) return instead(rooms, open, 'owner-changed', hold);
    if (!covers(open.approval, decision)) return instead(rooms, open, 'more-asked', hold);
    if (open.recorded !== undefined) {
      await open.recorded;
      return { kind: 'again' };
    }
    // Nobody would hear what came of it: the approval is for the call that comes back.
    const isGone = hold.control.signal.aborted;
    if (!isGone && rooms.approvals.isApproved(open)) return { kind: 'approved', kept: open };
    return waitFor(rooms, subject, open, decision, hold);
  }
  if (ended?.approval.phase === 'denied' && rooms.clock.now() < ended.approval.expiresAtMs)
    return { kind: 'deny', decision: deniedBy(ended.approval, decision) };
  const ranOut = hold.isTask ? whyTaskIsOver(rooms, hold, decision) : null;
  if (ranOut !== null) return ranOut;
  // Whatever takes time comes before the question, so that of calls that come together one asks.
  if (version.isKept && hold.version === undefined) {
    hold.version = await version.read();
    return { kind: 'again' };
  }
  if (rooms.approvals.waitingOf(hold.attempt.agent) >= LIMITS.approvalsPerAgent) {
    const limit = LIMITS.approvalsPerAgent;
    return { kind: 'deny', decision: { ...decision, ...denied(problem('TOO_MANY_PENDING', { limit })) } };
  }
  return ask(rooms, inForce, subject, decision, hold);
}

/** Whether the question was about every review that is needed now: whatever is new asks again. */
function covers({ reviews }: Pick<Approval, 'reviews'>, decision: Decision): boolean {
  return decision.reviews.every(({ rule, who }) =>
    reviews.some((asked) => asked.rule === rule && asked.who === who),
  );
}

function instead(
  rooms: Rooms,
  kept: Kept,
  reason: 'rules-changed' | 'owner-changed' | 'more-asked' | 'target-changed',
  hold: Hold,
): Reviewed {
  rooms.approvals.cancel(kept, reason);
  hold.instead = { approval: kept.approval.id, reason };
  return { kind: 'again' };
}

function deniedBy({ id, answers }: Approval, decision: Decision): Decision {
  const people = answers.flatMap(({ person, answer }) => (answer === 'deny' ? [person] : []));
  const reason = problem('APPROVAL_DENIED', { approval: id, people: people.join(', ') }).sentence;
  return { ...decision, decision: 'deny', code: 'APPROVAL_DENIED', reason, approval: { id } };
}

async function ask(
  rooms: Rooms,
  inForce: InForce,
  subject: Subject,
  decision: Decision,
  hold: Hold,
): Promise<Reviewed> {
  const { action, agent } = subject.prepared;
  const nowMs = rooms.clock.now();
  const spanMs = Math.min(
    LIMITS.approvalMostMs,
    ...decision.reviews.map(({ withinMs }) => withinMs ?? LIMITS.approvalMs),
  );
  const weight = entryOf(inForce, action.operation);
  const approval: Approval = {
    id: rooms.ids(),
    action: action.id,
    digest: action.digest,
    agent: agent.id,
    owner: agent.owner,
    ...(agent.backup === undefined ? {} : { backup: agent.backup }),
    reviews: decision.reviews,
    isMild: isMild(weight),
    policy: inForce.policy.digest,
    askedAtMs: nowMs,
    spanMs,
    expiresAtMs: nowMs + spanMs,
    phase: 'open',
    isRevived: false,
    answers: [],
    shownTo: [],
  };
  const kept: Kept = { approval, asked: askedFor(action, rooms.recorder.size, hold.version) };
  // Whatever becomes of it while it is still being recorded: it was this call's question.
  hold.repeats = kept;
  const cell = rooms.approvals.open(kept);
  const people = rooms.approvals.people(approval);
  const fields = askedFields({
    approval,
    action,
    people,
    state: hold.version,
    weight,
    cell: cell.value ?? '',
    instead: hold.instead,
  });
  const draft: Draft = { fields, cells: [cell, ...rooms.approvals.takeStale()] };
  const pending = pendingDecision(approval, decision);
  const recording = recordAsked(rooms, action, pending, inForce, draft);
  // Whoever repeats it meanwhile waits for that as well.
  kept.recorded = recording;
  const unrecorded = await recording;
  delete kept.recorded;
  if (unrecorded !== null) {
    rooms.approvals.forget(kept);
    return { kind: 'answer', answer: { kind: 'denied', action: action.id, decision: denied(unrecorded) } };
  }
  delete hold.instead;
  return { kind: 'again' };
}

/** Holds the call until something moves; the time being over, says how it stands and how to come back. */
async function waitFor(
  rooms: Rooms,
  subject: Subject,
  kept: Kept,
  decision: Decision,
  hold: Hold,
): Promise<Reviewed> {
  const { approval } = kept;
  const action = subject.prepared.action.id;
  if (!hold.isTask && mayWaitAsTask(rooms, subject.prepared.action, hold)) return { kind: 'as-task', kept };
  const page = rooms.approvals.electorate.pageOf(approval.id);
  if (!hold.isSent && page !== null && (hold.control.can ?? CAN_NOTHING).url) {
    hold.isSent = true;
    const message = problem('APPROVAL_LINK', { operation: subject.prepared.action.operation }).sentence;
    const params = { mode: 'url', message, url: page, elicitationId: approval.id };
    const requests = { approval: { method: 'elicitation/create', params } };
    return {
      kind: 'answer',
      answer: { kind: 'input-required', action, requests, state: APPROVAL_STATE + approval.id },
    };
  }
  const before = kept.approval;
  if (!isOver(rooms, hold)) {
    tell(hold, kept);
    await rooms.approvals.wait(kept, hold.untilMs, hold.control.signal, () => tell(hold, kept));
    if (before !== kept.approval || !isOver(rooms, hold)) return { kind: 'again' };
  }
  const pending = pendingDecision(kept.approval, decision);
  rooms.marks.end(action, false, rooms.clock.now());
  return { kind: 'answer', answer: { kind: 'denied', action, decision: pending } };
}

function mayWaitAsTask(rooms: Rooms, action: Action, { attempt, generation, control }: Hold): boolean {
  if (action.method !== 'tools/call' || action.door !== 'mcp' || attempt.continues !== undefined)
    return false;
  return taskTerms(rooms, action, generation, control).taken;
}

function isOver({ approvals, clock }: Rooms, { untilMs, control }: Hold): boolean {
  return clock.monotonicMs() >= untilMs || control.signal.aborted || approvals.isStopped;
}

/** What waits as a task asks nobody a second time: not after its question ran out, nor for a client that gave it up. */
function whyTaskIsOver(rooms: Rooms, { control, repeats }: Hold, decision: Decision): Reviewed | null {
  if (repeats === undefined) return null;
  const { id, action } = repeats.approval;
  if (!control.signal.aborted && !rooms.approvals.hasRunOut(repeats)) return null;
  return over(action, id, decision, problem('APPROVAL_EXPIRED', { approval: id }));
}

/** Its question is over, and so is the call: what became of it, beside the rules that asked. */
function over(action: string, id: string, { rules }: Decision, why: Problem): Reviewed {
  const decision = { ...denied(why), rules, approval: { id } };
  return { kind: 'answer', answer: { kind: 'denied', action, decision } };
}

/** The same call, made twice: people approved it once, and once it has run. */
function ranAlready({ approval: { id, action } }: Kept, decision: Decision): Reviewed {
  return over(action, id, decision, problem('APPROVAL_SPENT', { approval: id, action }));
}

/** Somebody took the question back while this call waited for it: it is not asked anew on account of the same call. */
function takenBack({ approval: { id, action } }: Kept, decision: Decision): Reviewed {
  return over(
    action,
    id,
    decision,
    problem('APPROVAL_TAKEN_BACK', { approval: id, why: TAKEN_BACK.operator }),
  );
}

/** Why a question was taken back, of the reasons after which no call runs by it or by another in its place. */
export const TAKEN_BACK = {
  operator: 'by a person whom it did not ask, or at the operator’s socket',
  'agent-gone': 'the agent was taken out of the configuration',
  killed: 'the agent was killed',
} as const satisfies Partial<Record<CancelReason, string>>;

/** A client that asked for progress hears that a person is waited for, so that it does not give up. */
function tell(hold: Hold, { approval }: Kept): void {
  hold.ticks++;
  const message = `Waiting for a person to answer (${approval.id})`;
  hold.control.onProgress?.({ progress: hold.ticks / 1000, message });
}

/** What an agent is told of a question that waits. */
function pendingDecision(approval: Approval, decision: Decision): Decision {
  const { id, expiresAtMs, reviews } = approval;
  const expires = toInstant(expiresAtMs);
  const sentence = problem('APPROVAL_PENDING', { approval: id, expires }).sentence;
  const reason = `${decision.reason.replace(/[.!?…]?$/, '.')} ${sentence}`;
  return {
    ...decision,
    decision: 'review',
    code: 'APPROVAL_PENDING',
    reason,
    reviews,
    approval: { id, expires },
  };
}

/** What is to be recorded with the allow of an action that people approved. */
export interface Discharged {
  readonly kind: 'discharged';
  readonly inForce: InForce;
  readonly subject: Subject;
  readonly decision: Decision;
  readonly drafts: readonly Draft[];
}

/**
 * Spends an approval: the action is prepared and decided again in full under the rules in force, in the tick in which the
 * approval is used up. `decideNow` decides. Where anything is not as it was asked about, it is asked anew.
 */
export async function discharge(
  rooms: Rooms,
  kept: Kept,
  hold: Hold,
  decideNow: (inForce: InForce, subject: Subject) => Decision,
  version: Version,
): Promise<Discharged | { readonly kind: 'again' }> {
  const again = { kind: 'again' } as const;
  const state = versionAskedOf(kept);
  const found = state === undefined ? undefined : await version.read();
  const inForce = rooms.inForce();
  const subject = subjectOf(rooms, inForce, hold.attempt, hold.generation);
  if (subject.kind !== 'subject' || subject.open !== kept) return again;
  const decision = decideNow(inForce, subject);
  if (decision.decision !== 'review' || !covers(kept.approval, decision)) return again;
  if (isOfOthers(kept.approval, subject.prepared.agent)) return again;
  if (found !== undefined && found !== state) {
    // Of what an edit was about nothing is known for what is asked about in its place.
    if (kept.edited === undefined) hold.version = found;
    instead(rooms, kept, 'target-changed', hold);
    return again;
  }
  const yes = kept.approval.answers.flatMap(({ person, answer }) => (answer === 'approve' ? [person] : []));
  const spent = rooms.approvals.spend(kept, yes);
  if (typeof spent === 'string') return again;
  // Not before: decided again just now, it must not find itself among those before it.
  takeAllowed(rooms, inForce, subject.prepared.action);
  const reason = `Approved by ${yes.join(', ')}.`;
  const allowed: Decision = {
    ...decision,
    decision: 'allow',
    reason,
    approval: { id: kept.approval.id },
  };
  const { code: _code, ...clear } = allowed;
  const { prepared } = subject;
  const approved = { reviews: kept.approval.reviews, policy: kept.approval.policy };
  const going = { ...prepared, action: { ...prepared.action, approved } };
  return {
    kind: 'discharged',
    inForce,
    subject: { ...subject, prepared: going },
    decision: clear,
    drafts: [spent],
  };
}

/** An approved action that goes on after its upstream asked for input needs nobody again, by the rules that were asked by. */
export function stillApproved({ approved }: Action, { policy }: InForce, decision: Decision): Decision {
  if (decision.decision !== 'review' || approved?.policy !== policy.digest) return decision;
  if (!covers(approved, decision)) return decision;
  const { code: _code, ...rest } = decision;
  return { ...rest, decision: 'allow', reason: 'Approved before it asked for input.' };
}

/** The agent is told what a person changed before it ran. */
export function tellEdited(answer: Answer, { approval, edited }: Kept): Answer {
  if (edited === undefined || answer.kind !== 'result') return answer;
  const { result } = answer;
  const told = `${problem('EDITED', { person: edited.by }).sentence} ${JSON.stringify(edited.arguments)}`;
  const meta = isJsonObject(result['_meta']) ? result['_meta'] : {};
  const { content } = result;
  return {
    ...answer,
    result: {
      ...result,
      ...(Array.isArray(content) ? { content: [{ type: 'text', text: told }, ...content] } : {}),
      _meta: {
        ...meta,
        [META.edited]: { approval: approval.id, action: edited.action, arguments: edited.arguments },
      },
    },
  };
}

/** An action that needs nobody any more: its question ends with its record. */
export function withdrawn(rooms: Rooms, kept: Kept | null): readonly Draft[] {
  if (kept === null) return [];
  const draft = rooms.approvals.cancelling(kept, 'needless');
  return draft === null ? [] : [draft];
}
