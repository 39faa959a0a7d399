import type { AppendBatch, BodyPart, EntryFilter, NewestSearch, Store } from '../../src/store/store.ts';

/**
 * What an append may do instead of its work. `fail`: nothing is kept. `fail-kept`: kept, and the answer is lost (S3).
 * `hold`: waits before anything is kept until it is released. `hold-kept`: kept, and waits before it answers.
 */
export type AppendFault = 'fail' | 'fail-kept' | 'hold' | 'hold-kept';

/** Which append fails how: the first append is 1. */
type FaultPlan = ReadonlyMap<number, AppendFault>;

/** An append that waits. */
export interface Held {
  readonly batch: AppendBatch;
  release(): void;
}

/** The fault that `fail` and `fail-kept` reject with. */
export class StoreFault extends Error {
  override readonly name = 'StoreFault';
}

/** A real store whose appends go wrong as planned. Tests of the corridor use it; it changes nothing else. */
export class FaultyStore implements Store {
  readonly #inner: Store;
  readonly #plan: Map<number, AppendFault>;
  readonly #byKind = new Map<string, AppendFault>();
  readonly #beforeCells = new Map<string, () => Promise<unknown>>();
  readonly #held: Held[] = [];
  readonly #waiting: ((held: Held) => void)[] = [];
  /** How many appends have been called. */
  appends = 0;
  /** While true every call but `close` rejects: the store is out of reach. */
  isDown = false;

  constructor(inner: Store, plan: FaultPlan = new Map()) {
    this.#inner = inner;
    this.#plan = new Map(plan);
  }

  /** Plans the fault of the next append, or of the next one with an entry of this kind: a checkpoint may come between. */
  faultNext(fault: AppendFault, kind?: string): void {
    if (kind === undefined) this.#plan.set(this.appends + 1, fault);
    else this.#byKind.set(kind, fault);
  }

  /** Does this once, right before these cells are read the next time: what comes between two readings. */
  beforeCells(kind: string, does: () => Promise<unknown>): void {
    this.#beforeCells.set(kind, does);
  }

  /** Resolves with the next append that is held, or one that is held already and was not yet asked for. */
  held(): Promise<Held> {
    const already = this.#held.shift();
    if (already !== undefined) return Promise.resolve(already);
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  async append(batch: AppendBatch): Promise<void> {
    this.appends++;
    const fault = this.#plan.get(this.appends) ?? this.#kindFault(batch);
    this.#reach();
    if (fault === 'fail') throw new StoreFault('the planned fault: nothing was kept');
    if (fault === 'hold') await this.#hold(batch);
    await this.#inner.append(batch);
    if (fault === 'hold-kept') await this.#hold(batch);
    if (fault === 'fail-kept') throw new StoreFault('the planned fault: the answer was lost');
  }

  async size(): Promise<number> {
    this.#reach();
    return this.#inner.size();
  }

  async lastCheckpoint() {
    this.#reach();
    return this.#inner.lastCheckpoint();
  }

  async *entries(from: number, to: number) {
    this.#reach();
    yield* this.#inner.entries(from, to);
  }

  async newest(search: NewestSearch) {
    this.#reach();
    return this.#inner.newest(search);
  }

  async *find(filter: EntryFilter) {
    this.#reach();
    yield* this.#inner.find(filter);
  }

  async body(action: string, part: BodyPart) {
    this.#reach();
    return this.#inner.body(action, part);
  }

  async expireBodies(nowMs: number): Promise<number> {
    this.#reach();
    return this.#inner.expireBodies(nowMs);
  }

  async cell(kind: string, key: string): Promise<string | null> {
    this.#reach();
    return this.#inner.cell(kind, key);
  }

  async cells(kind: string) {
    this.#reach();
    const does = this.#beforeCells.get(kind);
    this.#beforeCells.delete(kind);
    await does?.();
    return this.#inner.cells(kind);
  }

  close(): Promise<void> {
    return this.#inner.close();
  }

  #kindFault(batch: AppendBatch): AppendFault | undefined {
    const kind = batch.entries.map((entry) => entry.kind).find((one) => this.#byKind.has(one));
    if (kind === undefined) return undefined;
    const fault = this.#byKind.get(kind);
    this.#byKind.delete(kind);
    return fault;
  }

  #reach(): void {
    if (this.isDown) throw new StoreFault('the store is down, as planned');
  }

  #hold(batch: AppendBatch): Promise<void> {
    return new Promise((release) => {
      const held: Held = { batch, release };
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#held.push(held);
      else waiting(held);
    });
  }
}

export function faulty(store: Store, plan: FaultPlan = new Map()): FaultyStore {
  return new FaultyStore(store, plan);
}
