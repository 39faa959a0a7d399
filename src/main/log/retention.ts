import { MINUTE_MS } from '../../base/duration.ts';
import type { House } from '../house.ts';

const EVERY_MS = 10 * MINUTE_MS;

/** Removes bodies whose time is over, now (however long nothing ran) and every ten minutes; returns what ends that. */
export function keepRetention(house: House): () => void {
  const timer = setInterval(() => void expireBodies(house), EVERY_MS);
  timer.unref();
  void expireBodies(house);
  return () => clearInterval(timer);
}

async function expireBodies({ store, clock, log }: House): Promise<void> {
  try {
    await store.expireBodies(clock.now());
  } catch (error) {
    log(`bodies whose time is over could not be removed: ${String(error)}`);
  }
}
