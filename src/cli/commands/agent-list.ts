import type { JsonObject } from '../../base/json.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print, table } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/** `agent list` and `agent show ID`. */
export async function run(args: Arguments): Promise<ExitCode> {
  const agents = (await ask(configPath(args), 'GET /v1/agents')) as unknown as JsonObject[];
  const [id] = args.words;
  if (id === undefined) {
    if (flag(args, 'json')) print(agents);
    else
      table(
        ['agent', 'owner', 'level', 'tokens', 'purpose'],
        agents.map((agent) => [
          agent['id'],
          agent['owner'],
          agent['level'],
          (agent['tokens'] as unknown[]).length,
          agent['purpose'],
        ]),
      );
    return EXIT.done;
  }
  const agent = agents.find((one) => one['id'] === id);
  if (agent === undefined)
    throw new CommandFailure(EXIT.failed, `There is no agent "${id}". See ./lanyard agent list.`);
  if (flag(args, 'json')) print(agent);
  else
    for (const [key, value] of Object.entries(agent))
      process.stdout.write(`${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}\n`);
  return EXIT.done;
}
