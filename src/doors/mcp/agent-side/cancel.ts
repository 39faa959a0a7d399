import { ENDING } from '../../../pipeline/ports/call.ts';

/**
 * An abort signal that is made when it is first asked for. Every request could be cancelled, few are, and many are
 * answered before anything listens.
 */
export class Cancel {
  #controller: AbortController | null = null;
  #aborted = false;
  #reason: Error | undefined;

  get aborted(): boolean {
    return this.#aborted;
  }

  get signal(): AbortSignal {
    if (this.#controller === null) {
      this.#controller = new AbortController();
      if (this.#aborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Whether whoever asked waits no more. */
  get isUnheard(): boolean {
    return this.#aborted && this.#reason !== ENDING;
  }

  abort(reason?: Error): void {
    if (this.#aborted) return;
    this.#aborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
