import { join } from 'node:path';
import { SENTINEL } from '../../control/brake/sentinel.ts';
import { brakeOf, stateOf } from '../../main/log/state-of.ts';
import { StartFailure } from '../../main/start-failure.ts';
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
      throw error instanceof NotRunning ? nothingRuns(config) : notStopped(config, error);
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

/** As a shell takes it for one word: with a space in it, what is typed as it stands would make other files. */
const quoted = (path: string): string =>
  /^[\w@%+=:,./-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;

function nothingRuns(config: string): CommandFailure {
  const file = join(stateOf(config).path, SENTINEL);
  return new CommandFailure(
    EXIT.unreachable,
    `No instance is running on this state, so there is nothing to stop. To have the next start stand still: touch ${quoted(file)}`,
  );
}

/** The state cannot be found, or is another user's: what else stops it, from here. */
function notStopped(config: string, error: unknown): unknown {
  if (error instanceof StartFailure)
    return new CommandFailure(EXIT.failed, error.message, [
      'Nothing was stopped. What freezes everything all the same: a file named STOP in its state directory, or kill -USR2 and the id of its process.',
    ]);
  if (!(error instanceof CommandFailure && error.exit === EXIT.unreachable)) return error;
  const byKey =
    brakeOf(config) === null
      ? ''
      : ' With a stop key of yours in LANYARD_STOP_TOKEN, its brake takes the stop.';
  return new CommandFailure(EXIT.unreachable, error.message, [`Nothing was stopped.${byKey}`]);
}
