import { type Answered, answerOf, isApproved, type Obstacle } from '../../approval/life.ts';
import { isEntitled } from '../../approval/who.ts';
import { toInstant } from '../../base/clock.ts';
import { type Problem, problem } from '../../base/errors.ts';
import type { AnswerState } from '../../contract/approval.ts';
import type { EntryFields } from '../../contract/log-entry.ts';
import type { Vote } from '../../model/approval.ts';
import { whyNotNow } from '../action/why-not-now.ts';
import { reasonField } from '../acts/reason-field.ts';
import type { OperatorAct } from '../operate.ts';
import type { Rooms } from '../rooms.ts';
import { approvalFields } from './approval-entries.ts';
import { doingOf, type Kept, keptCell } from './approval-kept.ts';
import { problemOf } from './approval-obstacles.ts';

/**
 * A person's yes to exactly the action that she was shown (`digest`). Nothing can be approved for an agent that may not
 * run now. `unsigned`: good with her session alone, for what can be taken back and reaches nobody outside.
 */
export function approve(
  rooms: Rooms,
  kept: Kept,
  person: string,
  digest: string,
  unsigned: boolean,
): OperatorAct<AnswerState> {
  const happening = answerOf(kept.approval, { person, answer: 'approve', digest }, rooms.clock.now());
  const { id, policy } = kept.approval;
  return {
    name: 'approve',
    about: { named: isNamed(rooms, kept, person), only: person },
    answers: { approval: id, digest, rules: policy, answer: 'approve' },
    ...(unsigned ? { unsigned } : {}),
    fields: answerFields(rooms, kept, happening),
    cells: [],
    refuse: async () =>
      whyNotNow(rooms, kept.approval.agent, doingOf(kept)) ?? refusalFor(obstacleTo(rooms, kept, happening)),
    apply() {
      // What ended while this was being recorded stays ended.
      if (obstacleTo(rooms, kept, happening) === null) rooms.approvals.happen(kept, happening);
      return stateOf(rooms, kept);
    },
  };
}

/** A no, of somebody whom the question asks: it stands until the question would have run out. */
export function deny(rooms: Rooms, kept: Kept, person: string, why: string): OperatorAct<AnswerState> {
  const { digest } = kept.approval;
  const happening = answerOf(kept.approval, { person, answer: 'deny', digest }, rooms.clock.now());
  return {
    name: 'deny',
    about: { only: person },
    fields: { ...answerFields(rooms, kept, happening), ...reasonField(why) },
    cells: [],
    refuse: async () => refusalFor(obstacleTo(rooms, kept, happening)),
    apply() {
      if (obstacleTo(rooms, kept, happening) === null) rooms.approvals.happen(kept, happening);
      return stateOf(rooms, kept);
    },
  };
}

/** Takes a question back: by the socket, or by somebody whom it does not ask. Nobody's answer. */
export function cancel(rooms: Rooms, kept: Kept, why: string): OperatorAct<AnswerState> {
  return {
    name: 'cancel',
    fields: { ...approvalFields(kept.approval), reason: 'operator', ...reasonField(why) },
    cells: [{ ...keptCell(kept), value: null }],
    refuse: async () => refusalFor(rooms.approvals.obstacle(kept, { kind: 'cancelled' })),
    apply() {
      if (rooms.approvals.obstacle(kept, { kind: 'cancelled' }) === null) {
        kept.cancelledFor = 'operator';
        rooms.approvals.happen(kept, { kind: 'cancelled' });
      }
      return { approval: kept.approval.id, state: 'denied' };
    },
  };
}

/** Whether the question asks this person. */
export function isNamed({ approvals }: Rooms, { approval }: Kept, person: string): boolean {
  const voter = approvals.electorate.voters().get(person);
  return voter !== undefined && isEntitled(approval, voter);
}

function obstacleTo(rooms: Rooms, kept: Kept, happening: Answered): Obstacle | null {
  if (rooms.approvals.find(kept.approval.id) !== kept) return 'over';
  return rooms.approvals.obstacle(kept, happening);
}

function refusalFor(why: Obstacle | null): Problem | null {
  return why === null ? null : problemOf(why);
}

function answerFields(
  { approvals }: Rooms,
  { approval }: Kept,
  happening: Answered,
): Omit<EntryFields, 'kind'> {
  const { answer, digest, revivedUntilMs } = happening;
  return {
    ...approvalFields(approval),
    answer: answer satisfies Vote,
    digest,
    policy: approval.policy,
    ...(revivedUntilMs === undefined
      ? {}
      : { revived: true, expires: toInstant(revivedUntilMs), people: approvals.people(approval) }),
  };
}

function stateOf({ approvals }: Rooms, { approval }: Kept): AnswerState {
  const state =
    approval.phase === 'open' && isApproved(approval, approvals.electorate.voters())
      ? 'approved'
      : approval.phase === 'denied'
        ? 'denied'
        : 'open';
  return { approval: approval.id, state };
}

export function unknownApproval(id: string): Problem {
  return problem('UNKNOWN_APPROVAL', { approval: id });
}
