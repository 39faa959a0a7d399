import { messageOf } from '../base/error-text.ts';
import { fileFault, systemFault } from '../base/file-fault.ts';
import { nearest } from '../base/nearest.ts';
import { StartFailure } from '../main/start-failure.ts';
import type { Command } from './command.ts';
import { COMMANDS, usage } from './commands.ts';
import { CommandFailure, EXIT, type ExitCode } from './exit-code.ts';
import { commandHelp, groupHelp } from './option-help.ts';
import { plain, printLine } from './print.ts';
import { readArguments } from './read-arguments.ts';

/** `./lanyard COMMAND …`: finds the command, reads its arguments, runs it, and ends with its exit code. */
async function main(given: readonly string[]): Promise<ExitCode | number> {
  const argv = commandFirst(given);
  const [first] = argv;
  const second = argv[1]?.startsWith('-') ? undefined : argv[1];
  const isNone = first === undefined || first === '-c' || first === '--config';
  if (first === 'help' && argv.length > 1) return main([...argv.slice(1), '--help']);
  if (isNone || first === 'help' || first === '--help' || first === '-h') {
    process.stdout.write(usage());
    return isNone ? EXIT.usage : EXIT.done;
  }
  if (first === '--version') {
    printLine(`lanyard ${(await import('../main/version.ts')).VERSION}`);
    return EXIT.done;
  }
  const group = second === undefined ? commandsOf(first) : [];
  if (group.length > 0 && argv.slice(1).some((word) => word === '--help' || word === '-h')) {
    process.stdout.write(groupHelp(first, group));
    return EXIT.done;
  }
  const command = find(first, second);
  const args = readArguments(command, argv.slice(command.name.split(' ').length));
  if (args === 'help') {
    process.stdout.write(commandHelp(command));
    return EXIT.done;
  }
  judges = command.judges === true;
  const { run } = await command.load();
  return run(args);
}

/** `-c FILE` may stand before the command too, and between its two words: it is moved behind them. */
function commandFirst(argv: readonly string[]): readonly string[] {
  const words: string[] = [];
  const flags: string[] = [];
  let at = 0;
  for (; at < argv.length && words.length < 2; at++) {
    const word = argv[at] ?? '';
    if (word === '-c' || word === '--config') flags.push(word, ...argv.slice(++at, at + 1));
    else if (/^(?:-c.|--config=)/.test(word)) flags.push(word);
    else if (word.startsWith('-')) break;
    else words.push(word);
  }
  return [...words, ...flags, ...argv.slice(at)];
}

/** Those that begin with a word which is no command by itself. */
function commandsOf(first: string): readonly Command[] {
  if (COMMANDS.some(({ name }) => name === first)) return [];
  return COMMANDS.filter(({ name }) => name.startsWith(`${first} `));
}

function find(first: string, second: string | undefined): Command {
  const names = COMMANDS.map((command) => command.name);
  const group = names.filter((name) => name.startsWith(`${first} `));
  const alone = COMMANDS.find((command) => command.name === first);
  if (group.length > 0 && second === undefined && alone === undefined)
    throw new CommandFailure(EXIT.usage, `\`${first}\` is one of ${group.join(', ')}.`);
  const said = group.length > 0 ? `${first} ${second}` : first;
  const found = COMMANDS.find((command) => command.name === said) ?? alone;
  if (found !== undefined) return found;
  const hint = first.startsWith('-') ? optionHint(first) : commandHint(said, first, second, names);
  throw new CommandFailure(EXIT.usage, `There is no command \`${plain(said)}\`. ${hint}`);
}

/** Mistyped, turned around (`show agent`), or a second word without its first (`token writer`). */
function commandHint(said: string, first: string, second: string | undefined, names: readonly string[]) {
  const pair = second === undefined ? undefined : `${first} ${second}`;
  const turned = names.find((name) => name === `${second} ${first}`);
  const guess = turned ?? nearest(said, names) ?? (pair === undefined ? undefined : nearest(pair, names));
  if (guess !== undefined) return `Did you mean \`${guess}\`?`;
  const groups = new Set(names.flatMap((name) => name.split(' ').slice(0, -1)));
  const group = groups.has(first) ? first : nearest(first, groups);
  const ended = names.filter((name) => name.split(' ')[1] === first);
  const meant = group === undefined ? ended : names.filter((name) => name.startsWith(`${group} `));
  if (meant.length > 0 && meant.length <= MOST_MEANT)
    return `Did you mean ${meant.length > 1 ? 'one of ' : ''}${meant.map((name) => `\`${name}\``).join(', ')}?`;
  return 'See ./lanyard help.';
}

const MOST_MEANT = 10;

function optionHint(first: string): string {
  const guess = nearest(first, ['--version', '--help']);
  return guess === undefined
    ? 'Options stand behind the command; see ./lanyard help.'
    : `Did you mean \`${guess}\`?`;
}

/** Says on stderr why it ended, without a stack trace, and with which code. */
function tellFailure(error: unknown): ExitCode {
  const tell = (text: string) => process.stderr.write(`${text.split('\n').map(plain).join('\n')}\n`);
  const say = (line: string) => tell(`lanyard: ${line}`);
  if (error instanceof CommandFailure) {
    say(error.message);
    for (const line of error.details) tell(line);
    return error.exit;
  }
  if (error instanceof StartFailure) for (const line of error.lines) say(line);
  else if (isDirectoryGone(error))
    say('The directory that this was called in is gone; call it in another one.');
  else say(systemFault(error) ?? messageOf(error));
  return EXIT.failed;
}

const isDirectoryGone = (error: unknown): boolean =>
  error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd';

/** Whether the command that runs answers by its exit code. */
let judges = false;

// Whoever read our output has gone (`… | head`): there is nobody to tell anything, but by an exit code that is an answer.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' && judges) return;
  if (error.code === 'EPIPE') process.exit(EXIT.done);
  process.stderr.write(`lanyard: What this prints could not be written: ${fileFault(error, 'write')}.\n`);
  process.exit(EXIT.failed);
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  // At once: whatever went wrong, nothing of it is left running.
  process.exit(tellFailure(error));
}
