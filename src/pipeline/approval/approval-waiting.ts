import type { CancelSignal } from '../../base/cancel.ts';
import { LIMITS } from '../../base/limits.ts';

/** How long one wait may take, and what else ends it. */
interface Wait {
  readonly leftMs: number;
  readonly signal: CancelSignal;
  /** Called every `LIMITS.approvalTickMs` meanwhile. */
  tick(): void;
  /** Hears of every stop; answers how to leave. */
  listen(heard: () => void): () => void;
}

/** The calls that wait for a question. They are woken to look again, and not told what has happened. */
export class ApprovalWaiting {
  readonly #byId = new Map<string, Set<() => void>>();

  /** Resolves when this question may have moved, when a stop came, when time is over, or when the caller has gone. */
  wait(id: string, { leftMs, signal, tick, listen }: Wait): Promise<void> {
    if (leftMs <= 0 || signal.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const waiting = this.#byId.get(id) ?? new Set();
      const end = () => {
        clearTimeout(timer);
        clearInterval(ticking);
        unlisten();
        signal.removeEventListener('abort', end);
        waiting.delete(end);
        if (waiting.size === 0) this.#byId.delete(id);
        resolve();
      };
      const timer = setTimeout(end, leftMs);
      const ticking = setInterval(tick, LIMITS.approvalTickMs);
      const unlisten = listen(end);
      signal.addEventListener('abort', end);
      this.#byId.set(id, waiting.add(end));
    });
  }

  wake(id: string): void {
    for (const end of [...(this.#byId.get(id) ?? [])]) end();
  }

  wakeAll(): void {
    for (const id of [...this.#byId.keys()]) this.wake(id);
  }
}
