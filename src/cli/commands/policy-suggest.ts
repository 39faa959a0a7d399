import type { JsonObject } from '../../base/json.ts';
import { suggestOffline } from '../../main/lab/offline.ts';
import { objectOf, textOf } from '../answer.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask, NotRunning } from '../instance.ts';
import { configPath } from '../place.ts';
import { print, printText } from '../print.ts';
import { type Arguments, flag, option } from '../read-arguments.ts';
import { sinceMsOf } from '../since.ts';

/** `policy suggest`: asks the running instance, or looks at the files of one that does not run. Changes nothing. */
export async function run(args: Arguments): Promise<ExitCode> {
  const agent = option(args, 'agent');
  const since = option(args, 'since');
  if (agent === undefined || since === undefined)
    throw new CommandFailure(EXIT.usage, 'Name the agent and the time: --agent ID --since 2h.');
  const found = await suggested(configPath(args), agent, sinceMsOf(since));
  if (flag(args, 'json')) print(found);
  else printText(textOf(found, 'text').trimEnd());
  return EXIT.done;
}

async function suggested(config: string, agent: string, sinceMs: number): Promise<JsonObject> {
  try {
    return objectOf(await ask(config, 'POST /v1/suggest', { agent, sinceMs }));
  } catch (error) {
    if (!(error instanceof NotRunning)) throw error;
  }
  const found = await suggestOffline(config, process.env, agent, sinceMs);
  if ('sentence' in found) throw new CommandFailure(EXIT.failed, found.sentence);
  return objectOf(JSON.parse(JSON.stringify(found)));
}
