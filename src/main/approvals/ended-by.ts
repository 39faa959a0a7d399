import type { InForce } from '../../pipeline/in-force.ts';
import type { House } from '../house.ts';

/**
 * What other rules end, in a sentence for whoever is about to take them: each question was asked under the rules of before,
 * and a grant answers rules as they are written. null: nothing ends. `except`: a question that is told of by itself.
 */
export function endedBy(house: House, next: InForce, except?: string): string | null {
  const now = house.standing.inForce;
  if (next.policy.digest === now.policy.digest) return null;
  const { approvals, grants } = house.rooms;
  const open = approvals
    .all()
    .filter((kept) => kept.approval.phase === 'open' && !approvals.hasRunOut(kept))
    .filter(({ approval }) => approval.id !== except);
  const approved = open.filter((kept) => approvals.isApproved(kept)).length;
  const [before, after] = [textsOf(now), textsOf(next)];
  const ended = grants
    .all()
    .filter(({ reviews }) => reviews.some(({ rule }) => before.get(rule) !== after.get(rule)));
  const sentences = [
    ...(open.length === 0 ? [] : [questionsEnd(open.length, approved, except !== undefined)]),
    ...(ended.length === 0 ? [] : [grantsEnd(ended.length)]),
  ];
  return sentences.length === 0 ? null : sentences.join(' ');
}

function textsOf({ policy }: InForce): ReadonlyMap<string, string> {
  return new Map(policy.rules.map(({ id, text }) => [id, text]));
}

function questionsEnd(count: number, approved: number, others: boolean): string {
  const which = `${count} ${others ? 'other ' : ''}${count === 1 ? 'question that waits ends' : 'questions that wait end'}`;
  const lost = approved === 0 ? '' : `, ${approved} of them approved and not used yet`;
  return `${which} with it${lost}: ${count === 1 ? 'it is' : 'each is'} asked anew when its agent comes back.`;
}

function grantsEnd(count: number): string {
  return count === 1
    ? 'A grant of a rule that it changes ends.'
    : `${count} grants of rules that it changes end.`;
}
