import type { JsonObject } from '../../base/json.ts';
import { inventoryOffline } from '../../main/lab/offline.ts';
import { unknownAgent, unknownUpstream } from '../../main/unknown.ts';
import { WAY_OUT } from '../../model/action.ts';
import { linesOf, objectOf, rowsOf } from '../answer.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask, NotRunning } from '../instance.ts';
import { inventoryText } from '../inventory-text.ts';
import { configPath } from '../place.ts';
import { print, printLine } from '../print.ts';
import { type Arguments, flag, option } from '../read-arguments.ts';

/** `inventory`: from the running instance, else from the files of one that does not run. */
export async function run(args: Arguments): Promise<ExitCode> {
  const found = await take(configPath(args));
  const [agent, upstream] = [option(args, 'agent'), option(args, 'upstream')];
  mustBeKnown(agent, upstream, found);
  const rows = rowsOf(found['rows']).filter(
    (row) =>
      (agent === undefined || row['agent'] === agent) &&
      (upstream === undefined || row['upstream'] === upstream),
  );
  const unseen = linesOf(found, 'unseen').filter((id) => upstream === undefined || id === upstream);
  const shown = { ...found, rows, unseen };
  if (flag(args, 'json')) print(shown);
  else for (const line of inventoryText(shown)) printLine(line);
  return EXIT.done;
}

/** A mistyped name must not read like one that can do nothing. Every agent has the way out, every upstream its resources. */
function mustBeKnown(agent: string | undefined, upstream: string | undefined, found: JsonObject): void {
  const rows = rowsOf(found['rows']);
  const named = (key: string) => new Set(rows.map((row) => String(row[key])));
  const upstreams = [...named('upstream'), ...linesOf(found, 'unseen')].filter((id) => id !== WAY_OUT);
  const unknown =
    (agent === undefined ? null : unknownAgent(agent, named('agent'))) ??
    (upstream === undefined || upstream === WAY_OUT ? null : unknownUpstream(upstream, upstreams));
  if (unknown !== null) throw new CommandFailure(EXIT.failed, unknown.sentence);
}

async function take(config: string): Promise<JsonObject> {
  try {
    return objectOf(await ask(config, 'GET /v1/inventory'));
  } catch (error) {
    if (!(error instanceof NotRunning)) throw error;
    return inventoryOffline(config, process.env);
  }
}
