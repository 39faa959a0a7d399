import { rowsOf } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print, printLine, table } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/** `people sessions`: who is signed in, the oldest session first. */
export async function run(args: Arguments): Promise<ExitCode> {
  const rows = rowsOf(await ask(configPath(args), 'GET /v1/sessions'));
  if (flag(args, 'json')) print(rows);
  else if (rows.length === 0) printLine('Nobody is signed in.');
  else
    table(
      ['session', 'person', 'from', 'at', 'since', 'last used', 'until'],
      rows.map((row) =>
        ['session', 'person', 'from', 'origin', 'opened', 'used', 'expires'].map((member) => row[member]),
      ),
    );
  return EXIT.done;
}
