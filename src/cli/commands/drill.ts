import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { objectOf } from '../answer.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { plain, print, printLine, table } from '../print.ts';
import { type Arguments, flag, option } from '../read-arguments.ts';
import { levelWord, scopeWord } from '../scope-word.ts';

/** `drill agent:ID`: exits 3 where the stop did not hold somewhere. Only agents can be drilled, at what cuts. */
export async function run(args: Arguments): Promise<ExitCode> {
  const what = scopeWord(args.words[0] ?? '');
  if (!what.startsWith('agent:'))
    throw new CommandFailure(
      EXIT.usage,
      `"${plain(what)}" cannot be drilled: a drill rehearses the stop of one agent on canaries; say agent:ID.`,
    );
  const level = levelWord(option(args, 'level') ?? 'frozen', ['frozen', 'killed'], 'drill');
  const body = { what, level };
  const answer = objectOf(await ask(configPath(args), 'POST /v1/drill', body));
  if (flag(args, 'json')) print(answer);
  else tell(answer);
  return answer['held'] === true ? EXIT.done : EXIT.denied;
}

function tell(answer: JsonObject): void {
  const rows = (member: string) => {
    const list = answer[member];
    return (Array.isArray(list) ? list : []).filter(isJsonObject);
  };
  table(
    ['what', 'where', 'last effect', 'held'],
    rows('things').map(({ kind, name, ms, held }) => [
      kind,
      name,
      ms !== null ? `${String(ms)} ms` : kind === 'secret' ? '' : 'had not ended',
      held === true ? 'yes' : 'NO',
    ]),
  );
  for (const { what, why } of rows('notTried')) printLine(`Not tried: ${String(what)} (${String(why)}).`);
  const { held, agent, level, ms, report } = answer;
  printLine(
    held === true
      ? `The stop held everywhere: ${String(agent)}, ${String(level)}, last effect after ${String(ms)} ms. Nothing needs to be released.`
      : `The stop of ${String(agent)} (${String(level)}) did NOT hold everywhere. Nothing needs to be released; look at the lines that say NO.`,
  );
  printLine(`Signed report: ${String(report)}`);
}
