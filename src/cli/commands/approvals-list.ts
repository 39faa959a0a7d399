import { rowsOf } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print, printLine, table } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/** `approvals list`: what waits for people, oldest first. */
export async function run(args: Arguments): Promise<ExitCode> {
  const rows = rowsOf(await ask(configPath(args), 'GET /v1/approvals'));
  if (flag(args, 'json')) print(rows);
  else if (rows.length === 0) printLine('Nothing waits for a person.');
  else
    table(
      ['question', 'state', 'open until', 'agent', 'operation', 'who may answer'],
      rows.map((row) => [
        row['approval'],
        row['state'],
        row['expires'],
        row['agent'],
        row['operation'],
        row['people'],
      ]),
    );
  return EXIT.done;
}
