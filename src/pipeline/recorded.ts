import { canonicalize } from '../base/canonical.ts';
import { type Problem, problem } from '../base/errors.ts';
import { withoutSecrets } from '../catalog/secret-arguments.ts';
import type { EntryFields } from '../contract/log-entry.ts';
import type { Action } from '../model/action.ts';
import type { Decision } from '../model/decision.ts';
import type { Mark } from '../model/mark.ts';
import type { Body, CellChange } from '../store/store.ts';
import { decidedFields } from './action.ts';
import { beginsToRun, reserve, spentBy } from './budgets.ts';
import type { Draft } from './draft.ts';
import type { InForce } from './in-force.ts';
import { markCells } from './marks.ts';
import { countAllowed, kept, pastCells } from './past.ts';
import type { Prepared } from './prepare.ts';
import type { Rooms } from './rooms.ts';
import { askerOf } from './unreported.ts';

/**
 * It is allowed, or soon may be: what its answer may bring is expected from here on. What nobody is asked about counts in
 * this very tick, so that calls side by side see each other; what is asked about counts when its approval is spent.
 */
export function beginAllowed(
  rooms: Rooms,
  inForce: InForce,
  { action, brings }: Pick<Prepared, 'action' | 'brings'>,
  decision: Decision,
): void {
  rooms.marks.expect(action.id, action, brings);
  if (decision.decision === 'allow') takeAllowed(rooms, inForce, action);
}

/** What is allowed counts, and takes its share of its budgets. */
export function takeAllowed(rooms: Rooms, inForce: InForce, action: Action): void {
  countAllowed(rooms, inForce, action);
  reserve(rooms, inForce, action);
}

/** It was allowed and does not go, so it takes nothing. */
export function neverMind(rooms: Rooms, action: Action): void {
  rooms.marks.end(action.id, false, rooms.clock.now());
  rooms.budgets.giveBack(action.id);
}

/** What a grant lets run was prepared anew, as an action of its own: that one brings the marks. */
export function goesInstead(
  rooms: Rooms,
  action: Action,
  { action: going, brings }: Pick<Prepared, 'action' | 'brings'>,
): void {
  rooms.marks.expect(going.id, going, brings);
  neverMind(rooms, action);
}

/** Makes an allow durable, in one commit with what goes before it. A Problem says that it is not, and that nothing may run; null that it is. */
export async function recordAllowed(
  rooms: Rooms,
  action: Action,
  decision: Decision,
  inForce: InForce,
  brings: readonly Mark[],
  before: readonly Draft[] = [],
): Promise<Problem | null> {
  const metCells = pastCells(rooms.past, inForce, action, rooms.clock.now());
  const spent = spentBy(rooms, action);
  const draft = {
    fields: { ...decided(rooms, action, decision, inForce, brings), ...spent.fields },
    bodies: [argumentsBody(rooms, action, inForce)],
    cells: [...markCells(rooms.marks.due(action, rooms.clock.now())), ...metCells, ...spent.cells],
    opens: action.id,
  };
  try {
    const { bytes } = await (before.length === 0
      ? rooms.recorder.record(draft)
      : rooms.recorder.recordTogether([...before, draft]));
    kept(rooms.past, action, metCells);
    beginsToRun(rooms, action);
    rooms.admission.logged(action.agent, bytes);
    return null;
  } catch (error) {
    rooms.report(`an action could not be recorded, so it did not run: ${String(error)}`);
    rooms.marks.unstored(action);
    rooms.recorder.oweDenial(action.id, 'STORE_UNAVAILABLE');
    return problem('STORE_UNAVAILABLE');
  }
}

/**
 * Makes an allow durable whose caller acts by itself, elsewhere: it waits for that caller to tell its outcome. A Problem
 * says that nothing is allowed.
 */
export async function recordCleared(
  rooms: Rooms,
  action: Action,
  decision: Decision,
  inForce: InForce,
  brings: readonly Mark[],
  before: readonly Draft[] = [],
): Promise<Problem | null> {
  // What was asked about counted when its approval was spent.
  if (decision.approval === undefined && decision.grant === undefined) takeAllowed(rooms, inForce, action);
  const cells = rooms.unreported.open(action);
  const metCells = pastCells(rooms.past, inForce, action, rooms.clock.now());
  const spent = spentBy(rooms, action);
  const draft = {
    fields: { ...decided(rooms, action, decision, inForce, brings), ...spent.fields },
    bodies: [argumentsBody(rooms, action, inForce)],
    cells: [...cells, ...readElsewhere(rooms, action, brings), ...metCells, ...spent.cells],
  };
  try {
    const { bytes } = await (before.length === 0
      ? rooms.recorder.record(draft)
      : rooms.recorder.recordTogether([...before, draft]));
    rooms.unreported.opened(cells);
    // Its caller's word on how it ended gives nothing back.
    rooms.budgets.settle(action.id, 0, rooms.clock.now());
    kept(rooms.past, action, metCells);
    rooms.admission.logged(action.agent, bytes);
    return null;
  } catch (error) {
    rooms.unreported.forget(action.id, action.agent);
    rooms.budgets.giveBack(action.id);
    rooms.report(`an action could not be recorded, so it was not allowed: ${String(error)}`);
    rooms.marks.unstored(action);
    rooms.recorder.oweDenial(action.id, 'STORE_UNAVAILABLE');
    return problem('STORE_UNAVAILABLE');
  }
}

/** When something done elsewhere is read nobody here sees: it counts as read from the moment that it is allowed. */
function readElsewhere(rooms: Rooms, action: Action, brings: readonly Mark[]): readonly CellChange[] {
  const nowMs = rooms.clock.now();
  rooms.marks.expect(action.id, action, brings);
  const read = rooms.marks.end(action.id, true, nowMs);
  return markCells([...read, ...rooms.marks.due(action, nowMs)]);
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

/** Makes durable that people are asked about an action: the decision and the question together. A Problem: nobody is. */
export async function recordAsked(
  rooms: Rooms,
  action: Action,
  decision: Decision,
  inForce: InForce,
  asked: Draft,
): Promise<Problem | null> {
  const draft = {
    fields: decided(rooms, action, decision, inForce),
    bodies: [argumentsBody(rooms, action, inForce)],
    cells: markCells(rooms.marks.due(action, rooms.clock.now())),
  };
  try {
    const { bytes } = await rooms.recorder.recordTogether([draft, asked]);
    rooms.admission.logged(action.agent, bytes);
    return null;
  } catch (error) {
    rooms.report(`a question could not be recorded, so nobody was asked: ${String(error)}`);
    rooms.marks.unstored(action);
    rooms.recorder.oweDenial(action.id, 'STORE_UNAVAILABLE');
    return problem('STORE_UNAVAILABLE');
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

/** A decision that was only asked for: recorded as one, and closed at once, since nobody acts on it. */
export async function recordDecision(
  rooms: Rooms,
  action: Action,
  decision: Decision,
  inForce: InForce,
): Promise<Problem | null> {
  if (decision.decision !== 'allow') {
    await recordDenied(rooms, action, decision, inForce);
    return null;
  }
  const unrecorded = await recordCleared(rooms, action, decision, inForce, []);
  if (unrecorded !== null) return unrecorded;
  await rooms.unreported.end(askerOf(action), action.id, { outcome: 'aborted', code: 'ASKED_ONLY' });
  return null;
}

function decided(
  rooms: Rooms,
  action: Action,
  decision: Decision,
  inForce: InForce,
  brings: readonly Mark[] = [],
): EntryFields {
  const agent = inForce.agents.get(action.agent);
  const level = agent === undefined ? 'live' : rooms.halt.levelOf(agent, action);
  return decidedFields(action, decision, inForce.policy.digest, level, brings);
}
