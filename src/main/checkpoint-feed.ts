import type { CheckpointRow, Store } from '../store/store.ts';

/** Told of a checkpoint once it is durable, and of none that might not be. Must return at once. */
export type OnCheckpoint = (checkpoint: CheckpointRow) => void;

/** Tells of the checkpoints that go into a store: from outside, so that neither store nor recorder knows of it. */
export class CheckpointFeed {
  #listener: OnCheckpoint = () => undefined;

  constructor(store: Store) {
    const append = store.append.bind(store);
    store.append = async (batch) => {
      await append(batch);
      if (batch.checkpoint !== undefined) this.#listener(batch.checkpoint);
    };
  }

  listen(listener: OnCheckpoint): void {
    this.#listener = listener;
  }
}
