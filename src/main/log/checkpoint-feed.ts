import type { CheckpointRow, NewEntry, Store } from '../../store/store.ts';

/** Told of a checkpoint once it is durable, and of none that might not be. Must return at once. */
type OnCheckpoint = (checkpoint: CheckpointRow) => void;
/** Told that these entries are durable. Must return at once. */
type OnEntries = (entries: readonly NewEntry[]) => void;

/** Tells of what goes into a store: from outside, so that neither store nor recorder knows of it. */
export class CheckpointFeed {
  #onCheckpoint: OnCheckpoint = () => undefined;
  readonly #onEntries: OnEntries[] = [];

  constructor(store: Store) {
    const append = store.append.bind(store);
    store.append = async (batch) => {
      await append(batch);
      for (const tell of this.#onEntries) tell(batch.entries);
      if (batch.checkpoint !== undefined) this.#onCheckpoint(batch.checkpoint);
    };
  }

  listen(listener: OnCheckpoint): void {
    this.#onCheckpoint = listener;
  }

  /** For whoever would otherwise look at the log again and again. */
  listenToEntries(listener: OnEntries): void {
    this.#onEntries.push(listener);
  }
}
