import type { Voter } from '../model/approval.ts';
import type { Person } from '../model/person.ts';
import type { Electorate } from '../pipeline/approvals.ts';
import type { Passkeys } from '../pipeline/passkeys.ts';

/** Who can answer questions: people of the set in force who are not disabled and have a passkey that is good now. */
export class HouseElectorate implements Electorate {
  readonly #passkeys: Passkeys;
  readonly #people: () => Iterable<Person>;
  /** Where people open the console; null until it is open, and without `control`. */
  url: string | null = null;

  constructor(passkeys: Passkeys, people: () => Iterable<Person>) {
    this.#passkeys = passkeys;
    this.#people = people;
  }

  isClaimed(): boolean {
    return this.#passkeys.claimed;
  }

  voters(): ReadonlyMap<string, Voter> {
    const able = new Map<string, Voter>();
    for (const { id, roles, disabled } of this.#people()) {
      const keys = this.#passkeys.of(id).filter((passkey) => this.#passkeys.isValid(passkey));
      const enrolledBy = this.#passkeys.inviterOf(id);
      if (disabled !== true && keys.length > 0)
        able.set(id, { id, roles, ...(enrolledBy === undefined ? {} : { enrolledBy }) });
    }
    return able;
  }

  pageOf(approval: string): string | null {
    return this.url === null ? null : `${this.url}/approvals/${approval}`;
  }
}
