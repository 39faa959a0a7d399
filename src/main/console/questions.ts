import { mayStand } from '../../approval/grant.ts';
import { LIMITS } from '../../base/limits.ts';
import type { QuestionPage, QuestionsOf } from '../../contract/approval.ts';
import type { Approval } from '../../model/approval.ts';
import { entryOf } from '../../pipeline/action/operation-entry.ts';
import type { Kept } from '../../pipeline/approval/approval-kept.ts';
import { likenessOf } from '../../pipeline/approval/batch-acts.ts';
import { rowOf } from '../approvals/approval-view.ts';
import type { House } from '../house.ts';

/** A question that waits for people. */
export interface Waiting {
  readonly kept: Kept;
  /** Ids of those who may answer and have not. */
  readonly people: readonly string[];
}

/** The questions of one moment. */
interface Known {
  readonly atMs: number;
  readonly edition: number;
  readonly inForce: object;
  /** The gravest first, then the oldest. */
  readonly waiting: readonly Waiting[];
  /** The newest first, and no more than a page. */
  readonly over: readonly Kept[];
}

const GRAVITY = ['unclassified', 'external', 'merge', 'comment', 'draft', 'read'] as const;

/**
 * The inbox as people see it, page by page. Ten thousand questions may wait and hundreds of consoles look at them: who may
 * answer what is worked out once for all, and again when something moved or a little later; rows are made for one page.
 */
export class Questions {
  readonly #house: House;
  #known: Known | null = null;

  constructor(house: House) {
    this.#house = house;
  }

  page(reader: string, of: QuestionsOf, from: number): QuestionPage {
    const found = of === 'over' ? this.#now().over : this.#of(reader, of).map(({ kept }) => kept);
    return {
      count: found.length,
      from,
      rows: found.slice(from, from + LIMITS.questionPage).map((kept) => rowOf(this.#house, kept)),
      alike: of === 'mine' && from === 0 ? this.#alike(found) : [],
    };
  }

  /** How many wait, for the reader too, and since when. */
  count(reader: string): { readonly all: number; readonly mine: number; readonly oldestAtMs: number | null } {
    const { waiting } = this.#now();
    let oldestAtMs: number | null = null;
    for (const { kept } of waiting) {
      const { askedAtMs } = kept.approval;
      if (oldestAtMs === null || askedAtMs < oldestAtMs) oldestAtMs = askedAtMs;
    }
    return { all: waiting.length, mine: this.#of(reader, 'mine').length, oldestAtMs };
  }

  get waiting(): readonly Waiting[] {
    return this.#now().waiting;
  }

  #of(reader: string, of: 'mine' | 'others'): readonly Waiting[] {
    return this.#now().waiting.filter(({ people }) => people.includes(reader) === (of === 'mine'));
  }

  #alike(mine: readonly Kept[]): QuestionPage['alike'] {
    const { rooms } = this.#house;
    const kinds = new Map<string, { operation: string; count: number; of: string[] }>();
    const standing = new Map<string, boolean>();
    for (const kept of mine) {
      const { operation } = kept.asked;
      const stands = standing.get(operation) ?? mayStand(entryOf(rooms.inForce(), operation));
      standing.set(operation, stands);
      const likeness = stands ? likenessOf(rooms, kept) : null;
      if (likeness === null) continue;
      const kind = kinds.get(likeness) ?? { operation, count: 0, of: [] };
      kind.count++;
      if (kind.of.length < LIMITS.answersAtOnce) kind.of.push(kept.approval.id);
      kinds.set(likeness, kind);
    }
    return [...kinds.values()].filter(({ count }) => count > 1);
  }

  #now(): Known {
    const { clock, rooms } = this.#house;
    const { approvals } = rooms;
    const atMs = clock.now();
    const inForce = rooms.inForce();
    const known = this.#known;
    const isFresh =
      known !== null &&
      known.edition === approvals.edition &&
      known.inForce === inForce &&
      Math.abs(atMs - known.atMs) < LIMITS.questionsKnownMs;
    if (isFresh) return known;
    this.#known = { atMs, edition: approvals.edition, inForce, ...this.#sorted() };
    return this.#known;
  }

  #sorted(): Pick<Known, 'waiting' | 'over'> {
    const { approvals } = this.#house.rooms;
    const inForce = this.#house.rooms.inForce();
    const asked = new Map<string, readonly string[]>();
    const gravity = new Map<string, number>();
    const byGravity = GRAVITY.map((): Waiting[] => []);
    const over: Kept[] = [];
    // In the order in which they were asked, so that what is put in one place is in that order already.
    for (const kept of approvals.all()) {
      const { approval } = kept;
      if (approval.phase !== 'open' || approvals.hasRunOut(kept) || approvals.isApproved(kept)) {
        over.push(kept);
        continue;
      }
      const { operation } = kept.asked;
      const grave =
        gravity.get(operation) ?? GRAVITY.indexOf(entryOf(inForce, operation)?.risk ?? 'unclassified');
      gravity.set(operation, grave);
      const whom = whomText(approval);
      const people = asked.get(whom) ?? approvals.people(approval);
      asked.set(whom, people);
      byGravity[grave]?.push({ kept, people: withoutAnswered(people, approval) });
    }
    return { waiting: byGravity.flat(), over: over.slice(-LIMITS.questionPage).reverse() };
  }
}

/** What decides who is asked: the same text, the same people. */
const whomText = ({ owner, backup, reviews }: Approval): string =>
  reviews.reduce((text, { who }) => `${text}\n${who}`, `${owner}\n${backup ?? ''}`);

function withoutAnswered(people: readonly string[], { answers }: Approval): readonly string[] {
  return answers.length === 0
    ? people
    : people.filter((person) => !answers.some((answer) => answer.person === person));
}
