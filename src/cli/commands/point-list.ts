import { rowsOf } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print, printLine, table } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/** `point list`: who may ask at the check door, and for which agents. */
export async function run(args: Arguments): Promise<ExitCode> {
  const points = rowsOf(await ask(configPath(args), 'GET /v1/points'));
  if (flag(args, 'json')) print(points);
  else if (points.length === 0) printLine('There are no points: `points` of the configuration names none.');
  else
    table(
      ['point', 'tokens', 'agents'],
      points.map((point) => [
        point['id'],
        Array.isArray(point['tokens']) ? point['tokens'].length : 0,
        point['agents'],
      ]),
    );
  return EXIT.done;
}
