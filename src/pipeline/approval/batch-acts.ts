import { mayStand } from '../../approval/grant.ts';
import { answerOf, isApproved } from '../../approval/life.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import { entryOf } from '../action/operation-entry.ts';
import { whyNotNow } from '../action/why-not-now.ts';
import type { OperatorAct } from '../operate.ts';
import type { Rooms } from '../rooms.ts';
import { isNamed } from './approval-acts.ts';
import { approvalFields } from './approval-entries.ts';
import type { Kept } from './approval-kept.ts';
import { problemOf } from './approval-obstacles.ts';

/** One question of several that are answered at once, and the digest of the action that was shown. */
interface Chosen {
  readonly kept: Kept;
  readonly digest: string;
}

export interface BatchState {
  readonly batch: string;
  /** Which of them have enough now. */
  readonly approved: readonly string[];
  readonly open: readonly string[];
}

/** What makes questions alike; null: this one is answered by itself. */
export function likenessOf(rooms: Rooms, { approval, asked, edited }: Kept): string | null {
  if (edited !== undefined || !mayStand(entryOf(rooms.inForce(), asked.operation))) return null;
  return [asked.operation, ...approval.reviews.map(({ rule, who }) => `${rule} ${who}`)].join('\n');
}

/** Why these cannot be answered at once, whoever answers; null: they can. */
export function whyNoBatch(rooms: Rooms, chosen: readonly Kept[]): Problem | null {
  const ids = new Set(chosen.map(({ approval }) => approval.id));
  if (ids.size !== chosen.length || chosen.length < 2 || chosen.length > LIMITS.answersAtOnce)
    return problem('BATCH_SIZE', { limit: LIMITS.answersAtOnce });
  const likenesses = new Set(chosen.map((kept) => likenessOf(rooms, kept)));
  if (likenesses.has(null)) return problem('GRANT_WEIGHT');
  return likenesses.size === 1 ? null : problem('BATCH_UNLIKE');
}

/**
 * One person's yes to many alike, each bound to its own action. What she signs holds the whole list; the log says it once,
 * and the answer of each beside it, in one commit. Where one of them has moved, none is answered.
 */
export function approveBatch(
  rooms: Rooms,
  chosen: readonly Chosen[],
  person: string,
): OperatorAct<BatchState> {
  const nowMs = rooms.clock.now();
  const all = chosen.map(({ kept, digest }) => ({
    kept,
    happening: answerOf(kept.approval, { person, answer: 'approve', digest }, nowMs),
  }));
  const batch = rooms.ids();
  const list = chosen.map(({ kept, digest }) => ({ approval: kept.approval.id, digest }));
  const [first] = chosen;
  return {
    name: 'approve-batch',
    about: { named: chosen.every(({ kept }) => isNamed(rooms, kept, person)), only: person },
    fields: {
      batch,
      answer: 'approve',
      answers: list,
      ...(first === undefined ? {} : { operation: first.kept.asked.operation }),
      policy: rooms.inForce().policy.digest,
    },
    beside: all.map(({ kept: { approval }, happening }) => ({
      ...approvalFields(approval),
      kind: 'approval.answered',
      batch,
      person,
      by: 'person',
      answer: 'approve',
      digest: happening.digest,
      policy: approval.policy,
    })),
    cells: [],
    refuse: async () =>
      whyNoBatch(
        rooms,
        chosen.map(({ kept }) => kept),
      ) ?? firstObstacle(rooms, all),
    within: (run) => oneAfterTheOther(rooms, list.map(({ approval }) => approval).sort(), run),
    apply() {
      const state = { batch, approved: [] as string[], open: [] as string[] };
      for (const { kept, happening } of all) {
        if (rooms.approvals.obstacle(kept, happening) === null) rooms.approvals.happen(kept, happening);
        const enough = isApproved(kept.approval, rooms.approvals.electorate.voters());
        (enough ? state.approved : state.open).push(kept.approval.id);
      }
      return state;
    },
  };
}

type Answering = { readonly kept: Kept; readonly happening: ReturnType<typeof answerOf> };

function firstObstacle(rooms: Rooms, all: readonly Answering[]): Problem | null {
  for (const { kept, happening } of all) {
    const { id, agent } = kept.approval;
    const halted = whyNotNow(rooms, agent);
    if (halted !== null) return of(id, halted);
    const isLate = rooms.approvals.find(id) !== kept || rooms.approvals.hasRunOut(kept);
    const why = isLate ? 'over' : rooms.approvals.obstacle(kept, happening);
    if (why !== null) return of(id, problemOf(why));
  }
  return null;
}

const of = (id: string, { code, sentence }: Problem): Problem => ({ code, sentence: `${id}: ${sentence}` });

/** Holds every one of them; always in the same order, so that two batches never wait for each other. */
function oneAfterTheOther<R>(
  rooms: Rooms,
  [id, ...rest]: readonly string[],
  run: () => Promise<R>,
): Promise<R> {
  if (id === undefined) return run();
  return rooms.approvals.exclusively(id, () => oneAfterTheOther(rooms, rest, run));
}
