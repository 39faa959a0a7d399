import { MARKS, type Mark } from '../model/mark.ts';

/** Some marks as one number, a bit for each: what is joined at every action must cost nothing. */
export type MarkSet = number;

export const NO_MARKS: MarkSet = 0;

const LISTS: readonly (readonly Mark[])[] = Array.from({ length: 1 << MARKS.length }, (_, set) =>
  MARKS.filter((_mark, i) => (set & (1 << i)) !== 0),
);

export function markSetOf(marks: readonly Mark[]): MarkSet {
  let set = NO_MARKS;
  for (const mark of marks) set |= 1 << MARKS.indexOf(mark);
  return set;
}

/** The same array for the same set. */
export function listOf(set: MarkSet): readonly Mark[] {
  return LISTS[set] ?? MARKS;
}

/** How many running actions may bring each mark. */
export class Expected {
  readonly #counts = MARKS.map(() => 0);
  set: MarkSet = NO_MARKS;

  add(marks: MarkSet, by: 1 | -1): void {
    for (let i = 0; i < MARKS.length; i++) {
      if ((marks & (1 << i)) === 0) continue;
      const count = (this.#counts[i] ?? 0) + by;
      this.#counts[i] = count;
      if (count > 0) this.set |= 1 << i;
      else this.set &= ~(1 << i);
    }
  }

  /** Takes over what another expected. */
  take(other: Expected): void {
    for (const [i, count] of other.#counts.entries()) this.#counts[i] = (this.#counts[i] ?? 0) + count;
    this.set |= other.set;
  }
}
