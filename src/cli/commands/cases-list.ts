import { rowsOf } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print, printLine, table } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/** `cases list`: what stops and trips left to look into, open ones first. */
export async function run(args: Arguments): Promise<ExitCode> {
  const rows = rowsOf(await ask(configPath(args), 'GET /v1/cases'));
  if (flag(args, 'json')) print(rows);
  else if (rows.length === 0) printLine('There are no cases: nothing was ever stopped.');
  else
    table(
      ['case', 'level', 'opened', 'closed', 'scope'],
      rows.map((row) => [row['case'], row['level'], row['opened'], row['closed'] ?? 'open', row['scope']]),
    );
  return EXIT.done;
}
