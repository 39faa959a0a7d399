import { z } from 'zod';
import { canonicalize } from '../../base/canonical.ts';
import { type ErrorCode, type Problem, problem } from '../../base/errors.ts';
import { digestOf } from '../../base/hash.ts';
import type { Action, Attempt } from '../../model/action.ts';
import type { Cell, CellChange, Store } from '../../store/store.ts';
import { approvalFields } from '../approval/approval-entries.ts';
import type { Kept } from '../approval/approval-kept.ts';
import type { Answer } from '../ports/answer.ts';
import type { Rooms } from '../rooms.ts';
import type { Waiting } from './held-task.ts';
import type { Task } from './task.ts';
import { KEPT_TASK } from './task-cell.ts';

/** The kind of the cells in which the store keeps calls that wait for people as tasks. */
export const HELD_TASK_CELL = 'held-task';

const KEPT = KEPT_TASK.extend({
  approval: z.string(),
  /** No more than the place of the first entry about its question. */
  from: z.number(),
  /** What the agent said of its call besides: rules see it when it is decided again. */
  said: z.object({
    idempotency: z.string().nullable(),
    reason: z.string().nullable(),
    unsure: z.boolean().nullable(),
  }),
});
export type KeptWaiting = z.infer<typeof KEPT>;

interface CarriedEntry {
  readonly task?: unknown;
  readonly verifier?: unknown;
  readonly ended?: unknown;
}

function cellOf({ task, kept, attempt, own }: Waiting): CellChange {
  const { from } = kept.asked;
  const { brings, generation, createdMs, ttlMs, pollMs } = task;
  const action = { ...(own ?? task.action), approved: task.action.approved };
  const value: KeptWaiting = KEPT.parse({
    approval: kept.approval.id,
    from,
    generation,
    createdMs,
    ttlMs,
    pollMs,
    brings,
    action,
    parent: action.parent ?? null,
    ofRun: action.ofRun ?? null,
    approved: action.approved ?? null,
    said: {
      idempotency: attempt.idempotency ?? null,
      reason: attempt.reason ?? null,
      unsure: attempt.unsure ?? null,
    },
  });
  return { kind: HELD_TASK_CELL, key: task.id, value: canonicalize(value) };
}

export const noCell = ({ id }: Pick<Task, 'id'>): CellChange => ({
  kind: HELD_TASK_CELL,
  key: id,
  value: null,
});

/**
 * That a call waits as a task, with what it takes to take it up: the call as its agent made it; what a person edited lies
 * beside its question. A Problem: it could not be recorded, and no task is given out.
 */
export async function recordWaiting(rooms: Rooms, waiting: Waiting): Promise<Problem | null> {
  const { task } = waiting;
  const { agent, token } = task.action;
  const cell = cellOf(waiting);
  const fields = {
    ...carriedFields(waiting),
    verifier: digestOf(cell.value ?? ''),
    ...(token === null ? {} : { token }),
  };
  try {
    const { bytes } = await rooms.recorder.record({ fields, cells: [cell] });
    rooms.admission.logged(agent, bytes);
    return null;
  } catch (error) {
    rooms.report(`a task could not be recorded, so none was given out: ${String(error)}`);
    return problem('STORE_UNAVAILABLE');
  }
}

/** What waits no more, and the question that it waited for. */
interface NoMoreWaiting {
  readonly task: Pick<Task, 'id'> & {
    readonly action: Pick<Action, 'agent' | 'session' | 'door' | 'operation'>;
  };
  readonly kept: Pick<Kept, 'approval'>;
}

/**
 * It waits no more: no restart takes it up, whatever people still say. `code`: why nothing came of the call; null where its
 * client has the answer of a call that ran. Never rejects.
 */
export async function recordEnded(
  rooms: Rooms,
  waiting: NoMoreWaiting,
  code: ErrorCode | null,
): Promise<void> {
  const { task } = waiting;
  try {
    const fields = { ...carriedFields(waiting), ended: true, ...(code === null ? {} : { code }) };
    const { bytes } = await rooms.recorder.record({ fields, cells: [noCell(task)] });
    rooms.admission.logged(task.action.agent, bytes);
  } catch (error) {
    rooms.report(`that a call waits no more could not be recorded: ${String(error)}`);
    rooms.approvals.forgetLater(noCell(task));
  }
}

/** The code in what its client is told; null where that is what a server answered. */
export function endCodeOf(answer: Answer): ErrorCode | null {
  if (answer.kind === 'denied') return answer.decision.code ?? null;
  return answer.kind === 'failed' || answer.kind === 'refused' ? answer.problem.code : null;
}

function carriedFields({ task, kept }: NoMoreWaiting) {
  const { session, door, operation } = task.action;
  return {
    kind: 'approval.carried',
    ...approvalFields(kept.approval),
    session,
    door,
    operation,
    task: task.id,
  } as const;
}

/** What a cell says, where the log says the same of it and not that it has ended; null otherwise. */
export async function readWaiting(store: Store, { key, value }: Cell): Promise<KeptWaiting | null> {
  const read = KEPT.safeParse(parsed(value));
  if (!read.success) return null;
  const verifier = digestOf(value);
  let isCarried = false;
  for await (const page of store.find({ kinds: ['approval.carried'], from: read.data.from }))
    for (const { text } of page) {
      const { task, verifier: given, ended } = JSON.parse(text) as CarriedEntry;
      if (task === key && ended === true) return null;
      if (task === key && given === verifier) isCarried = true;
    }
  return isCarried ? read.data : null;
}

/** The call as its agent made it. */
export function attemptOf(action: Action, { said }: KeptWaiting): Attempt {
  const { agent, session, parent, token, ofRun, upstream, name, arguments: args } = action;
  return {
    agent,
    session,
    token,
    upstream,
    name,
    arguments: args,
    door: 'mcp',
    method: 'tools/call',
    ...(parent === undefined ? {} : { parent }),
    ...(ofRun === undefined ? {} : { ofRun }),
    ...(said.idempotency === null ? {} : { idempotency: said.idempotency }),
    ...(said.reason === null ? {} : { reason: said.reason }),
    ...(said.unsure === null ? {} : { unsure: said.unsure }),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
