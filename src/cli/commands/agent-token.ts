import { DAY_MS, readDuration } from '../../base/duration.ts';
import { LIMITS } from '../../base/limits.ts';
import { textOf } from '../answer.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { type Arguments, option } from '../read-arguments.ts';

/** `agent token ID`: the token is the last word on stdout, and nowhere else, ever. */
export function run(args: Arguments): Promise<ExitCode> {
  return printToken(args, 'POST /v1/token', 'agent');
}

export async function printToken(
  args: Arguments,
  route: string,
  holder: 'agent' | 'point',
): Promise<ExitCode> {
  const ttlMs = readDuration(option(args, 'ttl') ?? '90d');
  if (ttlMs === null || ttlMs === 0 || ttlMs > LIMITS.tokenTtlMostMs) {
    const most = LIMITS.tokenTtlMostMs / DAY_MS;
    throw new CommandFailure(
      EXIT.usage,
      `--ttl is a number and s, m, h or d, such as 90d, and ${most}d at most.`,
    );
  }
  const made = await ask(configPath(args), route, { [holder]: args.words[0] ?? '', ttlMs });
  const until = textOf(made, 'expiresAt');
  process.stderr.write(`A token of ${args.words[0]}, good until ${until}; it is not shown again:\n`);
  process.stdout.write(`${textOf(made, 'token')}\n`);
  return EXIT.done;
}
