import { objectOf, textOf } from '../answer.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { printLine } from '../print.ts';
import { type Arguments, option } from '../read-arguments.ts';
import { scopeWord } from '../scope-word.ts';

export async function run(args: Arguments): Promise<ExitCode> {
  const scope = scopeWord(args.words[0] ?? '');
  const why = option(args, 'why');
  if (why === undefined || why.trim() === '')
    throw new CommandFailure(EXIT.usage, 'A release needs a reason: --why "…".');
  const done = await ask(configPath(args), 'POST /v1/release', { scope, why });
  const { next, still } = objectOf(done);
  const [of, was] = [textOf(done, 'scope'), textOf(done, 'was')];
  if (typeof next === 'string') printLine(`${of}: ${next}`);
  else
    printLine(was === 'live' ? `${of} was not stopped; nothing changes` : `${of} was ${was} and is released`);
  if (typeof still === 'string') printLine(still);
  return EXIT.done;
}
