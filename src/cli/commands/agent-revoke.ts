import { objectOf } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { plain, printLine } from '../print.ts';
import type { Arguments } from '../read-arguments.ts';

export function run(args: Arguments): Promise<ExitCode> {
  return revoke(args, 'POST /v1/revoke', 'agent');
}

export async function revoke(args: Arguments, route: string, holder: 'agent' | 'point'): Promise<ExitCode> {
  const id = args.words[0] ?? '';
  const done = objectOf(await ask(configPath(args), route, { [holder]: id }));
  printLine(`revoked ${String(done['revoked'])} ${done['revoked'] === 1 ? 'token' : 'tokens'} of ${id}`);
  if (typeof done['unrecorded'] === 'string')
    process.stderr.write(`It holds, but could not be recorded yet: ${plain(done['unrecorded'])}\n`);
  return EXIT.done;
}
