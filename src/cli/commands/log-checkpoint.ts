import { openLogFiles } from '../../main/log/log-files.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { bringUpToDate } from '../log.ts';
import { configPath } from '../place.ts';
import type { Arguments } from '../read-arguments.ts';

/** `log checkpoint`: the newest signed note, made anew where an instance runs. */
export async function run(args: Arguments): Promise<ExitCode> {
  const config = configPath(args);
  await bringUpToDate(config);
  const { store, close } = await openLogFiles(config);
  try {
    const checkpoint = await store.lastCheckpoint();
    if (checkpoint === null) throw new CommandFailure(EXIT.failed, 'There is no checkpoint yet.');
    process.stdout.write(checkpoint.note);
    return EXIT.done;
  } finally {
    await close();
  }
}
