import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

export async function run(args: Arguments): Promise<ExitCode> {
  const dryRun = flag(args, 'dry-run');
  const done = (await ask(configPath(args), 'POST /v1/apply', { dryRun })) as {
    changes: string[];
    applied: boolean;
    warnings: string[];
  };
  if (flag(args, 'json')) {
    print(done);
    return EXIT.done;
  }
  for (const warning of done.warnings) process.stderr.write(`${warning}\n`);
  if (done.changes.length === 0) process.stdout.write('Nothing differs from what is in force.\n');
  else
    process.stdout.write(
      `${done.changes.join('\n')}\n${done.applied ? 'Applied.' : 'Not applied (--dry-run).'}\n`,
    );
  return EXIT.done;
}
