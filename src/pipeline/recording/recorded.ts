import { canonicalize } from '../../base/canonical.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { withoutSecrets } from '../../catalog/targets/secret-arguments.ts';
import type { EntryFields } from '../../contract/log-entry.ts';
import type { Action } from '../../model/action.ts';
import type { Decision } from '../../model/decision.ts';
import type { Mark } from '../../model/mark.ts';
import type { Body, CellChange } from '../../store/store.ts';
import { decidedFields } from '../action/action.ts';
import { beginsToRun, spentBy } from '../action/budgets.ts';
import { charge } from '../action/charge.ts';
import { markCells } from '../action/marks.ts';
import { entryFor } from '../action/operation-entry.ts';
import { notePastKept, pastCells } from '../action/past.ts';
import { askerOf } from '../check/unreported.ts';
import type { InForce } from '../in-force.ts';
import type { Rooms } from '../rooms.ts';
import type { Draft } from './draft.ts';

/** An action, and what was decided of it under what was in force then. */
interface Decided {
  readonly action: Action;
  readonly decision: Decision;
  readonly inForce: InForce;
}

/** An allow: the marks that its answer may bring, and what goes before it in the same commit. */
interface Allowed extends Decided {
  readonly brings: readonly Mark[];
  readonly drafts: readonly Draft[];
}

/** Makes an allow durable. Null: it is. A Problem: it is not, and nothing may run. */
export async function recordAllowed(rooms: Rooms, allowed: Allowed): Promise<Problem | null> {
  const { action, inForce } = allowed;
  const metCells = pastCells(rooms.past, inForce, action, rooms.clock.now());
  const marks = markCells(rooms.marks.due(action, rooms.clock.now()));
  const cells = marks.length === 0 ? metCells : [...marks, ...metCells];
  const draft = { ...draftOfAllow(rooms, allowed, cells), opens: action.id };
  const drafts = allowed.drafts.length === 0 ? [draft] : [...allowed.drafts, draft];
  const unrecorded = await commit(
    rooms,
    action,
    drafts,
    'an action could not be recorded, so it did not run',
  );
  if (unrecorded !== null) return unrecorded;
  notePastKept(rooms.past, action, metCells);
  beginsToRun(rooms, action);
  return null;
}

/**
 * Makes an allow durable for a caller that acts by itself, elsewhere. From then on its outcome is awaited. A Problem: nothing is
 * allowed.
 */
export async function recordCleared(rooms: Rooms, cleared: Allowed): Promise<Problem | null> {
  const { action, decision, inForce, brings } = cleared;
  // What was asked about counted when its approval was spent.
  if (decision.approval === undefined && decision.grant === undefined)
    charge(rooms, inForce, { action, brings });
  const cells = rooms.unreported.open(action);
  const metCells = pastCells(rooms.past, inForce, action, rooms.clock.now());
  const marks = readElsewhere(rooms, action, brings);
  const drafts = [...cleared.drafts, draftOfAllow(rooms, cleared, [...cells, ...marks, ...metCells])];
  const unrecorded = await commit(
    rooms,
    action,
    drafts,
    'an action could not be recorded, so it was not allowed',
  );
  if (unrecorded !== null) {
    rooms.unreported.forget(action.id, action.agent);
    rooms.budgets.giveBack(action.id);
    return unrecorded;
  }
  rooms.unreported.opened(cells);
  // Settled at once: what its caller says later of how it ended must give nothing back.
  rooms.budgets.settle(action.id, 0, rooms.clock.now());
  notePastKept(rooms.past, action, metCells);
  return null;
}

/** Nobody here sees when an answer is read elsewhere, so its marks count from the moment in which the action is allowed. */
function readElsewhere(rooms: Rooms, action: Action, brings: readonly Mark[]): readonly CellChange[] {
  const nowMs = rooms.clock.now();
  rooms.marks.expect(action.id, action, brings);
  const read = rooms.marks.end(action.id, true, nowMs);
  return markCells([...read, ...rooms.marks.due(action, nowMs)]);
}

/** A denial is recorded before it is answered; one that cannot be is still a denial, and counted (P2). */
export async function recordDenied(rooms: Rooms, denied: Decided): Promise<void> {
  const { action, decision } = denied;
  const code = decision.code ?? 'DECISION_FAILED';
  await commit(rooms, action, [draftOf(rooms, denied)], 'a denial could not be recorded', code);
}

/** Makes durable that people are asked about an action: the decision and the question in one commit. A Problem: nobody is asked. */
export function recordAsked(rooms: Rooms, decided: Decided, question: Draft): Promise<Problem | null> {
  const drafts = [draftOf(rooms, decided), question];
  return commit(rooms, decided.action, drafts, 'a question could not be recorded, so nobody was asked');
}

/** Records a decision on which nobody will act (`decide --record`): an allow is closed at once, as `aborted`. */
export async function recordDecision(rooms: Rooms, decided: Decided): Promise<Problem | null> {
  const { action, decision } = decided;
  if (decision.decision !== 'allow') {
    await recordDenied(rooms, decided);
    return null;
  }
  const unrecorded = await recordCleared(rooms, { ...decided, brings: [], drafts: [] });
  if (unrecorded !== null) return unrecorded;
  await rooms.unreported.end(askerOf(action), action.id, { outcome: 'aborted', code: 'ASKED_ONLY' });
  return null;
}

/**
 * Makes drafts durable, all or none. A Problem: none is, the denial by `code` is owed to the log, and `otherwise` is reported
 * to the operator.
 */
async function commit(
  rooms: Rooms,
  action: Action,
  drafts: readonly Draft[],
  otherwise: string,
  code = 'STORE_UNAVAILABLE',
): Promise<Problem | null> {
  try {
    const { bytes } = await rooms.recorder.recordTogether(drafts);
    rooms.admission.logged(action.agent, bytes);
    return null;
  } catch (error) {
    rooms.report(`${otherwise}: ${String(error)}`);
    rooms.marks.unstored(action);
    rooms.recorder.oweDenial(action.id, code);
    return problem('STORE_UNAVAILABLE');
  }
}

/** The entry of a denial or review: nothing runs, so it brings no marks and spends nothing. */
function draftOf(rooms: Rooms, decided: Decided): Draft {
  return {
    fields: fieldsOf(rooms, decided, []),
    bodies: [argumentsBody(rooms, decided)],
    cells: markCells(rooms.marks.due(decided.action, rooms.clock.now())),
  };
}

function draftOfAllow(rooms: Rooms, allowed: Allowed, cells: readonly CellChange[]): Draft {
  const spent = spentBy(rooms, allowed.action);
  const fields = fieldsOf(rooms, allowed, allowed.brings);
  return {
    fields: spent.cells.length === 0 ? fields : { ...fields, ...spent.fields },
    bodies: [argumentsBody(rooms, allowed)],
    cells: spent.cells.length === 0 ? cells : [...cells, ...spent.cells],
  };
}

/**
 * The arguments as they are kept beside the log, for as long as bodies are: without what the catalog calls secret, without
 * known secrets, and without what looks like one.
 */
function argumentsBody(rooms: Rooms, { action, inForce }: Decided): Body {
  const kept = withoutSecrets(action.arguments, entryFor(inForce, action));
  const text = kept === action.arguments ? action.argumentsText : canonicalize(kept);
  return {
    action: action.id,
    part: 'arguments',
    salt: action.salt,
    text: rooms.redactor.redact(rooms.scrubber.scrub(text)),
    expiresAtMs: rooms.clock.now() + inForce.bodyRetentionMs,
  };
}

function fieldsOf(
  rooms: Rooms,
  { action, decision, inForce }: Decided,
  brings: readonly Mark[],
): EntryFields {
  const agent = inForce.agents.get(action.agent);
  const level = agent === undefined ? 'live' : rooms.halt.levelOf(agent, action);
  return decidedFields(action, decision, inForce.policy.digest, level, brings);
}
