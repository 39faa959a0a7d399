/**
 * A map for what comes and goes with every call and is few at a time: found by looking through, a thousand in a
 * microsecond. V8's own Map makes a new table every few dozen deletions, as an array that shrinks and grows makes a new
 * backing store, and what was left keeps alive whatever stood in it until the next whole collection: each request then
 * outlives its call, is copied twice and moved to the old generation (measured: an eighth of all that is allocated, and
 * collections of 20 ms where 1 ms would do). So the arrays here never shrink: places are emptied and taken again.
 */
export class BriefMap<K, V> {
  readonly #keys: (K | undefined)[] = [];
  readonly #values: (V | undefined)[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  has(key: K): boolean {
    return this.#placeOf(key) >= 0;
  }

  get(key: K): V | undefined {
    const at = this.#placeOf(key);
    return at < 0 ? undefined : this.#values[at];
  }

  set(key: K, value: V): void {
    let at = this.#placeOf(key);
    if (at < 0) at = this.#size++;
    this.#keys[at] = key;
    this.#values[at] = value;
  }

  delete(key: K): boolean {
    const at = this.#placeOf(key);
    if (at < 0) return false;
    const last = --this.#size;
    this.#keys[at] = this.#keys[last];
    this.#values[at] = this.#values[last];
    this.#keys[last] = undefined;
    this.#values[last] = undefined;
    return true;
  }

  keys(): readonly K[] {
    return this.#keys.slice(0, this.#size) as K[];
  }

  /** As they are now: what is added or removed meanwhile disturbs nobody. */
  values(): readonly V[] {
    return this.#values.slice(0, this.#size) as V[];
  }

  #placeOf(key: K): number {
    for (let at = 0; at < this.#size; at++) if (this.#keys[at] === key) return at;
    return -1;
  }
}
