import { parseVerifierKey } from '../../../src/ledger/note.ts';
import { verifyBundle } from '../../../src/ledger/verify/bundle.ts';
import type { Report } from '../../../src/ledger/verify/report.ts';

export type ToVerifier =
  | { readonly begin: { readonly key?: string; readonly against?: string } }
  | { readonly chunk: Uint8Array }
  | { readonly end: true };
export type FromVerifier = { readonly report: Report } | { readonly error: string };

/** Takes a bundle as it comes in and answers once: the verifier of src/ledger over a queue of chunks. */
export class Verifier {
  readonly #answer: (message: FromVerifier) => void;
  readonly #chunks: Uint8Array[] = [];
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(answer: (message: FromVerifier) => void) {
    this.#answer = answer;
  }

  take(message: ToVerifier): void {
    if ('begin' in message) this.#begin(message.begin);
    else {
      if ('chunk' in message) this.#chunks.push(message.chunk);
      else this.#ended = true;
      this.#wake();
    }
  }

  #begin({ key, against }: { readonly key?: string; readonly against?: string }): void {
    const given = key === undefined ? undefined : parseVerifierKey(key);
    if (given?.ok === false) {
      this.#answer({ error: `That is no verifier key: ${given.error}.` });
      return;
    }
    const options = {
      deep: true,
      ...(given === undefined ? {} : { key: given.value }),
      ...(against === undefined ? {} : { against }),
    };
    verifyBundle(this.#read(), options).then(
      (report) => this.#answer({ report }),
      (fault: unknown) => this.#answer({ error: String(fault) }),
    );
  }

  async *#read(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) yield chunk;
      else if (this.#ended) return;
      else
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
    }
  }
}
