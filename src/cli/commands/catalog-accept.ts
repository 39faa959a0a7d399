import { createInterface } from 'node:readline/promises';
import { textOf } from '../answer.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { printLine, printText } from '../print.ts';
import { type Arguments, flag, option } from '../read-arguments.ts';
import { splitOnce } from './catalog-list.ts';

/**
 * `catalog accept`: shows the difference and takes exactly what it showed; what has changed again meanwhile is refused
 * (exit 1). On a terminal it asks first (no: exit 3). `--dry-run` only shows it, with its digest; `--yes DIGEST` takes
 * what was shown under that digest and nothing else.
 */
export async function run(args: Arguments): Promise<ExitCode> {
  const config = configPath(args);
  const [upstream = '', name] = splitOnce(args.words[0]);
  const body = { upstream, ...(name === undefined ? {} : { name }) };
  const given = option(args, 'yes');
  if (given !== undefined && flag(args, 'dry-run'))
    throw new CommandFailure(EXIT.usage, 'Say either --dry-run, which takes nothing, or --yes DIGEST.');
  if (given !== undefined) return take(config, body, given);
  const difference = await ask(config, 'POST /v1/accept', body);
  const shown = textOf(difference, 'shown');
  printText(textOf(difference, 'text'));
  if (flag(args, 'dry-run')) {
    printLine('Not accepted (--dry-run).');
    printLine(`To accept exactly this: ./lanyard catalog accept ${args.words[0]} --yes ${shown}`);
    return EXIT.done;
  }
  if (process.stdin.isTTY && !(await isWanted())) return EXIT.denied;
  return take(config, body, shown);
}

async function isWanted(): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question('Accept this? (yes/no) ');
  terminal.close();
  return answer.trim().toLowerCase() === 'yes';
}

async function take(
  config: string,
  body: { upstream: string; name?: string },
  shown: string,
): Promise<ExitCode> {
  await ask(config, 'POST /v1/accept', { ...body, shown });
  printLine('Accepted.');
  return EXIT.done;
}
