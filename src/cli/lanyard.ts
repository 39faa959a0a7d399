import { nearest } from '../base/nearest.ts';
import { COMMANDS, type Command, USAGE } from './commands.ts';
import { CommandFailure, EXIT, type ExitCode } from './exit-code.ts';
import { readArguments } from './read-arguments.ts';

/** `./lanyard COMMAND …`: finds the command, reads its arguments, runs it, and ends with its exit code. */
async function main(argv: readonly string[]): Promise<ExitCode> {
  const [first, second] = argv;
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    process.stdout.write(USAGE);
    return first === undefined ? EXIT.usage : EXIT.done;
  }
  const command = find(first, second);
  const args = readArguments(command, argv.slice(command.name.split(' ').length));
  if (args === 'help') {
    process.stdout.write(`./lanyard ${command.name} ${command.usage}\n  ${command.does}\n`);
    return EXIT.done;
  }
  const { run } = await command.load();
  return run(args);
}

function find(first: string, second: string | undefined): Command {
  const name = COMMANDS.some((command) => command.name.startsWith(`${first} `))
    ? `${first} ${second ?? ''}`.trim()
    : first;
  const found = COMMANDS.find((command) => command.name === name);
  if (found !== undefined) return found;
  const guess = nearest(
    name,
    COMMANDS.map((command) => command.name),
  );
  const hint = guess === undefined ? 'See ./lanyard help.' : `Did you mean \`${guess}\`?`;
  throw new CommandFailure(EXIT.usage, `There is no command \`${name}\`. ${hint}`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (error instanceof CommandFailure) {
    process.stderr.write(`lanyard: ${error.message}\n${error.details.map((line) => `${line}\n`).join('')}`);
    process.exitCode = error.exit;
  } else {
    process.stderr.write(`lanyard: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = EXIT.failed;
  }
}
