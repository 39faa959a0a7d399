import type { JsonObject } from '../../base/json.ts';
import { didYouMean, orNearest } from '../../base/nearest.ts';
import { rowsOf } from '../answer.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print, printLine, table } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/** `catalog list` and `catalog show UPSTREAM[/TOOL]`. */
export async function run(args: Arguments): Promise<ExitCode> {
  const all = rowsOf(await ask(configPath(args), 'GET /v1/catalog'));
  const [upstream, name] = splitOnce(args.words[0]);
  const rows = all.filter(
    (row) =>
      (upstream === undefined || row['upstream'] === upstream) &&
      (name === undefined || row['name'] === name),
  );
  if (upstream !== undefined && rows.length === 0)
    throw new CommandFailure(EXIT.failed, unknownIn(all, upstream, name));
  if (flag(args, 'json')) print(rows);
  else {
    table(
      ['upstream', 'generation', 'kind', 'name', 'risk', 'effect', 'standing', 'worst'],
      rows.map((row) => [
        row['upstream'],
        row['generation'],
        row['kind'],
        row['name'],
        row['risk'],
        row['effect'],
        row['standing'],
        row['worst'],
      ]),
    );
    for (const row of rows)
      if (row['why'] !== undefined)
        printLine(`${row['upstream']}/${row['name']} is shown to no agent: ${row['why']} (${row['code']})`);
  }
  return EXIT.done;
}

/** Of a tool the nearest of its own upstream; a list of all that there are would be one of hundreds. */
function unknownIn(rows: readonly JsonObject[], upstream: string, name: string | undefined): string {
  const textsOf = (some: readonly JsonObject[], member: string) =>
    new Set(some.map((row) => String(row[member])));
  const upstreams = textsOf(rows, 'upstream');
  if (name === undefined || !upstreams.has(upstream))
    return `Nothing is known of an upstream "${upstream}"${orNearest(upstream, upstreams)}`;
  const names = textsOf(
    rows.filter((row) => row['upstream'] === upstream),
    'name',
  );
  const near = didYouMean(name, names);
  return `Nothing is known of "${name}" at ${upstream}; ${near ?? `see ./lanyard catalog show ${upstream}.`}`;
}

/** UPSTREAM[/TOOL], also as the log and rules write it, `mcp:UPSTREAM/TOOL`: no upstream's id has a colon. */
export function splitOnce(given: string | undefined): [string | undefined, string | undefined] {
  if (given === undefined) return [undefined, undefined];
  const word = given.replace(/^mcp:/, '');
  const slash = word.indexOf('/');
  return slash < 0 ? [word, undefined] : [word.slice(0, slash), word.slice(slash + 1)];
}
