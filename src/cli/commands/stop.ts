import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { type Arguments, option } from '../read-arguments.ts';

/** `stop WHAT`: one gesture, no confirmation. Says when it took effect without having been recorded. */
export async function run(args: Arguments): Promise<ExitCode> {
  const why = option(args, 'why');
  const body = {
    scope: args.words[0] ?? '',
    level: option(args, 'level') ?? 'frozen',
    ...(why === undefined ? {} : { why }),
  };
  const done = (await ask(configPath(args), 'POST /v1/stop', body)) as {
    scope: string;
    level: string;
    unrecorded?: string;
  };
  process.stdout.write(`${done.scope} is ${done.level}\n`);
  if (done.unrecorded !== undefined)
    process.stderr.write(`It holds, but could not be recorded yet: ${done.unrecorded}\n`);
  return EXIT.done;
}
