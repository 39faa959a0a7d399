import { type Problem, problem } from '../base/errors.ts';
import type { Action, Attempt } from '../model/action.ts';
import type { Decision } from '../model/decision.ts';
import { decide, denied } from './decide.ts';
import type { InForce } from './in-force.ts';
import { issuePass } from './pass.ts';
import type { Answer, CallControl, Generation, Order, UpstreamSession } from './ports.ts';
import { prepare } from './prepare.ts';
import { recordAllowed, recordDenied } from './recorded.ts';
import type { Rooms } from './rooms.ts';
import { settle } from './settle.ts';

/**
 * The corridor: the order of one action, and the only way to make something happen. Every door uses it.
 *
 *   admitted? ─▶ prepare ─▶ decide ─▶ session ─▶ RECORD ─▶ pass ─▶ execute (halted? in the tick of the first byte) ─▶ RECORD ─▶ answer
 *
 * It never rejects: whatever goes wrong on the way to a decision is a denial with a code (P2), and whatever goes wrong
 * after the first byte is an outcome (P7).
 */
export async function act(
  rooms: Rooms,
  attempt: Attempt,
  generation: Generation,
  control: CallControl,
): Promise<Answer> {
  const overLimit = rooms.admission.enter(attempt.agent);
  if (overLimit !== null) return refuse(rooms, attempt.agent, overLimit);
  try {
    return await walk(rooms, attempt, generation, control);
  } catch (error) {
    rooms.report(
      `an action of ${attempt.agent} met a fault: ${error instanceof Error ? error.stack : String(error)}`,
    );
    return refuse(rooms, attempt.agent, problem('INTERNAL'));
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
  const prepared = prepare(rooms, inForce, attempt, generation);
  if (prepared.kind === 'refused') return refuse(rooms, attempt.agent, prepared.problem);
  const { action, agent } = prepared;

  const decision = decide(rooms, inForce, prepared);
  if (decision.decision !== 'allow') return deny(rooms, action, decision, inForce);

  const session = await openSession(rooms, action, generation);
  if (!session.ok) return deny(rooms, action, denied(session.error), inForce);

  const recorded = await recordAllowed(rooms, action, decision, inForce);
  if (recorded !== null) return { kind: 'denied', action: action.id, decision: denied(recorded) };

  const pass = issuePass(action.digest, () => rooms.halt.refusal(agent));
  const reply = await session.value.execute(orderOf(action), pass, control);
  return settle(rooms, action, reply, inForce);
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
    method: action.method,
    name: action.name,
    argumentsText: action.argumentsText,
    digest: action.digest,
  };
}

async function deny(rooms: Rooms, action: Action, decision: Decision, inForce: InForce): Promise<Answer> {
  await recordDenied(rooms, action, decision, inForce);
  return { kind: 'denied', action: action.id, decision };
}

function refuse(rooms: Rooms, agent: string, refusal: Problem): Answer {
  rooms.refusals.count(agent, refusal.code);
  return { kind: 'refused', problem: refusal };
}
