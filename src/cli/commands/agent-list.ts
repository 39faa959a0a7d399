import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { orNearest } from '../../base/nearest.ts';
import { rowsOf } from '../answer.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print, printLine, printMembers, table } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/** `agent list` and `agent show ID`. */
export async function run(args: Arguments): Promise<ExitCode> {
  const agents = rowsOf(await ask(configPath(args), 'GET /v1/agents'));
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
  if (flag(args, 'json')) print(agent);
  else describe(agent);
  return EXIT.done;
}

function describe({ budgets, tokens, lease, teams, ...rest }: JsonObject): void {
  printMembers(rest);
  if (Array.isArray(teams) && teams.length > 0) printLine(`teams: ${teams.join(', ')}`);
  if (isJsonObject(lease)) {
    const { stage, since, until, frozenAt } = lease;
    printLine(`lease: ${stage}; looked at ${since}, watched from ${until}, frozen from ${frozenAt}`);
  }
  const known = rowsOf(tokens);
  if (known.length === 0) printLine('tokens: none');
  for (const { id, expiresAt } of known) printLine(`token ${id}: until ${expiresAt}`);
  for (const { id, says } of rowsOf(budgets)) printLine(`budget ${id}: ${says}`);
}

function unknownAgent(id: string, agents: readonly JsonObject[]): string {
  const ids = agents.map((agent) => String(agent['id']));
  return `There is no agent "${id}"${orNearest(id, ids)}`;
}
