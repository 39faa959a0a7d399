import type { Problem } from '../base/errors.ts';

/** Says, synchronously and now, why nothing may run; null when it may. */
type HaltCheck = () => Problem | null;

let enliven: (pass: PassValue) => void;
let take: (pass: PassValue, digest: string) => Problem | null;

/**
 * Permission to execute one action once. Only the corridor makes one, after the record is durable. A class with `#private`
 * fields is nominal, it is exported as a type only, and none is live by being constructed: a look-alike object is no pass.
 */
class PassValue {
  readonly #digest: string;
  readonly #halted: HaltCheck;
  #isLive = false;

  constructor(digest: string, halted: HaltCheck) {
    this.#digest = digest;
    this.#halted = halted;
  }

  // For this module alone: a static method could be had from any pass, by its constructor.
  static {
    enliven = (pass) => {
      pass.#isLive = true;
    };
    take = (pass, digest) => {
      if (!(#isLive in pass && pass.#isLive))
        throw new Error('a pass was offered that is not live: never issued, or spent already');
      pass.#isLive = false;
      if (pass.#digest !== digest)
        throw new Error('a pass was offered for another action than it was made for');
      return pass.#halted();
    };
  }
}
export type Pass = PassValue;

/** For act.ts, go-on.ts and clear.ts alone (tests/floorplan.test.ts): call it only when the record of the decision is durable. */
export function issuePass(digest: string, halted: HaltCheck): Pass {
  const pass = new PassValue(digest, halted);
  enliven(pass);
  return pass;
}

/**
 * Spends a pass. Upstream clients call this synchronously in the tick in which the first byte leaves, and send only
 * when it answers null: this is the last look at the halt switch. A pass is spent by being offered, whatever the answer.
 */
export function spend(pass: Pass, digest: string): Problem | null {
  return take(pass, digest);
}
