import { type Problem, problem } from '../../base/errors.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Statement, StoredProof } from '../../contract/statement.ts';

/**
 * A person's fresh assertion, verified: signature, origin, relying party, counter, user verification, expiry. Only
 * control/ makes one (tests/floorplan.test.ts); it is bound to its statement and good once.
 */
export class Proof {
  readonly #stored: StoredProof;
  #spent = false;

  private constructor(stored: StoredProof) {
    this.#stored = stored;
  }

  static of(stored: StoredProof): Proof {
    return new Proof(stored);
  }

  get statement(): Statement {
    return this.#stored.statement;
  }

  /** What the log keeps; refused where the proof was spent, or is of something else. */
  spend(expected: Partial<Statement>, nowMs: number): Result<StoredProof, Problem> {
    const { statement } = this.#stored;
    if (this.#spent) return err(problem('SIGNATURE_USED'));
    if (Date.parse(statement.expiry) <= nowMs) return err(problem('SIGNATURE_LATE'));
    for (const [member, value] of Object.entries(expected)) {
      if (statement[member as keyof Statement] !== value) return err(problem('SIGNED_OTHERWISE'));
    }
    this.#spent = true;
    return ok(this.#stored);
  }
}

/** Only for what has verified the assertion. */
export function issueProof(stored: StoredProof): Proof {
  return Proof.of(stored);
}
