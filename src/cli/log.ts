import { ask, NotRunning, socketOf } from './instance.ts';

/** A running instance makes a checkpoint of all it has; without one the last checkpoint stands, made when it stopped. */
export async function bringUpToDate(config: string): Promise<void> {
  if (socketOf(config) === null) return;
  try {
    await ask(config, 'POST /v1/checkpoint');
  } catch (error) {
    if (!(error instanceof NotRunning)) throw error;
  }
}
