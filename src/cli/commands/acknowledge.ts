import { textOf } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { printLine } from '../print.ts';
import { type Arguments, option } from '../read-arguments.ts';

/** `acknowledge ID`: whoever was paged is paged no more. */
export async function run(args: Arguments): Promise<ExitCode> {
  const why = option(args, 'why');
  const body = { id: args.words[0] ?? '', ...(why === undefined ? {} : { why }) };
  printLine(
    `${textOf(await ask(configPath(args), 'POST /v1/acknowledge', body), 'acknowledged')} is acknowledged`,
  );
  return EXIT.done;
}
