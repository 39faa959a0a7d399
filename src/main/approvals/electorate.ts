import type { Clock } from '../../base/clock.ts';
import type { Voter } from '../../model/approval.ts';
import type { Person } from '../../model/person.ts';
import type { Electorate } from '../../pipeline/approval/approvals.ts';
import type { Passkeys } from '../../pipeline/credentials/passkeys.ts';

interface Known {
  readonly atMs: number;
  readonly edition: number;
  readonly people: ReadonlyMap<string, Person>;
  readonly voters: ReadonlyMap<string, Voter>;
}

/** Who can answer questions: people of the set in force who are not disabled and have a passkey that is good now. */
export class HouseElectorate implements Electorate {
  readonly #passkeys: Passkeys;
  readonly #clock: Clock;
  readonly #people: () => ReadonlyMap<string, Person>;
  #known: Known | null = null;
  /** Where people open the console; null until it is open, and without `control`. */
  url: string | null = null;

  constructor(passkeys: Passkeys, clock: Clock, people: () => ReadonlyMap<string, Person>) {
    this.#passkeys = passkeys;
    this.#clock = clock;
    this.#people = people;
  }

  isClaimed(): boolean {
    return this.#passkeys.claimed;
  }

  /** A long inbox asks this of each of its rows: within a millisecond, of the same people and passkeys, it is the same. */
  voters(): ReadonlyMap<string, Voter> {
    const people = this.#people();
    const { edition } = this.#passkeys;
    const atMs = this.#clock.now();
    const known = this.#known;
    if (known !== null && known.atMs === atMs && known.edition === edition && known.people === people)
      return known.voters;
    const voters = this.#votersAmong(people.values());
    this.#known = { atMs, edition, people, voters };
    return voters;
  }

  #votersAmong(people: Iterable<Person>): ReadonlyMap<string, Voter> {
    const able = new Map<string, Voter>();
    for (const { id, roles, disabled } of people) {
      const keys = this.#passkeys.of(id).filter((passkey) => this.#passkeys.isValid(passkey));
      const enrolledBy = this.#passkeys.invitersOf(id);
      if (disabled !== true && keys.length > 0)
        able.set(id, { id, roles, ...(enrolledBy.length === 0 ? {} : { enrolledBy }) });
    }
    return able;
  }

  pageOf(approval: string): string | null {
    return this.url === null ? null : `${this.url}/approvals/${approval}`;
  }
}
