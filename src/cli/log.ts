import { ask, NotRunning, Refused, socketOf } from './instance.ts';
import { plain } from './print.ts';

/**
 * A running instance makes a checkpoint of all it has. Without one, or where it cannot (a full disk, which is said on stderr),
 * the last checkpoint stands.
 */
export async function bringUpToDate(config: string): Promise<void> {
  if (socketOf(config) === null) return;
  try {
    await ask(config, 'POST /v1/checkpoint');
  } catch (error) {
    if (error instanceof NotRunning) return;
    if (!(error instanceof Refused && error.status >= 500)) throw error;
    process.stderr.write(
      `lanyard: No new checkpoint could be made; the last one stands. ${plain(error.message)}\n`,
    );
  }
}
