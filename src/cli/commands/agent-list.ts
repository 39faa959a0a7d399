import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { orNearest } from '../../base/nearest.ts';
import { agentText } from '../agent-text.ts';
import { objectOf, rowsOf } from '../answer.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print, printLine, table } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';
import { whyStopped } from '../stopped-by.ts';

/** `agent list` and `agent show ID`. */
export async function run(args: Arguments): Promise<ExitCode> {
  const config = configPath(args);
  const agents = rowsOf(await ask(config, 'GET /v1/agents'));
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
          Array.isArray(agent['tokens']) ? agent['tokens'].length : 0,
          agent['purpose'],
        ]),
      );
    return EXIT.done;
  }
  const agent = agents.find((one) => one['id'] === id);
  if (agent === undefined) throw new CommandFailure(EXIT.failed, unknownAgent(id, agents));
  if (flag(args, 'json')) {
    print(agent);
    return EXIT.done;
  }
  const levels = objectOf(await ask(config, 'GET /v1/status'))['levels'];
  const own = [`agent:${id}`, `owner:${String(agent['owner'])}`, 'all'];
  const scopes = isJsonObject(levels) ? own.filter((scope) => Object.hasOwn(levels, scope)) : [];
  for (const line of agentText(agent, [...(await whyStopped(config, scopes)).values()])) printLine(line);
  return EXIT.done;
}

function unknownAgent(id: string, agents: readonly JsonObject[]): string {
  const ids = agents.map((agent) => String(agent['id']));
  return `There is no agent "${id}"${orNearest(id, ids)}`;
}
