import { closeSync, openSync, writeSync } from 'node:fs';
import { textOf } from '../answer.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import type { Arguments } from '../read-arguments.ts';

/**
 * `enrol [PERSON]`: a code for the first passkey, an admin's. It goes to the controlling terminal and nowhere else, so
 * that no pipe, file or log has it.
 */
export async function run(args: Arguments): Promise<ExitCode> {
  const config = configPath(args);
  const terminal = openTerminal();
  try {
    const [person] = args.words;
    const made = await ask(config, 'POST /v1/enrol-code', person === undefined ? {} : { person });
    const place = textOf(made, 'place');
    writeSync(
      terminal,
      `Open ${place}/enrol in your browser and make a passkey for ${textOf(made, 'person')} with this code:\n\n    ${textOf(made, 'code')}\n\nIt is good once, for ten minutes. Afterwards everything is frozen until you have confirmed or undone what was done\nwhile nobody could sign (the console shows it, ./lanyard confirm too), and released it.\n`,
    );
  } finally {
    closeSync(terminal);
  }
  return EXIT.done;
}

function openTerminal(): number {
  try {
    return openSync('/dev/tty', 'w');
  } catch {
    throw new CommandFailure(
      EXIT.failed,
      'A code is written to a terminal and nowhere else, and this command has none. Run it by hand, in a terminal.',
    );
  }
}
