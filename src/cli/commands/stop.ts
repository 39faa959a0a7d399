import { join } from 'node:path';
import { SENTINEL } from '../../control/brake/sentinel.ts';
import { stateOf } from '../../main/log/state-of.ts';
import { objectOf } from '../answer.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { ask, NotRunning } from '../instance.ts';
import { configPath } from '../place.ts';
import { plain, printLine } from '../print.ts';
import { type Arguments, flag, option } from '../read-arguments.ts';
import { levelWord, scopeWord } from '../scope-word.ts';
import { stopText } from '../stop-text.ts';
import { stopSomehow } from '../stop-ways.ts';

/**
 * `stop WHAT`: one gesture, no confirmation. Says what it cut, which way it went, and when it took effect without having
 * been recorded. With `--dry-run` it says what would be cut.
 */
export async function run(args: Arguments): Promise<ExitCode> {
  const why = option(args, 'why');
  const level = levelWord(option(args, 'level') ?? 'frozen', ['watched', 'frozen', 'killed'], 'stop at');
  const what = { scope: scopeWord(args.words[0] ?? ''), level };
  if (flag(args, 'dry-run')) {
    const seen = objectOf(await ask(configPath(args), 'POST /v1/stop-preview', what));
    for (const line of stopText(seen, true)) printLine(line);
    return EXIT.done;
  }
  const wanted = { ...what, ...(why === undefined ? {} : { why }) };
  const config = configPath(args);
  const went = await stopSomehow(config, wanted, process.env['LANYARD_STOP_TOKEN'] || undefined).catch(
    (error: unknown) => {
      throw error instanceof NotRunning ? nothingRuns(config) : error;
    },
  );
  const warn = (line: string) => process.stderr.write(`${plain(line)}\n`);
  if (went.way === 'file') {
    printLine('all is frozen');
    if (went.refused !== undefined) warn(went.refused);
    warn(
      'Neither the operator socket nor the brake stopped it, so the file STOP was written, which freezes everything:',
    );
    warn(`  ${went.path}`);
    warn(
      'A running instance sees it at once, another at its start. To go on: remove the file, then release all.',
    );
    return EXIT.done;
  }
  const { answer } = went;
  for (const line of stopText(answer, false)) printLine(line);
  if (went.way === 'brake') {
    warn('The operator socket did not answer; this went through the brake.');
    if (answer['recorded'] !== true) warn('It holds, and is written to the log when Lanyard gets to it.');
  } else if (typeof answer['unrecorded'] === 'string')
    warn(`It holds, but could not be recorded yet: ${answer['unrecorded']}`);
  return EXIT.done;
}

function nothingRuns(config: string): CommandFailure {
  const file = join(stateOf(config).path, SENTINEL);
  return new CommandFailure(
    EXIT.unreachable,
    `No instance is running on this state, so there is nothing to stop. To have the next start stand still: touch ${file}`,
  );
}
