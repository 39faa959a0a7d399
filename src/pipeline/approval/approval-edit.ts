import { type Problem, problem } from '../../base/errors.ts';
import { digestOf } from '../../base/hash.ts';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import { withoutSecrets } from '../../catalog/targets/secret-arguments.ts';
import type { AnswerState } from '../../contract/approval.ts';
import type { Action, Attempt } from '../../model/action.ts';
import type { Review } from '../../model/decision.ts';
import { decide } from '../action/decide.ts';
import { type Prepared, prepare } from '../action/prepare.ts';
import { whyNotNow } from '../action/why-not-now.ts';
import type { OperatorAct } from '../operate.ts';
import type { Generation } from '../ports/call.ts';
import type { Rooms } from '../rooms.ts';
import { isNamed } from './approval-acts.ts';
import { approvalFields } from './approval-entries.ts';
import { doingOf, type Edited, type Kept, keptCell, sameTargets } from './approval-kept.ts';
import { problemOf } from './approval-obstacles.ts';
import { type ReadThrough, versionOf } from './version-reading.ts';

/**
 * A person gives an action that waits other arguments. That is decided anew, has a digest of its own, and has to be approved
 * like any other. It is refused where it would be denied, and where redaction would change it in the store: what runs later
 * is what was stored.
 */
export async function edit(
  rooms: Rooms,
  kept: Kept,
  { person, digest, args }: { readonly person: string; readonly digest: string; readonly args: JsonObject },
  read: ReadThrough,
): Promise<Result<OperatorAct<AnswerState>, Problem>> {
  // The caller at the check door does what it asked about; it would not do what the edit made of it.
  if (kept.asked.door === 'check') return err(problem('EDIT_ELSEWHERE'));
  const inForce = rooms.inForce();
  const prepared = prepareEdited(rooms, kept, args);
  if (!prepared.ok) return prepared;
  const { action } = prepared.value;
  const entry = inForce.upstreams.get(action.upstream)?.entryOf(action.name);
  const text = action.argumentsText;
  const stored = rooms.redactor.redact(rooms.scrubber.scrub(text));
  if (stored !== text || withoutSecrets(action.arguments, entry) !== action.arguments)
    return err(problem('EDIT_SECRET'));
  const decision = decide(rooms, inForce, prepared.value);
  if (decision.decision === 'deny')
    return err({ code: decision.code ?? 'DECISION_FAILED', sentence: decision.reason });

  const reviews = union(kept.approval.reviews, decision.reviews);
  const expiresAtMs = soonest(kept, decision.reviews, rooms.clock.now());
  const state = isNamed(rooms, kept, person) ? await stateAt(rooms, kept, prepared.value, read) : undefined;
  const happening = {
    kind: 'edited',
    person,
    digest,
    newDigest: action.digest,
    newAction: action.id,
    reviews,
    expiresAtMs,
  } as const;
  const edited: Edited = {
    by: person,
    action: action.id,
    digest: action.digest,
    argumentsDigest: action.argumentsDigest,
    arguments: args,
    salt: Buffer.from(action.salt).toString('base64'),
    targets: action.namedTargets.map(({ type, id }) => ({ type, id })),
    ...(state === undefined ? {} : { state }),
  };
  const obstacle = () => rooms.approvals.obstacle(kept, happening);
  const approval = { ...kept.approval, action: action.id, digest: action.digest, reviews, expiresAtMs };
  const cell = keptCell({ ...kept, edited });
  return ok({
    name: 'edit',
    about: { named: isNamed(rooms, kept, person), only: person },
    // It gives nothing by itself: what comes of it is approved with a signature of its own.
    unsigned: true,
    fields: {
      ...approvalFields(approval),
      was: digest,
      ...targetsOf(action),
      argumentsDigest: action.argumentsDigest,
      people: rooms.approvals.people(approval),
      ...(state === undefined ? {} : { state }),
      verifier: digestOf(cell.value ?? ''),
    },
    cells: [cell],
    refuse: async () => {
      const halted = whyNotNow(rooms, kept.approval.agent, doingOf(kept));
      if (halted !== null) return halted;
      const why = rooms.approvals.find(kept.approval.id) === kept ? obstacle() : 'over';
      return why === null ? null : problemOf(why);
    },
    apply() {
      if (obstacle() === null) {
        kept.edited = edited;
        rooms.approvals.happen(kept, happening);
      }
      return { approval: kept.approval.id, state: 'open' };
    },
  });
}

/**
 * Digest of the version of the target that the edit is about. If that is still the same target: the version when the question
 * was asked. If it is another: the version now, because the person who edits looks at it now; it is read by an action of the
 * agent, so its rules have to allow that. Undefined: the catalog does not say how a version is read.
 */
async function stateAt(
  rooms: Rooms,
  kept: Kept,
  prepared: EditPrepared,
  read: ReadThrough,
): Promise<string | null | undefined> {
  const { asked } = kept;
  if (sameTargets(asked.targets, prepared.action.namedTargets)) return asked.state;
  const { attempt, generation } = prepared;
  const control = { signal: AbortSignal.timeout(LIMITS.editReadMs) };
  const version = versionOf(rooms.inForce(), prepared, { attempt, generation, control }, read);
  if (version.isKept) return version.read();
  return asked.state === undefined ? undefined : null;
}

/** When the question runs out: as before, or sooner where a rule that asks only about the edit gives it less time. */
function soonest({ approval }: Kept, now: readonly Review[], nowMs: number): number {
  const known = new Set(approval.reviews.map(({ rule }) => rule));
  const spans = now.flatMap(({ rule, withinMs = LIMITS.approvalMs }) => (known.has(rule) ? [] : [withinMs]));
  return Math.min(approval.expiresAtMs, ...spans.map((span) => nowMs + span));
}

type EditPrepared = Prepared & { readonly attempt: Attempt; readonly generation: Generation };

/** The agent's own attempt with other arguments. Only by the definition that was pinned when the agent asked. */
function prepareEdited(
  rooms: Rooms,
  { approval, asked }: Kept,
  args: JsonObject,
): Result<EditPrepared, Problem> {
  const [, upstream = ''] = /^mcp:([^/]+)\//.exec(asked.operation) ?? [];
  if (asked.method !== 'tools/call') return err(problem('EDIT_UNFIT'));
  const attempt: Attempt = {
    agent: approval.agent,
    session: asked.session,
    token: asked.token,
    upstream,
    name: asked.name,
    arguments: args,
    door: 'mcp',
    method: 'tools/call',
  };
  let found: Result<EditPrepared, Problem> = err(problem('EDIT_UNFIT'));
  for (const generation of ['2026', '2025'] as const) {
    const prepared = prepare(rooms, rooms.inForce(), attempt, generation);
    if (prepared.kind === 'refused') found = err(prepared.problem);
    else if (prepared.action.pin === asked.pin) return ok({ ...prepared, attempt, generation });
  }
  return found;
}

/** The reviews that the action needed before it was edited, and those that it needs now. */
function union(before: readonly Review[], now: readonly Review[]): readonly Review[] {
  const isNew = ({ rule, who }: Review) => !before.some((one) => one.rule === rule && one.who === who);
  return [...before, ...now.filter(isNew)];
}

function targetsOf({ namedTargets, operation }: Action) {
  const targets = namedTargets.map(({ type, id }) => ({ type, id }));
  const [target] = targets;
  return {
    operation,
    ...(target === undefined ? {} : { target }),
    ...(targets.length > 1 ? { targets } : {}),
  };
}
