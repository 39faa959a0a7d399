import { createInterface } from 'node:readline/promises';
import { textOf } from '../answer.ts';
import { EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { printText } from '../print.ts';
import { type Arguments, option } from '../read-arguments.ts';
import { splitOnce } from './catalog-list.ts';

/**
 * `catalog accept`: shows the difference, asks, and takes exactly what was shown. Without a terminal it shows the
 * difference with its digest and exits 3; `--yes DIGEST` then takes that and nothing else.
 */
export async function run(args: Arguments): Promise<ExitCode> {
  const config = configPath(args);
  const [upstream = '', name] = splitOnce(args.words[0]);
  const body = { upstream, ...(name === undefined ? {} : { name }) };
  const given = option(args, 'yes');
  if (given !== undefined) return take(config, body, given);
  const difference = await ask(config, 'POST /v1/accept', body);
  const shown = textOf(difference, 'shown');
  printText(textOf(difference, 'text'));
  if (!process.stdin.isTTY) {
    process.stdout.write(
      `To accept exactly this: ./lanyard catalog accept ${args.words[0]} --yes ${shown}\n`,
    );
    return EXIT.denied;
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Accept this? (yes/no) ');
  terminal.close();
  return answer.trim().toLowerCase() === 'yes' ? take(config, body, shown) : EXIT.denied;
}

async function take(
  config: string,
  body: { upstream: string; name?: string },
  shown: string,
): Promise<ExitCode> {
  await ask(config, 'POST /v1/accept', { ...body, shown });
  process.stdout.write('Accepted.\n');
  return EXIT.done;
}
