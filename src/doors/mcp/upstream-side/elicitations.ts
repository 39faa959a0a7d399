import type { JsonObject } from '../../../base/json.ts';
import { LIMITS } from '../../../base/limits.ts';

/** One address that a person is asked to open. */
export interface Elicitation {
  /** How the client learns that it is done; null: nobody went there. */
  settle(tell: (() => void) | null): void;
}

/**
 * The addresses that one server sends people to, by ids of its own (2025-11-25 Elicitation, "Completion Notifications"). Its
 * word that one is done goes to the client that was asked, once, and never with its id: that one is told its own.
 */
export class Elicitations {
  /** Null: the client has not answered yet, and `isDone` keeps what came before. */
  readonly #open = new Map<string, { tell: (() => void) | null; isDone: boolean }>();

  /** Null where what is asked sends nobody anywhere, or says no id. */
  expect(method: string, { mode, elicitationId: id }: JsonObject): Elicitation | null {
    if (method !== 'elicitation/create' || mode !== 'url') return null;
    if (typeof id !== 'string' || id === '' || id.length > LIMITS.callerNameLength) return null;
    const one = { tell: null as (() => void) | null, isDone: false };
    this.#open.delete(id);
    this.#open.set(id, one);
    for (const oldest of this.#open.keys()) {
      if (this.#open.size <= LIMITS.elicitationsPerSession) break;
      this.#open.delete(oldest);
    }
    return {
      settle: (tell) => {
        one.tell = tell;
        if (this.#open.get(id) !== one || (tell !== null && !one.isDone)) return;
        this.#open.delete(id);
        tell?.();
      },
    };
  }

  complete({ elicitationId: id }: JsonObject): void {
    const one = typeof id === 'string' ? this.#open.get(id) : undefined;
    if (typeof id !== 'string' || one === undefined) return;
    one.isDone = true;
    if (one.tell === null) return;
    this.#open.delete(id);
    one.tell();
  }
}
