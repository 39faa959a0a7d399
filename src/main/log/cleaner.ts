import { createRedactor, type Redactor } from '../../pipeline/recording/redact.ts';
import { createScrubber, type Scrubber } from '../../pipeline/recording/scrub.ts';
import type { ResolvedSet } from '../in-force/resolve-set.ts';

/**
 * Scrubs and redacts by the set in force. A secret that was in force once may still come back out of an upstream or a file,
 * so none is forgotten while the instance runs.
 */
export class Cleaner implements Scrubber, Redactor {
  readonly #secrets: Set<string>;
  #scrubber: Scrubber;
  #redactor: Redactor;

  constructor({ secrets, set }: ResolvedSet) {
    this.#secrets = new Set(secrets);
    this.#scrubber = createScrubber(secrets);
    this.#redactor = createRedactor(set.configuration.redact);
  }

  take({ secrets, set }: ResolvedSet): void {
    for (const secret of secrets) this.#secrets.add(secret);
    this.#scrubber = createScrubber(this.#secrets);
    this.#redactor = createRedactor(set.configuration.redact);
  }

  scrub(text: string): string {
    return this.#scrubber.scrub(text);
  }

  edition(): object {
    return this.#scrubber.edition();
  }

  redact(text: string): string {
    return this.#redactor.redact(text);
  }
}
