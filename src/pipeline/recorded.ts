import { canonicalize } from '../base/canonical.ts';
import { type Problem, problem } from '../base/errors.ts';
import { withoutSecrets } from '../catalog/secret-arguments.ts';
import type { EntryFields } from '../contract/log-entry.ts';
import type { Action } from '../model/action.ts';
import type { Decision } from '../model/decision.ts';
import type { Mark } from '../model/mark.ts';
import type { Body } from '../store/store.ts';
import { decidedFields } from './action.ts';
import type { InForce } from './in-force.ts';
import { markCells } from './marks.ts';
import type { Rooms } from './rooms.ts';

/** Makes an allow durable. A Problem says that it is not, and that nothing may run; null that it is. */
export async function recordAllowed(
  rooms: Rooms,
  action: Action,
  decision: Decision,
  inForce: InForce,
  brings: readonly Mark[],
): Promise<Problem | null> {
  const draft = {
    fields: decided(rooms, action, decision, inForce, brings),
    bodies: [argumentsBody(rooms, action, inForce)],
    cells: markCells(rooms.marks.due(action, rooms.clock.now())),
    opens: action.id,
  };
  try {
    const { bytes } = await rooms.recorder.record(draft);
    rooms.admission.logged(action.agent, bytes);
    return null;
  } catch (error) {
    rooms.report(`an action could not be recorded, so it did not run: ${String(error)}`);
    rooms.marks.unstored(action);
    rooms.recorder.oweDenial(action.id, 'STORE_UNAVAILABLE');
    return problem('STORE_UNAVAILABLE');
  }
}

/** A denial is recorded before it is answered; one that cannot be is still a denial, and counted (P2). */
export async function recordDenied(
  rooms: Rooms,
  action: Action,
  decision: Decision,
  inForce: InForce,
): Promise<void> {
  const draft = {
    fields: decided(rooms, action, decision, inForce),
    bodies: [argumentsBody(rooms, action, inForce)],
    cells: markCells(rooms.marks.due(action, rooms.clock.now())),
  };
  try {
    const { bytes } = await rooms.recorder.record(draft);
    rooms.admission.logged(action.agent, bytes);
  } catch (error) {
    rooms.report(`a denial could not be recorded: ${String(error)}`);
    rooms.marks.unstored(action);
    rooms.recorder.oweDenial(action.id, decision.code ?? 'DECISION_FAILED');
  }
}

/** The arguments beside the log: without what the catalog calls secret, without known secrets, without what looks like one, for as long as bodies are kept. */
function argumentsBody(rooms: Rooms, action: Action, inForce: InForce): Body {
  const entry = inForce.upstreams
    .get(action.upstream)
    ?.entryOf(action.method === 'tools/call' ? action.name : action.method);
  const kept = withoutSecrets(action.arguments, entry);
  const text = kept === action.arguments ? action.argumentsText : canonicalize(kept);
  return {
    action: action.id,
    part: 'arguments',
    salt: action.salt,
    text: rooms.redactor.redact(rooms.scrubber.scrub(text)),
    expiresAtMs: rooms.clock.now() + inForce.bodyRetentionMs,
  };
}

/** A decision that was only asked for: recorded as one, and closed at once, since nothing is sent from here. */
export async function recordDecision(
  rooms: Rooms,
  action: Action,
  decision: Decision,
  inForce: InForce,
): Promise<void> {
  const fields = decided(rooms, action, decision, inForce);
  const bodies = [argumentsBody(rooms, action, inForce)];
  if (decision.decision !== 'allow') {
    await rooms.recorder.record({ fields, bodies });
    return;
  }
  await rooms.recorder.record({ fields, bodies, opens: action.id });
  const { agent, owner, session, door, operation } = action;
  await rooms.recorder.record({
    fields: {
      kind: 'action.outcome',
      action: action.id,
      agent,
      owner,
      session,
      door,
      operation,
      outcome: 'aborted',
      code: 'ASKED_ONLY',
    },
    closes: action.id,
  });
}

function decided(
  rooms: Rooms,
  action: Action,
  decision: Decision,
  inForce: InForce,
  brings: readonly Mark[] = [],
): EntryFields {
  const agent = inForce.agents.get(action.agent);
  const level = agent === undefined ? 'live' : rooms.halt.levelOf(agent);
  return decidedFields(action, decision, inForce.policy.digest, level, brings);
}
