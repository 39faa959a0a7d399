import { createHash } from 'node:crypto';
import { LIMITS } from '../../base/limits.ts';
import type { CellChange } from '../../store/store.ts';
import type { Channel, PushSubscription } from './reach.ts';

const CELLS = 'push';

/** Browsers that people have subscribed, by person: in memory, and in the store together with the entry that says so. */
export class Subscriptions {
  readonly #people = new Map<string, Map<string, PushSubscription>>();

  channelsOf(person: string): readonly Channel[] {
    return [...(this.#people.get(person) ?? [])].map(([id, subscription]) => ({
      id,
      kind: 'push',
      subscription,
    }));
  }

  find(person: string, id: string): PushSubscription | undefined {
    return this.#people.get(person)?.get(id);
  }

  isFull(person: string): boolean {
    return (this.#people.get(person)?.size ?? 0) >= LIMITS.browsersPerPerson;
  }

  put(person: string, subscription: PushSubscription): void {
    const all = this.#people.get(person) ?? new Map<string, PushSubscription>();
    all.set(subscriptionId(subscription), subscription);
    this.#people.set(person, all);
  }

  remove(person: string, id: string): void {
    this.#people.get(person)?.delete(id);
  }

  recall({ key, value }: { key: string; value: string }): void {
    const [person = ''] = key.split('/');
    const { endpoint, p256dh, auth } = JSON.parse(value) as Record<string, string>;
    if (endpoint === undefined || p256dh === undefined || auth === undefined) return;
    this.put(person, {
      endpoint,
      p256dh: Buffer.from(p256dh, 'base64url'),
      auth: Buffer.from(auth, 'base64url'),
    });
  }
}

export function subscriptionId({ endpoint }: PushSubscription): string {
  return `push-${createHash('sha256').update(endpoint).digest('hex').slice(0, 8)}`;
}

export function putCell(person: string, subscription: PushSubscription): CellChange {
  const { endpoint, p256dh, auth } = subscription;
  const text = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url');
  return {
    kind: CELLS,
    key: `${person}/${subscriptionId(subscription)}`,
    value: JSON.stringify({ endpoint, p256dh: text(p256dh), auth: text(auth) }),
  };
}

export const removeCell = (person: string, id: string): CellChange => ({
  kind: CELLS,
  key: `${person}/${id}`,
  value: null,
});
