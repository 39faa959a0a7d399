import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

export async function run(args: Arguments): Promise<ExitCode> {
  const done = (await ask(configPath(args), 'POST /v1/explain', {
    action: args.words[0] ?? '',
  })) as unknown as { text: string; explanation: unknown };
  if (flag(args, 'json')) print(done.explanation);
  else process.stdout.write(`${done.text}\n`);
  return EXIT.done;
}
