import { canonicalize } from '../base/canonical.ts';
import { type Problem, problem } from '../base/errors.ts';
import type { JsonObject } from '../base/json.ts';
import type { Action, Attempt } from '../model/action.ts';
import { CAN_NOTHING } from '../model/ask.ts';
import type { Decision } from '../model/decision.ts';
import { askOlder, type Heard } from './ask-older.ts';
import type { Checked } from './check-corridor.ts';
import { decide, denied } from './decide.ts';
import { executeControl } from './execute-control.ts';
import { HeldCall, mayHold } from './held-call.ts';
import { answerHeld, goOnHeld } from './held-round.ts';
import type { InForce } from './in-force.ts';
import { issuePass, type Pass } from './pass.ts';
import { closeAsked, endCall, pause, readResponses, recordContinued } from './pause.ts';
import { differenceOf, type Found } from './pauses.ts';
import type {
  Answer,
  CallControl,
  ExecuteControl,
  Generation,
  Order,
  Reply,
  UpstreamSession,
} from './ports.ts';
import { type Prepared, prepare } from './prepare.ts';
import { recordAllowed, recordCleared, recordDenied } from './recorded.ts';
import type { Rooms } from './rooms.ts';
import { settle } from './settle.ts';
import { whyNotNow } from './why-not-now.ts';

type Denied = Extract<Answer, { kind: 'denied' }>;
type Refused = Extract<Answer, { kind: 'refused' }>;

/** One request as the door hands it in. */
interface Arrived {
  readonly attempt: Attempt;
  readonly generation: Generation;
  readonly control: CallControl;
}

/**
 * The corridor: the order of one action, and the only way to make something happen. Every door uses it.
 *
 *   admitted? ─▶ prepare ─▶ decide ─▶ session ─▶ RECORD ─▶ pass ─▶ execute (halted? in the tick of the first byte) ─▶ RECORD ─▶ answer
 *
 * It never rejects: whatever goes wrong on the way to a decision is a denial with a code (P2), and whatever goes wrong
 * after the first byte is an outcome (P7). An upstream that asks for input first pauses the action, and `goOn` takes it up.
 */
export async function act(
  rooms: Rooms,
  attempt: Attempt,
  generation: Generation,
  control: CallControl,
): Promise<Answer> {
  const overLimit = rooms.admission.enter(attempt.agent);
  if (overLimit !== null) return refuse(rooms, attempt, overLimit);
  try {
    return await walk(rooms, attempt, generation, control);
  } catch (error) {
    rooms.report(
      `an action of ${attempt.agent} met a fault: ${error instanceof Error ? error.stack : String(error)}`,
    );
    return refuse(rooms, attempt, problem('INTERNAL'));
  } finally {
    rooms.admission.leave(attempt.agent);
  }
}

async function walk(
  rooms: Rooms,
  attempt: Attempt,
  generation: Generation,
  control: CallControl,
): Promise<Answer> {
  const inForce = rooms.inForce();
  const { continues } = attempt;
  const found = continues === undefined ? null : rooms.pauses.find(attempt, continues, rooms.clock.now());
  if (found?.ok === false) return refuse(rooms, attempt, found.error);
  const prepared = prepare(rooms, inForce, attempt, generation);
  if (prepared.kind === 'refused') return refuse(rooms, attempt, prepared.problem);
  const { action, brings } = prepared;
  if (found !== null) return goOn(rooms, inForce, prepared, found.value, { attempt, generation, control });

  const decision = decide(rooms, inForce, prepared);
  if (decision.decision !== 'allow') return deny(rooms, action, decision, inForce);

  rooms.marks.expect(action.id, action, brings);
  let isOpen = false;
  let held: HeldCall | undefined;
  try {
    const session = await openSession(rooms, action, generation);
    if (!session.ok)
      return await deny(rooms, action, { ...denied(session.error), marks: decision.marks ?? [] }, inForce);

    const recorded = await recordAllowed(rooms, action, decision, inForce, brings);
    if (recorded !== null) rooms.marks.end(action.id, false, rooms.clock.now());
    if (recorded !== null) return { kind: 'denied', action: action.id, decision: denied(recorded) };

    isOpen = true;
    const pass = issuePass(action.digest, () => whyNotNow(rooms, action.agent));
    const order = orderOf(action);
    if (mayHold(session.value, generation, order.method, control)) {
      held = new HeldCall(rooms, inForce, { action, session: session.value, control });
      const controlOfAll = executeControl(rooms, action, held.control, held);
      held.run(execute(rooms, session.value, action, order, pass, controlOfAll));
      return await answerHeld(rooms, held, control, 1);
    }
    const onTheWay = executeControl(rooms, action, control);
    const reply = await execute(rooms, session.value, action, order, pass, onTheWay);
    return await finish(rooms, inForce, action, reply, { attempt, generation, control, round: 1 });
  } catch (error) {
    if (isOpen) return endFaulty(rooms, action, error, held);
    rooms.marks.end(action.id, false, rooms.clock.now());
    throw error;
  }
}

/** A fault of ours after the record: what the upstream did is not known, and nothing stays open until the next start. */
function endFaulty(rooms: Rooms, action: Action, error: unknown, held?: HeldCall): Promise<Answer> {
  const what = error instanceof Error ? error.stack : String(error);
  rooms.report(`action ${action.id} of ${action.agent} met a fault: ${what}`);
  return held?.end(problem('INTERNAL')) ?? endCall(rooms, action, problem('INTERNAL'));
}

/**
 * A paused call goes on (2026-07-28): the same action, and the same order from the decision on.
 *
 *   its own pause? ─▶ prepare ─▶ spend the pause ─▶ decide with the responses ─▶ session ─▶ RECORD ─▶ pass ─▶ execute …
 */
async function goOn(
  rooms: Rooms,
  inForce: InForce,
  prepared: Prepared,
  found: Found,
  arrived: Arrived,
): Promise<Answer> {
  const { attempt } = arrived;
  const read = readResponses(rooms, found.pause, attempt.continues?.responses ?? {});
  if (!read.ok) return refuse(rooms, attempt, read.error);
  const spent = found.take(prepared.action);
  if (spent !== null) return refuse(rooms, attempt, spent);
  const { action, round, held } = found.pause;
  try {
    const { control } = arrived;
    if (held !== undefined)
      return await goOnHeld(rooms, inForce, held, { prepared, responses: read.value, control, round });
    return await takeUp(rooms, inForce, prepared, found, read.value, arrived);
  } catch (error) {
    return endFaulty(rooms, action, error, held);
  }
}

async function takeUp(
  rooms: Rooms,
  inForce: InForce,
  prepared: Prepared,
  found: Pick<Found, 'pause' | 'upstreamState'>,
  responses: JsonObject,
  arrived: Arrived,
): Promise<Answer> {
  const { generation, control } = arrived;
  const { action, round } = found.pause;
  const responsesText = canonicalize(responses);
  let decision = decide(rooms, inForce, { ...prepared, action }, responsesText);
  await closeAsked(rooms, found.pause, responses);
  const session = decision.decision === 'allow' ? await openSession(rooms, action, generation) : null;
  if (session?.ok === false) decision = { ...denied(session.error), marks: decision.marks ?? [] };

  const unrecorded = await recordContinued(rooms, action, decision, responses, inForce);
  if (unrecorded !== null) return endCall(rooms, action, unrecorded);
  if (session?.ok !== true) return endDenied(rooms, action, decision);

  const pass = issuePass(action.digest, () => whyNotNow(rooms, action.agent));
  const order = { ...orderOf(action), input: { responsesText, state: found.upstreamState } };
  const reply = await execute(
    rooms,
    session.value,
    action,
    order,
    pass,
    executeControl(rooms, action, control),
  );
  // Nothing left this time; what the upstream did before it asked is not known.
  const last = reply.kind === 'not-sent' ? ({ kind: 'lost', problem: reply.problem } as const) : reply;
  return finish(rooms, inForce, action, last, { ...arrived, round: round + 1 });
}

/** The upstream was asked before, so this is an outcome; to the agent it is a denial. */
async function endDenied(rooms: Rooms, action: Action, decision: Decision): Promise<Answer> {
  const code = decision.code ?? 'DECISION_FAILED';
  const answer = await endCall(rooms, action, { code, sentence: decision.reason });
  if (answer.kind === 'failed' && answer.problem.code === 'OUTCOME_UNRECORDED') return answer;
  return { kind: 'denied', action: action.id, decision: { ...decision, decision: 'deny' } };
}

/** An upstream that asks for input first pauses the call; a client of the older generation is asked while it waits. */
async function finish(
  rooms: Rooms,
  inForce: InForce,
  action: Action,
  reply: Reply,
  { round, ...arrived }: Arrived & { readonly round: number },
): Promise<Answer> {
  if (reply.kind !== 'input-required') return settle(rooms, action, reply, inForce);
  const { generation, control } = arrived;
  const { can = CAN_NOTHING, ask } = control;
  if (ask !== undefined) {
    const heard = await askOlder(rooms, action, reply, { control, ask, round });
    if (!heard.ok) return endCall(rooms, action, heard.error);
    return goOnAtOnce(rooms, { ...heard.value, upstreamState: reply.state }, arrived);
  }
  if (generation === '2026') return pause(rooms, action, reply, can, round);
  const { upstream } = action;
  const what = 'it asks for input first, which this client cannot give';
  return endCall(rooms, action, problem('UPSTREAM_FAILED', { upstream, what }));
}

/** The client has answered while its call waited. What was decided may have changed meanwhile, so it is prepared anew. */
async function goOnAtOnce(
  rooms: Rooms,
  heard: Heard & Pick<Found, 'upstreamState'>,
  arrived: Arrived,
): Promise<Answer> {
  const { pause, responses } = heard;
  const inForce = rooms.inForce();
  const prepared = prepare(rooms, inForce, arrived.attempt, arrived.generation);
  const what = prepared.kind === 'refused' ? null : differenceOf(pause.action, prepared.action);
  if (prepared.kind === 'ready' && what === null)
    return takeUp(rooms, inForce, prepared, heard, responses, arrived);
  await closeAsked(rooms, pause, responses);
  const differs = problem('STATE_DIFFERS', { what: what ?? '' });
  return endCall(rooms, pause.action, prepared.kind === 'refused' ? prepared.problem : differs);
}

/**
 * The corridor for what its caller does itself, elsewhere: the same order, but that the permission is the answer.
 *
 *   admitted? ─▶ prepare ─▶ decide ─▶ RECORD ─▶ pass ─▶ answer (halted? in the tick in which it is given) ─▶ told ─▶ RECORD
 *
 * It never rejects. What it clears is handed over or withdrawn (check-corridor.ts), and waits for its outcome.
 */
export async function check(rooms: Rooms, attempt: Attempt): Promise<Checked> {
  const overLimit = rooms.admission.enter(attempt.agent);
  if (overLimit !== null) return refuse(rooms, attempt, overLimit);
  try {
    return await clear(rooms, attempt);
  } catch (error) {
    rooms.report(
      `a check for ${attempt.agent} met a fault: ${error instanceof Error ? error.stack : String(error)}`,
    );
    return refuse(rooms, attempt, problem('INTERNAL'));
  } finally {
    rooms.admission.leave(attempt.agent);
  }
}

async function clear(rooms: Rooms, attempt: Attempt): Promise<Checked> {
  const inForce = rooms.inForce();
  const prepared = prepare(rooms, inForce, attempt, '2026');
  if (prepared.kind === 'refused') return refuse(rooms, attempt, prepared.problem);
  const { action, agent, brings } = prepared;

  const decision = decide(rooms, inForce, prepared);
  if (decision.decision !== 'allow') return deny(rooms, action, decision, inForce);

  const recorded = await recordCleared(rooms, action, decision, inForce, brings);
  if (recorded !== null) return { kind: 'denied', action: action.id, decision: denied(recorded) };

  const pass = issuePass(action.digest, () => whyNotNow(rooms, agent.id) ?? pointRefusal(rooms, action));
  return { kind: 'cleared', action, decision, pass };
}

/** Why a point may not speak for this agent any more: an `apply` took it, or the agent from it, since it asked. */
function pointRefusal(rooms: Rooms, { point, agent }: Action): Problem | null {
  if (point === undefined || rooms.inForce().points.get(point)?.agents.includes(agent) === true) return null;
  return problem('FOREIGN_AGENT', { agent });
}

/** A client that breaks leaves open whether bytes have left: that is an outcome, `unknown`, and never none (P7). */
async function execute(
  rooms: Rooms,
  session: UpstreamSession,
  action: Action,
  order: Order,
  pass: Pass,
  control: ExecuteControl,
): Promise<Reply> {
  try {
    return await session.execute(order, pass, control);
  } catch (error) {
    rooms.report(
      `the client of ${action.upstream} met a fault: ${error instanceof Error ? error.stack : String(error)}`,
    );
    const what = 'its client met a fault, and whether it acted is not known';
    return { kind: 'lost', problem: problem('UPSTREAM_FAILED', { upstream: action.upstream, what }) };
  }
}

/** The agent's own session with the upstream, and whether it lists this operation as it is pinned. */
async function openSession(
  rooms: Rooms,
  action: Action,
  generation: Generation,
): Promise<{ ok: true; value: UpstreamSession } | { ok: false; error: Problem }> {
  const upstream = rooms.upstreams.get(action.upstream);
  if (upstream === undefined)
    return { ok: false, error: problem('UPSTREAM_UNAVAILABLE', { upstream: action.upstream }) };
  const session = await upstream.session(action.agent, rooms.pins.generationFor(action.upstream, generation));
  if (!session.ok) return session;
  return rooms.sessionPins.holds(action, session.value)
    ? session
    : { ok: false, error: problem('PIN_CHANGED', { operation: action.operation }) };
}

/** What is sent is built from the action alone (P3). */
function orderOf(action: Action): Order {
  return {
    method: action.sentAs?.method ?? action.method,
    name: action.name,
    argumentsText: action.argumentsText,
    digest: action.digest,
  };
}

async function deny(rooms: Rooms, action: Action, decision: Decision, inForce: InForce): Promise<Denied> {
  rooms.marks.end(action.id, false, rooms.clock.now());
  await recordDenied(rooms, action, decision, inForce);
  // Nobody can be asked yet, so a review is recorded, named, and denied.
  return { kind: 'denied', action: action.id, decision: { ...decision, decision: 'deny' } };
}

function refuse(rooms: Rooms, { agent, point }: Attempt, refusal: Problem): Refused {
  rooms.refusals.count(agent, refusal.code, point);
  return { kind: 'refused', problem: refusal };
}
