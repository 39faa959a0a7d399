import { setImmediate as turn } from 'node:timers/promises';
import { Cancel } from '../../base/cancel.ts';
import { stackOf } from '../../base/error-text.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { type Action, CONNECT } from '../../model/action.ts';
import type { Pass } from '../pass.ts';
import { ENDING, type Generation } from '../ports/call.ts';
import type { ExecuteControl, Order, Reply, UpstreamSession } from '../ports/upstream.ts';
import type { Rooms } from '../rooms.ts';
import { whyNotNow } from './why-not-now.ts';

/** One order, the session over which it goes, and the permission to send it. */
interface Sending {
  readonly session: UpstreamSession;
  readonly action: Action;
  readonly order: Order;
  readonly pass: Pass;
}

/**
 * Sends an order, and registers it so that a stop, the end of its run or its client's leaving cuts it in that very tick. The
 * reply to what was cut is `lost` where bytes had left, and `not-sent` where none had, whatever the upstream client says.
 */
export async function execute(rooms: Rooms, what: Sending, control: ExecuteControl): Promise<Reply> {
  const { action } = what;
  const cut = new Cancel();
  const abort = () => cut.abort(CUT);
  control.signal.addEventListener('abort', abort, { once: true });
  if (control.signal.aborted) abort();
  let why: 'STOPPED' | 'RUN_ENDED' | null = null;
  const sending = send(rooms, what, { ...control, signal: cut });
  const leave = rooms.halt.register({
    kind: action.method === CONNECT ? 'tunnel' : 'call',
    name: action.id,
    about: action,
    cut() {
      why = 'STOPPED';
      abort();
      return sending.then(() => undefined);
    },
  });
  // The door of a tunnel ends it with its run by itself.
  const leaveRun = rooms.endsWithToken.add(action.method === CONNECT ? undefined : action.ofRun, () => {
    why ??= 'RUN_ENDED';
    abort();
  });
  const reply = await sending;
  leave();
  leaveRun();
  control.signal.removeEventListener('abort', abort);
  if (why === null) return control.signal.reason === ENDING ? interrupted(reply) : reply;
  // Recording waits a turn, so that all that the stop cuts has ended before the first end is worked on.
  await turn();
  return stopped(reply, why === 'STOPPED' ? ['FROZEN', problem(why)] : ['TOKEN_REFUSED', runEnded(action)]);
}

/** One for all: to make an error for each of a thousand calls takes a good part of the tick in which a stop cuts them. */
const CUT = new Error('cut');

/** The reply after a stop: an answer that came before it stays what it was. */
function stopped(reply: Reply, [unsent, lost]: readonly ['FROZEN' | 'TOKEN_REFUSED', Problem]): Reply {
  if (reply.kind === 'not-sent') return { kind: 'not-sent', problem: problem(unsent) };
  return reply.kind === 'lost' ? { ...reply, problem: lost } : reply;
}

/** Why what a program under `run` had begun does not go on. */
function runEnded({ upstream }: Pick<Action, 'upstream'>): Problem {
  return problem('RUN_ENDED', { upstream });
}

/** Why what was begun with a token that is not good any more does not go on. */
export function tokenEnded({ upstream, ofRun }: Pick<Action, 'upstream' | 'ofRun'>): Problem {
  return ofRun === undefined ? problem('TOKEN_ENDED', { upstream }) : runEnded({ upstream });
}

/** Nobody cancelled it: it was cut since Lanyard ends. */
function interrupted(reply: Reply): Reply {
  return reply.kind === 'lost' ? { ...reply, problem: problem('INTERRUPTED') } : reply;
}

/** An upstream client that throws leaves open whether bytes have left, so its action has the outcome `unknown` (P7). */
async function send(
  rooms: Rooms,
  { session, action, order, pass }: Sending,
  control: ExecuteControl,
): Promise<Reply> {
  try {
    return await session.execute(order, pass, control);
  } catch (error) {
    rooms.report(`the client of ${action.upstream} met a fault: ${stackOf(error)}`);
    const what = 'its client met a fault, and whether it acted is not known';
    return { kind: 'lost', problem: problem('UPSTREAM_FAILED', { upstream: action.upstream, what }) };
  }
}

/** The agent's own session with the upstream. A Problem: it cannot be reached, or lists this operation otherwise than pinned. */
export async function openSession(
  rooms: Rooms,
  action: Action,
  generation: Generation,
): Promise<{ ok: true; value: UpstreamSession } | { ok: false; error: Problem }> {
  const upstream = rooms.upstreams.get(action.upstream);
  if (upstream === undefined)
    return { ok: false, error: problem('UPSTREAM_UNAVAILABLE', { upstream: action.upstream }) };
  const session = await upstream.session(action.agent, rooms.pins.generationFor(action.upstream, generation));
  // Where a stop has ended its opening, that is why.
  if (!session.ok) return { ok: false, error: whyNotNow(rooms, action.agent, action) ?? session.error };
  return rooms.sessionPins.holds(action, session.value)
    ? session
    : { ok: false, error: problem('PIN_CHANGED', { operation: action.operation }) };
}

/** What is sent is built from the action alone (P3). */
export function orderOf(action: Action): Order {
  return {
    method: action.sentAs?.method ?? action.method,
    name: action.name,
    argumentsText: action.argumentsText,
    digest: action.digest,
  };
}
