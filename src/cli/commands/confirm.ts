import { rowsOf } from '../answer.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask } from '../instance.ts';
import { configPath } from '../place.ts';
import { plain, print, printLine, table } from '../print.ts';
import { type Arguments, flag } from '../read-arguments.ts';

/** `confirm`: what was done while nobody could sign and still stands; `confirm SEQ…` or `confirm --all` has it signed. */
export async function run(args: Arguments): Promise<ExitCode> {
  const config = configPath(args);
  const named = args.words.map(entryOf);
  const open = rowsOf(await ask(config, 'GET /v1/unconfirmed'));
  const entries = flag(args, 'all') ? open.map(({ seq }) => Number(seq)) : named;
  if (entries.length > 0) {
    await ask(config, 'POST /v1/confirm', { entries });
    printLine(`confirmed ${entries.length}`);
    return EXIT.done;
  }
  if (flag(args, 'json')) print(open);
  else if (open.length === 0) printLine('Nothing waits to be confirmed.');
  else {
    table(
      ['ENTRY', 'AT', 'WHAT'],
      open.map(({ seq, at, says }) => [seq, at, says]),
    );
    printLine(
      'Once somebody has enrolled: ./lanyard confirm ENTRY… or --all has a person sign what was yours; undo the rest.',
    );
  }
  return EXIT.done;
}

function entryOf(word: string): number {
  if (/^\d{1,15}$/.test(word)) return Number(word);
  throw new CommandFailure(
    EXIT.usage,
    `"${plain(word)}" is no entry; say the number that its line in ./lanyard confirm begins with.`,
  );
}
