import { canonicalize } from '../base/canonical.ts';
import { problem } from '../base/errors.ts';
import type { Action, Attempt, Continuation } from '../model/action.ts';
import { CAN_NOTHING } from '../model/ask.ts';
import type { Mark } from '../model/mark.ts';
import { decide, overruled } from './action/decide.ts';
import { executeControl } from './action/execute-control.ts';
import { type Prepared, prepare, type Refused } from './action/prepare.ts';
import { execute, openSession, orderOf } from './action/sending.ts';
import { carryOutTrip } from './action/trip.ts';
import { tokenRefusal, whyNotSent } from './action/why-not-now.ts';
import { stillApproved } from './approval/discharge.ts';
import type { Arrived } from './arrived.ts';
import { askOlder, type Heard } from './asks/ask-older.ts';
import { goOnHeld } from './asks/held-round.ts';
import { closeAsked, pause, readResponses, takenAhead } from './asks/pause.ts';
import { differenceOf, type Found, type Pause } from './asks/pauses.ts';
import type { InForce } from './in-force.ts';
import { issuePass } from './pass.ts';
import type { Answer } from './ports/answer.ts';
import type { Generation } from './ports/call.ts';
import type { Reply } from './ports/upstream.ts';
import { recordContinued } from './recording/continued.ts';
import { endDenied, endFaulty, refuse } from './recording/ends.ts';
import { endCall, settle } from './recording/settle.ts';
import type { Rooms } from './rooms.ts';
import { beginTask, taskTerms } from './tasks/task-begin.ts';
import { decideTask, updateOrder } from './tasks/task-go-on.ts';
import type { GoOn } from './tasks/task-run.ts';

/*
 * How one action goes on after its first order: its upstream asks for input, is answered, and is sent the same order again.
 * It stays one action, which ends once. Each time it is decided anew and recorded before a pass is made:
 *
 *   finish ─▶ ended: settle ─▶ answer
 *          ├▶ a task: beginTask ─▶ answer … `goOnTask` with each thing that it asks
 *          └▶ asks first: a client of 2026-07-28 is answered with what is asked, and comes back: `comeBack` ─▶ takeUp
 *                         an older one is asked while its call waits: `goOnAtOnce` ─▶ takeUp
 *
 *   takeUp: decide with the responses ─▶ session ─▶ RECORD ─▶ pass ─▶ execute ─▶ finish
 */

/** An action whose order has gone up, and what its answer is made with. */
interface Sent {
  readonly action: Action;
  /** The marks that its answer brings. */
  readonly brings: readonly Mark[];
  readonly inForce: InForce;
  readonly arrived: Arrived;
  /** How often its order has gone up, this time included. */
  readonly round: number;
}

/** What the upstream replied becomes the answer; or it asks for input first, and the action goes on. */
export async function finish(rooms: Rooms, sent: Sent, reply: Reply): Promise<Answer> {
  const { action, inForce, arrived, round } = sent;
  const { generation, control } = arrived;
  if (reply.kind === 'task')
    return beginTask(
      rooms,
      { action, brings: sent.brings, inForce, generation, control },
      reply.task,
      goOnTask,
    );
  if (reply.kind !== 'input-required') return await settle(rooms, action, reply, inForce);
  const { can = CAN_NOTHING, ask } = control;
  if (ask !== undefined) {
    const heard = await askOlder(rooms, action, reply, { control, ask, round });
    if (!heard.ok) return endCall(rooms, action, heard.error);
    return goOnAtOnce(rooms, arrived, { ...heard.value, upstreamState: reply.state });
  }
  if (generation === '2026') {
    const answer = await pause(rooms, action, reply, can, round);
    const ahead = takenAhead(rooms, answer, arrived.attempt);
    const prepared =
      ahead === null ? null : prepareAgain(rooms, ahead.found.pause, ahead.attempt, generation);
    if (ahead === null || prepared?.kind !== 'ready') return answer;
    return goOn(rooms, { ...arrived, attempt: ahead.attempt }, prepared, ahead.found);
  }
  const { upstream } = action;
  const what = 'it asks for input first, which this client cannot give';
  return endCall(rooms, action, problem('UPSTREAM_FAILED', { upstream, what }));
}

/** A client of 2026-07-28 comes back with what its paused call was asked: a pause of its own, of this very call. */
export async function comeBack(rooms: Rooms, arrived: Arrived, continues: Continuation): Promise<Answer> {
  const { attempt, generation } = arrived;
  const found = rooms.pauses.find(attempt, continues, rooms.clock.now());
  if (!found.ok) return refuse(rooms, attempt, found.error);
  const prepared = prepareAgain(rooms, found.value.pause, attempt, generation);
  if (prepared.kind === 'refused') return refuse(rooms, attempt, prepared.problem);
  return goOn(rooms, arrived, prepared, found.value);
}

/** As its agent repeats it; where a person edited what it asked, the repeat stands for what she made of it. */
function prepareAgain(
  rooms: Rooms,
  { action: { edited } }: Pick<Pause, 'action'>,
  attempt: Attempt,
  generation: Generation,
): Prepared | Refused {
  const inForce = rooms.inForce();
  const prepared = prepare(rooms, inForce, attempt, generation);
  if (edited === undefined || prepared.kind === 'refused') return prepared;
  if (prepared.action.argumentsText !== edited.asked) return prepared;
  return prepare(rooms, inForce, { ...attempt, arguments: edited.arguments }, generation);
}

/** Spends the pause; from then on a fault is an outcome. */
async function goOn(rooms: Rooms, arrived: Arrived, prepared: Prepared, found: Found): Promise<Answer> {
  const { attempt, control } = arrived;
  const inForce = rooms.inForce();
  const gone = tokenRefusal(rooms, attempt);
  if (gone !== null) return refuse(rooms, attempt, gone);
  const read = readResponses(rooms, found.pause, attempt.continues?.responses ?? {});
  if (!read.ok) return refuse(rooms, attempt, read.error);
  const spent = found.take(prepared.action);
  if (spent !== null) return refuse(rooms, attempt, spent);
  const { action, round, held } = found.pause;
  try {
    if (held !== undefined)
      return await goOnHeld(rooms, inForce, held, { prepared, responses: read.value, control, round });
    const heard = { pause: found.pause, responses: read.value, upstreamState: found.upstreamState };
    return await takeUp(rooms, arrived, inForce, prepared, heard);
  } catch (error) {
    return endFaulty(rooms, action, error, held);
  }
}

/** What the client answered, and what its upstream wants to have back with it. */
type Responded = Heard & Pick<Found, 'upstreamState'>;

/** The client has answered while its call waited. What was decided may have changed meanwhile, so it is prepared anew. */
async function goOnAtOnce(rooms: Rooms, arrived: Arrived, heard: Responded): Promise<Answer> {
  const { pause, responses } = heard;
  const inForce = rooms.inForce();
  const prepared = prepareAgain(rooms, pause, arrived.attempt, arrived.generation);
  const what = prepared.kind === 'refused' ? null : differenceOf(pause.action, prepared.action);
  if (prepared.kind === 'ready' && what === null) return takeUp(rooms, arrived, inForce, prepared, heard);
  await closeAsked(rooms, pause, responses);
  const differs = problem('STATE_DIFFERS', { what: what ?? '' });
  return endCall(rooms, pause.action, prepared.kind === 'refused' ? prepared.problem : differs);
}

/** The same action, and the same order of things from the decision on. */
async function takeUp(
  rooms: Rooms,
  arrived: Arrived,
  inForce: InForce,
  prepared: Prepared,
  { pause, responses, upstreamState }: Responded,
): Promise<Answer> {
  const { generation, control } = arrived;
  const { action, round } = pause;
  const responsesText = canonicalize(responses);
  let decision = stillApproved(
    action,
    inForce,
    decide(rooms, inForce, { ...prepared, action }, responsesText),
  );
  carryOutTrip(rooms, action, decision);
  await closeAsked(rooms, pause, responses);
  const session = decision.decision === 'allow' ? await openSession(rooms, action, generation) : null;
  if (session?.ok === false) decision = overruled(decision, session.error);

  const unrecorded = await recordContinued(rooms, action, decision, responses, inForce);
  if (unrecorded !== null) return endCall(rooms, action, unrecorded);
  if (session?.ok !== true) return endDenied(rooms, action, decision);

  const pass = issuePass(action.digest, () => whyNotSent(rooms, action));
  const order = { ...orderOf(action), input: { responsesText, state: upstreamState } };
  const tasks = taskTerms(rooms, action, generation, control);
  const onTheWay = { ...executeControl(rooms, action, control), tasks };
  const reply = await execute(rooms, { session: session.value, action, order, pass }, onTheWay);
  // Nothing left this time; what the upstream did before it asked is not known.
  const last = reply.kind === 'not-sent' ? ({ kind: 'lost', problem: reply.problem } as const) : reply;
  return finish(rooms, { action, brings: prepared.brings, inForce, arrived, round: round + 1 }, last);
}

/** A task goes on with what it asked for: the same order again. How it goes on then is looked at. */
export const goOnTask: GoOn = async (rooms, running, responses, isOver) => {
  const { action } = running.task;
  const decided = await decideTask(rooms, running, responses, isOver);
  if (decided.kind !== 'sends') return decided.end;
  const over = () => (isOver() ? problem('ABORTED', { upstream: action.upstream }) : null);
  const pass = issuePass(action.digest, () => whyNotSent(rooms, action) ?? over());
  const [order, control] = updateOrder(running, responses);
  const onTheWay = executeControl(rooms, action, control);
  const reply = await execute(rooms, { session: decided.session, action, order, pass }, onTheWay);
  return reply.kind === 'error' ? () => settle(rooms, action, reply, running.inForce) : null;
};
