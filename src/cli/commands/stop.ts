import { objectOf, textOf } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { plain, printLine } from '../print.ts';
import { type Arguments, option } from '../read-arguments.ts';

/** `stop WHAT`: one gesture, no confirmation. Says when it took effect without having been recorded. */
export async function run(args: Arguments): Promise<ExitCode> {
  const why = option(args, 'why');
  const body = {
    scope: args.words[0] ?? '',
    level: option(args, 'level') ?? 'frozen',
    ...(why === undefined ? {} : { why }),
  };
  const done = objectOf(await ask(configPath(args), 'POST /v1/stop', body));
  printLine(`${textOf(done, 'scope')} is ${textOf(done, 'level')}`);
  if (typeof done['unrecorded'] === 'string')
    process.stderr.write(`It holds, but could not be recorded yet: ${plain(done['unrecorded'])}\n`);
  return EXIT.done;
}
