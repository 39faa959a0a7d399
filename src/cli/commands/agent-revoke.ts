import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import type { Arguments } from '../read-arguments.ts';

export async function run(args: Arguments): Promise<ExitCode> {
  const { revoked } = (await ask(configPath(args), 'POST /v1/revoke', { agent: args.words[0] ?? '' })) as {
    revoked: number;
  };
  process.stdout.write(`revoked ${revoked}\n`);
  return EXIT.done;
}
