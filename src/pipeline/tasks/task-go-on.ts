import { canonicalize } from '../../base/canonical.ts';
import { problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { decide, overruled } from '../action/decide.ts';
import { prepare } from '../action/prepare.ts';
import { openSession } from '../action/sending.ts';
import { carryOutTrip } from '../action/trip.ts';
import { stillApproved } from '../approval/discharge.ts';
import { differenceOf } from '../asks/pauses.ts';
import type { Answer } from '../ports/answer.ts';
import type { CallControl } from '../ports/call.ts';
import type { Order, UpstreamSession } from '../ports/upstream.ts';
import { recordContinued } from '../recording/continued.ts';
import { endDenied } from '../recording/ends.ts';
import { endCall } from '../recording/settle.ts';
import type { Rooms } from '../rooms.ts';
import type { Running } from './task-upstream.ts';

type Decided =
  | { readonly kind: 'sends'; readonly session: UpstreamSession }
  /** Nothing is sent. `end`: how it ends now; null: it has ended meanwhile. */
  | { readonly kind: 'stays'; readonly end: (() => Promise<Answer>) | null };

/**
 * Whether a task may go on with what its client answered, and that this is recorded. What an `apply`, a stop or a moved file
 * has changed since it began counts. `isOver` is asked in the tick in which it is given to be recorded, so that an end that
 * came before is the last entry of the action.
 */
export async function decideTask(
  rooms: Rooms,
  { task }: Running,
  responses: JsonObject,
  isOver: () => boolean,
): Promise<Decided> {
  const { action, generation } = task;
  const inForce = rooms.inForce();
  const prepared = prepare(rooms, inForce, action, generation);
  if (prepared.kind === 'refused') return stays(() => endCall(rooms, action, prepared.problem));
  const what = differenceOf(action, prepared.action);
  const blocked = prepared.blocked ?? (what === null ? null : problem('STATE_DIFFERS', { what }));
  const now = decide(rooms, inForce, { ...prepared, action, blocked }, canonicalize(responses));
  let decision = stillApproved(action, inForce, now);
  carryOutTrip(rooms, action, decision);
  const session = decision.decision === 'allow' ? await openSession(rooms, action, generation) : null;
  if (session?.ok === false) decision = overruled(decision, session.error);
  if (isOver()) return stays(null);
  const unrecorded = await recordContinued(rooms, action, decision, responses, inForce);
  if (unrecorded !== null) return stays(() => endCall(rooms, action, unrecorded));
  if (session?.ok !== true) return stays(() => endDenied(rooms, action, decision));
  return { kind: 'sends', session: session.value };
}

function stays(end: (() => Promise<Answer>) | null): Decided {
  return { kind: 'stays', end };
}

/** What is sent then: the upstream's own id, and the client's answers. */
export function updateOrder(
  { task, upstreamTask, can }: Running,
  responses: JsonObject,
): readonly [Order, CallControl] {
  const argumentsText = canonicalize({ inputResponses: responses, taskId: upstreamTask });
  const { digest } = task.action;
  const order = { method: 'tasks/update', name: upstreamTask, argumentsText, digest } as const;
  return [order, { signal: new AbortController().signal, can }];
}
