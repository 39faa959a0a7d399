import type { JsonObject } from '../../base/json.ts';
import { inventoryOffline } from '../../main/lab/offline.ts';
import { objectOf, rowsOf } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask, NotRunning } from '../instance.ts';
import { inventoryText } from '../inventory-text.ts';
import { configPath } from '../place.ts';
import { print, printLine } from '../print.ts';
import { type Arguments, flag, option } from '../read-arguments.ts';

/** `inventory`: from the running instance, else from the files of one that does not run. */
export async function run(args: Arguments): Promise<ExitCode> {
  const found = await take(configPath(args));
  const [agent, upstream] = [option(args, 'agent'), option(args, 'upstream')];
  const rows = rowsOf(found['rows']).filter(
    (row) =>
      (agent === undefined || row['agent'] === agent) &&
      (upstream === undefined || row['upstream'] === upstream),
  );
  if (flag(args, 'json')) print({ ...found, rows });
  else for (const line of inventoryText({ ...found, rows })) printLine(line);
  return EXIT.done;
}

async function take(config: string): Promise<JsonObject> {
  try {
    return objectOf(await ask(config, 'GET /v1/inventory'));
  } catch (error) {
    if (!(error instanceof NotRunning)) throw error;
    return inventoryOffline(config, process.env);
  }
}
