import { traceAction } from '../../main/evidence/trace.ts';
import { openLogFiles } from '../../main/log/log-files.ts';
import { stateOf } from '../../main/log/state-of.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { configPath } from '../place.ts';
import { print, printLine } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';
import { traceText } from '../trace-text.ts';

/** `log trace ACTION-ID`: what led to an effect, from the log and what is kept beside it; needs no instance. */
export async function run(args: Arguments): Promise<ExitCode> {
  const config = configPath(args);
  const id = args.words[0] ?? '';
  const { store, close } = await openLogFiles(config);
  try {
    const trace = await traceAction(store, { configPath: config, state: stateOf(config).path }, id);
    if (trace === null)
      throw new CommandFailure(
        EXIT.failed,
        `There is no action "${id}" in the log; ./lanyard log show lists them.`,
      );
    if (flag(args, 'json')) print(trace);
    else for (const line of traceText(trace)) printLine(line);
    return EXIT.done;
  } finally {
    await close();
  }
}
