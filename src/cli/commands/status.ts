import { objectOf } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print, printLine } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';
import { statusText } from '../status-text.ts';

export async function run(args: Arguments): Promise<ExitCode> {
  const status = objectOf(await ask(configPath(args), 'GET /v1/status'));
  if (flag(args, 'json')) print(status);
  else for (const line of statusText(status)) printLine(line);
  return EXIT.done;
}
