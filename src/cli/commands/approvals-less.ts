import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { objectOf, rowsIn } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print, printLine } from '../print.ts';
import { type Arguments, flag, option } from '../read-arguments.ts';

/** `approvals less`: how the rules that ask would ask less, and what that would have let pass; `--yes` takes it. */
export async function run(args: Arguments): Promise<ExitCode> {
  const [approval = ''] = args.words;
  const shown = option(args, 'yes');
  if (shown !== undefined) {
    const taken = objectOf(await ask(configPath(args), 'POST /v1/ask-less', { approval, shown }));
    for (const line of takenText(taken)) printLine(line);
    return EXIT.done;
  }
  const view = objectOf(await ask(configPath(args), 'POST /v1/less', { approval }));
  if (flag(args, 'json')) print(view);
  else for (const line of viewText(view)) printLine(line);
  return view['refused'] === null ? EXIT.done : EXIT.denied;
}

function viewText(view: JsonObject): string[] {
  if (view['refused'] !== null) return [String(view['refused'])];
  const passed = isJsonObject(view['passed']) ? view['passed'] : {};
  const actions = rowsIn(passed['actions']);
  return [
    'Nothing of this is in force. It is the least that would not ask about this again:',
    ...rowsIn(view['rules']).flatMap(rowText),
    '',
    `Since ${view['since']} it would have let ${passed['count']} ${passed['count'] === 1 ? 'attempt' : 'attempts'} of ${view['agent']} pass that ${passed['count'] === 1 ? 'was' : 'were'} held or denied:`,
    `  people had approved ${passed['approved']} of them and refused ${passed['refused']};` +
      ` ${passed['strangers']} came from sessions that had read what strangers wrote`,
    ...actions.slice(0, SHOWN).map(({ action, at, said }) => `  ${at} ${action}${SAID[String(said)] ?? ''}`),
    ...(actions.length > SHOWN ? [`  and ${actions.length - SHOWN} more (--json)`] : []),
    ...(view['stillHeld'] === 0
      ? []
      : [`${view['stillHeld']} others would have been held or denied all the same.`]),
    ...rowsIn(view['unknown']).map(({ why, count }) => `${count} cannot be told: ${why}`),
    `At worst, each time and with any arguments: ${view['worst']}`,
    ...(typeof view['ends'] === 'string' ? [view['ends']] : []),
    '',
    `To take it, an admin signs: ./lanyard approvals less ${view['approval']} --yes ${view['shown']}`,
  ];
}

const SHOWN = 20;
const SAID: Readonly<Record<string, string>> = { yes: ' approved', no: ' REFUSED by a person' };

function takenText(taken: JsonObject): string[] {
  return [
    'It is in force. Your files still say what they said: put this there too. Until then every apply says that it would ask again.',
    ...rowsIn(taken['rules']).flatMap(rowText),
  ];
}

function rowText({ rule, file, line, text }: JsonObject): string[] {
  const lines = String(text).split('\n');
  return ['', `${rule} (${file}:${line})`, ...lines.map((one) => `  ${one}`)];
}
