import type { JsonObject } from '../../base/json.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

export async function run(args: Arguments): Promise<ExitCode> {
  const status = (await ask(configPath(args), 'GET /v1/status')) as JsonObject;
  if (flag(args, 'json')) print(status);
  else
    for (const [key, value] of Object.entries(status))
      process.stdout.write(`${key}: ${typeof value === 'string' ? value : JSON.stringify(value)}\n`);
  return EXIT.done;
}
