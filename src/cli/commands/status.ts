import { isJsonObject } from '../../base/json.ts';
import { objectOf } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { print, printLine } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';
import { statusText } from '../status-text.ts';
import { whyStopped } from '../stopped-by.ts';

export async function run(args: Arguments): Promise<ExitCode> {
  const config = configPath(args);
  const status = objectOf(await ask(config, 'GET /v1/status'));
  if (flag(args, 'json')) {
    print(status);
    return EXIT.done;
  }
  const { levels } = status;
  const why = await whyStopped(config, isJsonObject(levels) ? Object.keys(levels) : []);
  for (const line of statusText(status, why)) printLine(line);
  return EXIT.done;
}
