import type { Approval, Vote, Voted, Voter } from '../model/approval.ts';
import type { Review } from '../model/decision.ts';
import { isEnough, isEntitled } from './who.ts';

/** What can happen to an approval after it was asked; each is one entry of the log. */
export type Happening =
  | { readonly kind: 'shown'; readonly person: string }
  | {
      readonly kind: 'answered';
      readonly person: string;
      readonly answer: Vote;
      /** Of the action that was shown. */
      readonly digest: string;
      /** Set where it opens again what ran out: until when. */
      readonly revivedUntilMs?: number;
    }
  | {
      readonly kind: 'edited';
      readonly person: string;
      /** Of the action that was shown, and of the one that it becomes. */
      readonly digest: string;
      readonly newDigest: string;
      readonly newAction: string;
      readonly reviews: readonly Review[];
      /** Sooner than it was where a rule asks that did not ask before. */
      readonly expiresAtMs: number;
    }
  | { readonly kind: 'spent'; readonly digest: string }
  | { readonly kind: 'expired' }
  | { readonly kind: 'cancelled' };

export type Answered = Extract<Happening, { readonly kind: 'answered' }>;

/** Why something cannot happen to an approval (now). */
export type Obstacle =
  | 'over'
  | 'not-asked'
  | 'answered-already'
  | 'other-digest'
  | 'other-rules'
  | 'not-enough'
  | 'ran-out'
  | 'still-open';

export interface Circumstances {
  readonly nowMs: number;
  /** Digest of the rules in force. */
  readonly policy: string;
  /** Everybody who can sign in now, by id. */
  readonly voters: ReadonlyMap<string, Voter>;
}

/** Whether the time of an open question is over, noted or not. */
export function hasRunOut({ phase, expiresAtMs }: Approval, nowMs: number): boolean {
  return phase === 'expired' || (phase === 'open' && nowMs >= expiresAtMs);
}

/** Whether enough of those who can sign in now have said yes. */
export function isApproved(approval: Approval, voters: ReadonlyMap<string, Voter>): boolean {
  // Most questions have no answer yet, and a long inbox asks this of each.
  if (approval.answers.length === 0) return false;
  const yes = approval.answers
    .filter(({ answer }) => answer === 'approve')
    .flatMap(({ person }) => voters.get(person) ?? [])
    .filter((voter) => isEntitled(approval, voter));
  return yes.length > 0 && isEnough(approval, yes);
}

/** Why this may not happen now; null when it may. */
export function obstacle(approval: Approval, happening: Happening, now: Circumstances): Obstacle | null {
  const runOut = hasRunOut(approval, now.nowMs);
  switch (happening.kind) {
    case 'shown':
      return null;
    case 'expired':
      if (approval.phase !== 'open') return 'over';
      return runOut ? null : 'still-open';
    case 'cancelled':
      return approval.phase === 'open' || approval.phase === 'expired' ? null : 'over';
    case 'answered':
      return obstacleToAnswer(approval, happening, now);
    case 'edited':
      if (approval.phase !== 'open') return 'over';
      if (runOut) return 'ran-out';
      if (!isVoter(approval, happening.person, now)) return 'not-asked';
      if (happening.digest !== approval.digest) return 'other-digest';
      return approval.policy === now.policy ? null : 'other-rules';
    case 'spent':
      if (approval.phase !== 'open') return 'over';
      if (runOut) return 'ran-out';
      if (happening.digest !== approval.digest) return 'other-digest';
      if (approval.policy !== now.policy) return 'other-rules';
      return isApproved(approval, now.voters) ? null : 'not-enough';
  }
}

function obstacleToAnswer(
  approval: Approval,
  { person, answer, digest, revivedUntilMs }: Answered,
  now: Circumstances,
): Obstacle | null {
  const isLate = hasRunOut(approval, now.nowMs);
  if (approval.phase !== 'open' && approval.phase !== 'expired') return 'over';
  if (isLate && (approval.isRevived || revivedUntilMs === undefined)) return 'over';
  if (!isVoter(approval, person, now)) return 'not-asked';
  if (digest !== approval.digest) return 'other-digest';
  // A no stops what rules of any day would ask about.
  if (answer === 'deny') return null;
  if (approval.policy !== now.policy) return 'other-rules';
  const isSecond = !isLate && approval.answers.some((voted) => voted.person === person);
  return isSecond ? 'answered-already' : null;
}

function isVoter(approval: Approval, person: string, { voters }: Circumstances): boolean {
  const voter = voters.get(person);
  return voter !== undefined && isEntitled(approval, voter);
}

/**
 * The approval after something has happened to it. Does not ask whether it may: the corridor has (`obstacle`), and what
 * is read back from the log has happened.
 */
export function after(approval: Approval, happening: Happening, atMs: number): Approval {
  // What is over stays over, whatever was on its way when it ended.
  const isOver = approval.phase !== 'open' && approval.phase !== 'expired';
  if (isOver && happening.kind !== 'shown') return approval;
  switch (happening.kind) {
    case 'shown':
      return approval.shownTo.includes(happening.person)
        ? approval
        : { ...approval, shownTo: [...approval.shownTo, happening.person] };
    case 'answered':
      return answered(approval, happening, atMs);
    case 'edited':
      return {
        ...approval,
        original: approval.original ?? { action: approval.action, digest: approval.digest },
        action: happening.newAction,
        digest: happening.newDigest,
        reviews: happening.reviews,
        expiresAtMs: Math.min(approval.expiresAtMs, happening.expiresAtMs),
        // Whoever has said yes said so of something else.
        answers: [],
        shownTo: [],
      };
    case 'spent':
    case 'expired':
    case 'cancelled':
      return { ...approval, phase: happening.kind };
  }
}

/** A late yes makes a fresh approval of the same span: whatever was said before it ran out is not counted in it. */
function answered(approval: Approval, { person, answer, revivedUntilMs }: Answered, atMs: number): Approval {
  const voted: Voted = { person, answer, atMs };
  if (revivedUntilMs === undefined) {
    const phase = answer === 'deny' ? 'denied' : approval.phase;
    return { ...approval, phase, answers: [...approval.answers, voted] };
  }
  const phase = answer === 'deny' ? 'denied' : 'open';
  return { ...approval, phase, isRevived: true, expiresAtMs: revivedUntilMs, answers: [voted] };
}

/** One person's answer at this moment: a late one opens the question again, for its span, once. */
export function answerOf(
  approval: Approval,
  { person, answer, digest }: Pick<Answered, 'person' | 'answer' | 'digest'>,
  nowMs: number,
): Answered {
  const revives = hasRunOut(approval, nowMs) && !approval.isRevived;
  return {
    kind: 'answered',
    person,
    answer,
    digest,
    ...(revives ? { revivedUntilMs: nowMs + approval.spanMs } : {}),
  };
}
