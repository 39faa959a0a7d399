import { objectOf } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { plain, printLine } from '../print.ts';
import type { Arguments } from '../read-arguments.ts';

export async function run(args: Arguments): Promise<ExitCode> {
  const done = objectOf(await ask(configPath(args), 'POST /v1/revoke', { agent: args.words[0] ?? '' }));
  printLine(`revoked ${String(done['revoked'])}`);
  if (typeof done['unrecorded'] === 'string')
    process.stderr.write(`It holds, but could not be recorded yet: ${plain(done['unrecorded'])}\n`);
  return EXIT.done;
}
