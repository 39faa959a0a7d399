import { textOf } from '../answer.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { type Arguments, option } from '../read-arguments.ts';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `agent token ID`: the token is the last word on stdout, and nowhere else, ever. */
export function run(args: Arguments): Promise<ExitCode> {
  return printToken(args, 'POST /v1/token', 'agent');
}

export async function printToken(
  args: Arguments,
  route: string,
  holder: 'agent' | 'point',
): Promise<ExitCode> {
  const ttl = /^([1-9]\d{0,5})([smhd])$/.exec(option(args, 'ttl') ?? '90d');
  if (ttl === null) throw new CommandFailure(EXIT.usage, '--ttl is a number and s, m, h or d, such as 90d.');
  const ttlMs = Number(ttl[1]) * (UNIT_MS[ttl[2] ?? ''] ?? 0);
  const made = await ask(configPath(args), route, { [holder]: args.words[0] ?? '', ttlMs });
  const until = textOf(made, 'expiresAt');
  process.stderr.write(`A token of ${args.words[0]}, good until ${until}; it is not shown again:\n`);
  process.stdout.write(`${textOf(made, 'token')}\n`);
  return EXIT.done;
}
