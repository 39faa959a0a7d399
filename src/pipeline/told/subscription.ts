import { LIMITS } from '../../base/limits.ts';
import type { Attempt } from '../../model/action.ts';
import type { Watch } from '../ports/call.ts';

/** What becomes of what a subscription hears. */
interface SubscriptionEvents {
  /** It changed: tell whoever may still hear of it. */
  onUpdate(subscription: Subscription): void;
  onLost(subscription: Subscription): void;
}

/**
 * One subscription of one client to one resource. Its upstream may say as often as it likes that the resource changed:
 * that is told at once, and then at most every LIMITS.updateGapMs, so that a flood costs no memory and hides no change.
 */
export class Subscription implements Watch {
  /** The attempt that was let through; it is decided again whenever something is told. */
  readonly attempt: Attempt;
  /** The URI as the client wrote it. */
  readonly asked: string;
  readonly #events: SubscriptionEvents;
  readonly #ending = new AbortController();
  #live = false;
  #isDue = false;
  #isLost = false;
  #gap: NodeJS.Timeout | null = null;

  constructor(attempt: Attempt, asked: string, events: SubscriptionEvents) {
    this.attempt = attempt;
    this.asked = asked;
    this.#events = events;
  }

  get ended(): AbortSignal {
    return this.#ending.signal;
  }

  /** Its client has been told that it stands: what came meanwhile is due. */
  begin(): void {
    this.#live = true;
    if (this.#isDue) this.updated();
    if (this.#isLost) this.#events.onLost(this);
  }

  updated(): void {
    if (this.ended.aborted) return;
    this.#isDue = true;
    if (!this.#live || this.#gap !== null) return;
    this.#isDue = false;
    this.#gap = setTimeout(() => {
      this.#gap = null;
      if (this.#isDue) this.updated();
    }, LIMITS.updateGapMs);
    this.#gap.unref();
    this.#events.onUpdate(this);
  }

  lost(): void {
    if (this.ended.aborted) return;
    this.#isLost = true;
    if (this.#live) this.#events.onLost(this);
  }

  end(): void {
    if (this.#gap !== null) clearTimeout(this.#gap);
    this.#ending.abort();
  }
}
