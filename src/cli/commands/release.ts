import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { type Arguments, option } from '../read-arguments.ts';

export async function run(args: Arguments): Promise<ExitCode> {
  const why = option(args, 'why');
  if (why === undefined || why.trim() === '')
    throw new CommandFailure(EXIT.usage, 'A release needs a reason: --why "…".');
  const done = (await ask(configPath(args), 'POST /v1/release', { scope: args.words[0] ?? '', why })) as {
    scope: string;
    was: string;
  };
  process.stdout.write(`${done.scope} was ${done.was} and is released\n`);
  return EXIT.done;
}
