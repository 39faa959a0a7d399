import { minuteOf } from '../../base/duration.ts';
import { problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Attempt } from '../../model/action.ts';
import type { Answer } from '../ports/answer.ts';
import type { CallControl, Generation } from '../ports/call.ts';
import type { Listener, ListKind, OpenListener } from '../ports/listener.ts';
import { Subscription } from './subscription.ts';

/** Digests of what an agent is shown, one for each kind of list. */
export type Shown = Readonly<Record<ListKind, string>>;

/** What a listener asks of whoever keeps it. */
export interface ListenerKeeper {
  act(attempt: Attempt, generation: Generation, control: CallControl): Promise<Answer>;
  /** Subscriptions of one agent, over all its listeners. */
  subscriptionsOf(agent: string): number;
  /** Whether the agent may be told now of what it is subscribed to: that is a read, by the rules in force now. */
  mayBeTold(open: AttachedListener, attempt: Attempt): 'now' | 'after the stop' | 'never';
  close(open: AttachedListener): void;
}

/** One listener with what it is subscribed to. */
export class AttachedListener implements OpenListener {
  readonly listener: Listener;
  /** What it was shown when it was last told; null where it does not want to know. */
  shown: Shown | null = null;
  readonly #keeper: ListenerKeeper;
  readonly #subscriptions = new Map<string, Subscription>();
  /** What changed while it was stopped: told once that is over. */
  readonly #missed = new Set<Subscription>();
  #asking = 0;
  #closed = false;
  #minute = -1;
  #messages = 0;

  constructor(listener: Listener, keeper: ListenerKeeper) {
    this.listener = listener;
    this.#keeper = keeper;
  }

  /** Subscriptions that stand or are asked for. */
  get size(): number {
    return this.#subscriptions.size + this.#asking;
  }

  hasRoomForMessage(nowMs: number): boolean {
    const minute = minuteOf(nowMs);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#messages = 0;
    }
    return ++this.#messages <= LIMITS.messagesPerMinute;
  }

  async subscribe(attempt: Attempt, asked: string, control: CallControl): Promise<Answer> {
    const { caller, generation } = this.listener;
    if (this.#keeper.subscriptionsOf(caller.agent) >= LIMITS.subscriptionsPerAgent) {
      const limit = LIMITS.subscriptionsPerAgent;
      return { kind: 'refused', problem: problem('TOO_MANY_SUBSCRIPTIONS', { limit }) };
    }
    const subscription = new Subscription(attempt, asked, {
      onUpdate: (one) => this.#tell(one),
      onLost: (one) => this.#lose(one),
    });
    this.#asking++;
    const answer = await this.#keeper.act(attempt, generation, {
      ...onlySignal(control),
      watch: subscription,
    });
    this.#asking--;
    if (answer.kind !== 'result' || this.#closed) {
      subscription.end();
      return answer;
    }
    this.#subscriptions.get(asked)?.end();
    this.#subscriptions.set(asked, subscription);
    // After the answer: a client that is told before it knows that it is subscribed would not know of what.
    setImmediate(() => subscription.begin());
    return { kind: 'result', action: answer.action, result: {} };
  }

  unsubscribe(asked: string): void {
    for (const one of this.#missed) if (one.asked === asked) this.#missed.delete(one);
    this.#subscriptions.get(asked)?.end();
    this.#subscriptions.delete(asked);
  }

  tellMissed(): void {
    for (const one of [...this.#missed]) {
      this.#missed.delete(one);
      this.#tell(one);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const subscription of this.#subscriptions.values()) subscription.end();
    this.#subscriptions.clear();
    this.#missed.clear();
    this.#keeper.close(this);
  }

  end(): void {
    if (this.#closed) return;
    this.close();
    this.listener.end();
  }

  #tell(subscription: Subscription): void {
    if (this.#closed) return;
    const may = this.#keeper.mayBeTold(this, subscription.attempt);
    // Looking may have ended it.
    if (this.#closed) return;
    if (may === 'after the stop') this.#missed.add(subscription);
    if (may === 'now') this.listener.tell('notifications/resources/updated', { uri: subscription.asked });
  }

  /**
   * 2026-07-28 has an end for a subscription: the client then listens anew. The older generation has none: its client is
   * told once more that the resource changed, so that it reads it again, and that is all it can be told.
   */
  #lose(subscription: Subscription): void {
    if (this.#closed || this.#subscriptions.get(subscription.asked) !== subscription) return;
    if (this.listener.generation === '2026') {
      this.end();
      return;
    }
    this.unsubscribe(subscription.asked);
    this.#tell(subscription);
  }
}

function onlySignal({ signal }: CallControl): CallControl {
  return { signal };
}
