import { type ErrorCode, type Problem, problem } from '../../base/errors.ts';
import { entryIn } from '../../contract/log-entry.ts';
import type { Store } from '../../store/store.ts';
import { denied } from '../action/decide.ts';
import { approvalsIn } from '../approval/approval-entries.ts';
import { TAKEN_BACK } from '../approval/review.ts';
import type { Answer } from '../ports/answer.ts';
import type { Rooms } from '../rooms.ts';
import { addTask, type Resume, waitOn } from './held-task.ts';
import {
  attemptOf,
  endCodeOf,
  HELD_TASK_CELL,
  type KeptWaiting,
  noCell,
  readWaiting,
  recordEnded,
} from './held-task-cell.ts';
import { Task } from './task.ts';
import { keptAction, toldAction } from './task-cell.ts';

/**
 * Calls that waited for people as tasks when the process ended: their clients find them again, and a yes lets each run
 * once. Only where all of its arguments were kept: what redaction changed is never run from there, and its client is told
 * to make the call again. Of what nobody finds any more the log says why. `isGood`: whether a token still is. Answers what
 * to call once upstreams are there.
 */
export async function takeUpWaiting(
  rooms: Rooms,
  store: Store,
  resume: Resume,
  isGood: (token: string) => boolean,
): Promise<() => void> {
  const ready = Promise.withResolvers<void>();
  for (const cell of await store.cells(HELD_TASK_CELL)) {
    const kept = await readWaiting(store, cell);
    if (kept === null) rooms.report(`the log knows no such task as ${cell.key}, so it is no more`);
    const over = kept === null ? null : whyOver(rooms, kept, isGood);
    if (kept === null) rooms.approvals.forgetLater(noCell({ id: cell.key }));
    else if (over !== null) await endWaiting(rooms, store, { id: cell.key, kept }, over);
    else await takeUp(rooms, store, resume, { id: cell.key, kept, ready: ready.promise });
  }
  return ready.resolve;
}

/** Why nobody finds it any more; null where its client may. */
function whyOver(rooms: Rooms, kept: KeptWaiting, isGood: (token: string) => boolean): ErrorCode | null {
  // What a run waited for has ended with it.
  if (kept.ofRun !== null) return 'RUN_ENDED';
  if (!isGood(kept.action.token ?? '')) return 'TOKEN_ENDED';
  return rooms.clock.now() >= kept.createdMs + kept.ttlMs ? 'TASK_EXPIRED' : null;
}

/** The log says how it ended, beside whatever becomes of its question, which stands as it did. */
async function endWaiting(
  rooms: Rooms,
  store: Store,
  { id, kept }: Pick<Found, 'id' | 'kept'>,
  code: ErrorCode | null,
): Promise<void> {
  const approval = (await approvalsIn(store, kept.from)).get(kept.approval);
  if (approval === undefined) rooms.approvals.forgetLater(noCell({ id }));
  else await recordEnded(rooms, { task: { id, action: kept.action }, kept: { approval } }, code);
}

interface Found {
  readonly id: string;
  readonly kept: KeptWaiting;
  readonly ready: Promise<void>;
}

async function takeUp(rooms: Rooms, store: Store, resume: Resume, { id, kept, ready }: Found): Promise<void> {
  const { brings, generation, createdMs, ttlMs, pollMs } = kept;
  const action = await keptAction(store, kept);
  const parts = {
    action: action ?? (await toldAction(store, kept)),
    brings,
    generation,
    createdMs,
    ttlMs,
    pollMs,
  };
  const task = new Task(parts, () => rooms.clock.now(), id);
  addTask(rooms, task);
  const question = rooms.approvals.find(kept.approval);
  if (question === undefined) {
    const answer = await overAnswer(store, kept);
    task.end(answer);
    await endWaiting(rooms, store, { id, kept }, endCodeOf(answer));
  } else if (action === null) {
    // Kept on: after the next restart it is told the same, for as long as the task has time.
    task.end(deniedAs(kept, problem('TASK_NOT_KEPT', { approval: kept.approval })));
  } else waitOn(rooms, { task, kept: question, attempt: attemptOf(action, kept) }, resume, ready);
}

/**
 * Its question was over when the process ended, and what came of the call nobody kept. It is told as not run only where
 * the log shows that: under a grant, or after a question in this one's place, it may have.
 */
async function overAnswer(store: Store, kept: KeptWaiting): Promise<Answer> {
  const { approval: id, action, from } = kept;
  const { phase, answers = [] } = (await approvalsIn(store, from)).get(id) ?? {};
  if (phase === 'spent')
    return deniedAs(kept, problem('APPROVAL_SPENT', { approval: id, action: action.id }));
  if (phase === 'denied') {
    const people = answers.flatMap(({ person, answer }) => (answer === 'deny' ? [person] : []));
    return deniedAs(kept, problem('APPROVAL_DENIED', { approval: id, people: people.join(', ') }));
  }
  if (phase === 'expired') return deniedAs(kept, problem('APPROVAL_EXPIRED', { approval: id }));
  const reason = await cancelledFor(store, id, from);
  const why = Object.entries(TAKEN_BACK).find(([name]) => name === reason)?.[1];
  if (why !== undefined) return deniedAs(kept, problem('APPROVAL_TAKEN_BACK', { approval: id, why }));
  return { kind: 'failed', action: action.id, problem: problem('INTERRUPTED') };
}

function deniedAs({ approval: id, action }: KeptWaiting, why: Problem): Answer {
  return { kind: 'denied', action: action.id, decision: { ...denied(why), approval: { id } } };
}

/** Why the question was cancelled, as the log has it; null where it was not. */
async function cancelledFor(store: Store, id: string, from: number): Promise<unknown> {
  for await (const page of store.find({ kinds: ['approval.cancelled'], from }))
    for (const { text } of page) {
      const entry = entryIn(text);
      if (entry['approval'] === id) return entry['reason'] ?? null;
    }
  return null;
}
