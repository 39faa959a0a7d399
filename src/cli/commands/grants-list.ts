import { rowsOf } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print, printLine, table } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/** `grants list`: what people have said yes to in advance, oldest first. */
export async function run(args: Arguments): Promise<ExitCode> {
  const rows = rowsOf(await ask(configPath(args), 'GET /v1/grants'));
  if (flag(args, 'json')) print(rows);
  else if (rows.length === 0) printLine('Nothing is granted: each question is asked.');
  else
    table(
      ['grant', 'agent', 'operation', 'on', 'used', 'until', 'by'],
      rows.map((row) => [
        row['grant'],
        row['agent'],
        row['operation'],
        Array.isArray(row['targets'])
          ? row['targets'].map((target) => Object.values(target as object).join(' ')).join(', ')
          : '',
        `${row['used']} of ${row['times']}`,
        row['expires'],
        row['person'],
      ]),
    );
  return EXIT.done;
}
