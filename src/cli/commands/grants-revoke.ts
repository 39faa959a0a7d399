import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { printLine } from '../print.ts';
import type { Arguments } from '../read-arguments.ts';

/** `grants revoke`: takes a standing approval back. Tightens, so the socket is enough. */
export async function run(args: Arguments): Promise<ExitCode> {
  const [grant = ''] = args.words;
  await ask(configPath(args), 'POST /v1/revoke-grant', { grant });
  printLine(`The grant ${grant} is taken back; from now on each question is asked.`);
  return EXIT.done;
}
