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
    if (trace === null) throw new CommandFailure(EXIT.failed, noActionOf(id, await store.size()));
    if (flag(args, 'json')) print(trace);
    else for (const line of traceText(trace)) printLine(line);
    return EXIT.done;
  } finally {
    await close();
  }
}

/** `entries`: how many there are. */
function noActionOf(named: string, entries: number): string {
  const lists = './lanyard log show lists them.';
  if (!/^\d+$/.test(named)) return `There is no action "${named}" in the log; ${lists}`;
  if (Number(named) < entries) return `Entry ${named} is not about an action; ${lists}`;
  return `There is no entry ${named} in the log, which has ${entries}; ${lists}`;
}
