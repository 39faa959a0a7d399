import { objectOf, textOf } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print, printText } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

export async function run(args: Arguments): Promise<ExitCode> {
  const done = objectOf(await ask(configPath(args), 'POST /v1/explain', { action: args.words[0] ?? '' }));
  if (flag(args, 'json')) print(done['explanation']);
  else printText(textOf(done, 'text'));
  return EXIT.done;
}
