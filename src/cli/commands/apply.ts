import { linesOf, objectOf } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { plain, print, printLine } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

export async function run(args: Arguments): Promise<ExitCode> {
  const dryRun = flag(args, 'dry-run');
  const done = objectOf(await ask(configPath(args), 'POST /v1/apply', { dryRun }));
  if (flag(args, 'json')) {
    print(done);
    return EXIT.done;
  }
  for (const warning of linesOf(done, 'warnings'))
    process.stderr.write(`${warning.split('\n').map(plain).join('\n')}\n`);
  const changes = linesOf(done, 'changes');
  for (const change of changes) printLine(change);
  if (changes.length === 0) printLine('Nothing differs from what is in force.');
  else printLine(done['applied'] === true ? 'Applied.' : 'Not applied (--dry-run).');
  return EXIT.done;
}
