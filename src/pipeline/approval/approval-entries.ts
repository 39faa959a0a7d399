import { isMild, type Weight } from '../../approval/grant.ts';
import { after, type Happening } from '../../approval/life.ts';
import { toInstant } from '../../base/clock.ts';
import { digestOf } from '../../base/hash.ts';
import { type Entry, type EntryFields, entryIn } from '../../contract/log-entry.ts';
import type { Action } from '../../model/action.ts';
import type { Approval } from '../../model/approval.ts';
import type { Review } from '../../model/decision.ts';
import type { Store } from '../../store/store.ts';

/** Approvals as the log tells them: everything that may be answered and spent can be worked out from these entries again. */

/** What every entry about an approval says. `expires` is when the question as it stands runs out. */
export function approvalFields(approval: Approval): Omit<EntryFields, 'kind'> {
  const { id, action, agent, owner, digest, reviews, expiresAtMs } = approval;
  return {
    approval: id,
    action,
    agent,
    owner,
    digest,
    reviews: reviews.map(({ who }) => who),
    rules: reviews.map(({ rule }) => rule),
    expires: toInstant(expiresAtMs),
  };
}

/** A question as it is put to people. */
interface NewQuestion {
  readonly approval: Approval;
  readonly action: Action;
  /** Who may answer now. */
  readonly people: readonly string[];
  /** Digest of the target's version; null: it could not be read; undefined: the catalog does not say how. */
  readonly state?: string | null | undefined;
  /** What the catalog says of the operation; undefined: nothing classifies it. */
  readonly weight?: Weight | undefined;
  /** What is kept of it beside the log: the start compares the two. */
  readonly cell: string;
  /** The question that this one takes the place of, and why. */
  readonly instead?: { readonly approval: string; readonly reason: string } | undefined;
}

export function askedFields(question: NewQuestion): EntryFields {
  const { approval, action, people, state, weight, instead } = question;
  const targets = action.namedTargets.map(({ type, id }) => ({ type, id }));
  const [target] = targets;
  return {
    kind: 'approval.asked',
    ...approvalFields(approval),
    at: '',
    ...(approval.backup === undefined ? {} : { backup: approval.backup }),
    session: action.session,
    door: action.door,
    operation: action.operation,
    ...(target === undefined ? {} : { target }),
    ...(targets.length > 1 ? { targets } : {}),
    people,
    policy: approval.policy,
    span: approval.spanMs,
    verifier: digestOf(question.cell),
    ...(weight === undefined ? {} : weightOf(weight)),
    ...(state === undefined ? {} : { state }),
    ...(instead === undefined ? {} : { instead: instead.approval, reason: instead.reason }),
  };
}

const weightOf = ({ risk, reversibility, audience }: Weight) => ({ risk, reversibility, audience });

/** The question of an `approval.asked`, as it was in that moment; null where the entry is none of ours. */
function readAsked(entry: Entry): Approval | null {
  const { approval, action, agent, owner, digest, policy, backup, span, expires, rules } = entry;
  if (entry.kind !== 'approval.asked' || typeof approval !== 'string') return null;
  if (action === undefined || agent === undefined || owner === undefined) return null;
  if (digest === undefined || policy === undefined || rules === undefined) return null;
  if (typeof span !== 'number' || typeof expires !== 'string') return null;
  const expiresAtMs = Date.parse(expires);
  return {
    id: approval,
    action,
    agent,
    owner,
    digest,
    policy,
    ...(typeof backup === 'string' ? { backup } : {}),
    isMild: isMild(readWeight(entry)),
    reviews: reviewsOf(entry),
    askedAtMs: expiresAtMs - span,
    spanMs: span,
    expiresAtMs,
    phase: 'open',
    isRevived: false,
    answers: [],
    shownTo: [],
  };
}

function readWeight({ risk, reversibility, audience }: Entry): Weight | undefined {
  const known = typeof risk === 'string' && typeof reversibility === 'string' && typeof audience === 'string';
  return known ? { risk, reversibility, audience } : undefined;
}

function reviewsOf({ reviews = [], rules = [] }: Entry): readonly Review[] {
  return rules.map((rule, i) => ({ rule, who: reviews[i] ?? '' }));
}

/** What an entry says has happened to its approval; null where nothing has. */
function readHappening(entry: Entry): Happening | null {
  const { person, answer, digest = '', was, action = '' } = entry;
  switch (entry.kind) {
    case 'approval.shown':
      return typeof person === 'string' ? { kind: 'shown', person } : null;
    case 'approval.answered': {
      if (typeof person !== 'string' || (answer !== 'approve' && answer !== 'deny')) return null;
      const until = entry['revived'] === true ? Date.parse(String(entry['expires'])) : undefined;
      return {
        kind: 'answered',
        person,
        answer,
        digest,
        ...(until === undefined ? {} : { revivedUntilMs: until }),
      };
    }
    case 'approval.edited':
      return typeof person === 'string' && typeof was === 'string'
        ? {
            kind: 'edited',
            person,
            digest: was,
            newDigest: digest,
            newAction: action,
            reviews: reviewsOf(entry),
            expiresAtMs: Date.parse(String(entry['expires'])),
          }
        : null;
    case 'approval.spent':
      return { kind: 'spent', digest };
    case 'approval.expired':
      return { kind: 'expired' };
    case 'approval.cancelled':
      return { kind: 'cancelled' };
    default:
      return null;
  }
}

/** Every question that was asked from this place of the log on, as it stands at its end. */
export async function approvalsIn(store: Store, from: number): Promise<ReadonlyMap<string, Approval>> {
  const found = new Map<string, Approval>();
  const kinds = ['asked', 'shown', 'answered', 'edited', 'spent', 'expired', 'cancelled'];
  for await (const page of store.find({ kinds: kinds.map((kind) => `approval.${kind}`), from })) {
    for (const { text } of page) {
      const entry = entryIn(text);
      const asked = readAsked(entry);
      if (asked !== null) {
        found.set(asked.id, asked);
        continue;
      }
      const id = entry['approval'];
      const approval = typeof id === 'string' ? found.get(id) : undefined;
      const happening = readHappening(entry);
      if (approval !== undefined && happening !== null)
        found.set(approval.id, after(approval, happening, Date.parse(entry.at)));
    }
  }
  return found;
}
