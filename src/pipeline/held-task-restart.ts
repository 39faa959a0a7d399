import { problem } from '../base/errors.ts';
import type { Entry } from '../contract/log-entry.ts';
import type { Store } from '../store/store.ts';
import { approvalsIn } from './approval-entries.ts';
import type { CancelReason } from './approvals.ts';
import { denied } from './decide.ts';
import { addTask, type Walk, waitOn } from './held-task.ts';
import { attemptOf, HELD_TASK_CELL, type KeptWaiting, noCell, readWaiting } from './held-task-cell.ts';
import type { Answer } from './ports.ts';
import type { Rooms } from './rooms.ts';
import { Task } from './task.ts';
import { keptAction } from './task-cell.ts';

/**
 * Calls that waited for people as tasks when the process ended: their clients find them again, and a yes lets each run
 * once. Only where all of its arguments were kept: what redaction changed is the agent's own to repeat. `isGood`: whether
 * a token still is. Answers what to call once upstreams are there.
 */
export async function takeUpWaiting(
  rooms: Rooms,
  store: Store,
  walk: Walk,
  isGood: (token: string) => boolean,
): Promise<() => void> {
  const ready = Promise.withResolvers<void>();
  for (const cell of await store.cells(HELD_TASK_CELL)) {
    const id = { id: cell.key };
    const kept = await readWaiting(store, cell);
    const action = kept === null ? null : await keptAction(store, kept);
    if (kept === null) rooms.report(`the log knows no such task as ${cell.key}, so it is no more`);
    const isLate = kept !== null && rooms.clock.now() >= kept.createdMs + kept.ttlMs;
    if (kept === null || action === null || isLate || !isGood(action.token ?? '')) {
      rooms.approvals.forgetLater(noCell(id));
      continue;
    }
    const { brings, generation, createdMs, ttlMs, pollMs } = kept;
    const parts = { action, brings, generation, createdMs, ttlMs, pollMs };
    const task = new Task(parts, () => rooms.clock.now(), cell.key);
    addTask(rooms, task);
    const question = rooms.approvals.find(kept.approval);
    if (question !== undefined)
      waitOn(rooms, { task, kept: question, attempt: attemptOf(action, kept) }, walk, ready.promise);
    else {
      task.end(await overAnswer(store, kept));
      rooms.approvals.forgetLater(noCell(id));
    }
  }
  return ready.resolve;
}

/** Reasons to end a question that only one nobody spent has, and after which no call runs without another. */
const NOT_RUN: ReadonlySet<unknown> = new Set<CancelReason>(['operator', 'agent-gone', 'killed']);

/**
 * Its question was over when the process ended, and what came of the call nobody kept. It is told as not run only where
 * the log shows that: under a grant, or after a question in this one's place, it may have.
 */
async function overAnswer(store: Store, { approval: id, action, from }: KeptWaiting): Promise<Answer> {
  const phase = (await approvalsIn(store, from)).get(id)?.phase;
  const isOver = phase === 'denied' || phase === 'expired' || phase === 'spent';
  if (!isOver && !NOT_RUN.has(await cancelledFor(store, id, from)))
    return { kind: 'failed', action: action.id, problem: problem('INTERRUPTED') };
  const over =
    phase === 'spent'
      ? problem('APPROVAL_SPENT', { approval: id, action: action.id })
      : problem('APPROVAL_EXPIRED', { approval: id });
  return { kind: 'denied', action: action.id, decision: { ...denied(over), approval: { id } } };
}

/** Why the question was cancelled, as the log has it; null where it was not. */
async function cancelledFor(store: Store, id: string, from: number): Promise<unknown> {
  for await (const page of store.find({ kinds: ['approval.cancelled'], from }))
    for (const { text } of page) {
      const entry = JSON.parse(text) as Entry;
      if (entry['approval'] === id) return entry['reason'] ?? null;
    }
  return null;
}
