import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { printLine } from '../print.ts';
import { type Arguments, option } from '../read-arguments.ts';

/** `approvals deny`: takes a question back. By the socket that is nobody's no, and asks nobody to sign. */
export async function run(args: Arguments): Promise<ExitCode> {
  const why = option(args, 'why');
  if (why === undefined || why.trim() === '')
    throw new CommandFailure(EXIT.usage, 'A no needs a reason: --why "…".');
  const [id = ''] = args.words;
  await ask(configPath(args), 'POST /v1/deny', { approval: id, why });
  printLine(`The question ${id} is taken back; what it was about does not run.`);
  return EXIT.done;
}
