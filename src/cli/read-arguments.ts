import { parseArgs } from 'node:util';
import { messageOf } from '../base/error-text.ts';
import { nearest } from '../base/nearest.ts';
import type { Command } from './command.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { plain } from './print.ts';

/** What a command was given: positional words, and options by name. */
export interface Arguments {
  readonly words: readonly string[];
  readonly options: Readonly<Record<string, string | boolean | undefined>>;
}

const NO_WORDS = { least: 0, most: 0 };

/** Reads the words after a command's name. An option that it does not know is wrong usage. */
export function readArguments(command: Command, argv: readonly string[]): Arguments | 'help' {
  const options = {
    ...Object.fromEntries(Object.entries(command.options ?? {}).map(([name, type]) => [name, { type }])),
    config: { type: 'string' as const, short: 'c' },
    help: { type: 'boolean' as const, short: 'h' },
  };
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true, tokens: true });
  } catch (error) {
    throw wrong(command, whyUnread(error, Object.keys(options)));
  }
  if (parsed.values['help'] === true) return 'help';
  const twice = givenTwice(parsed.tokens ?? []);
  if (twice !== undefined) throw wrong(command, `--${twice} is given twice, and not with the same value.`);
  const { least, most } = command.words ?? NO_WORDS;
  const { positionals } = parsed;
  if (positionals.length < least) throw wrong(command, 'A word is missing.');
  if (positionals.length > most)
    throw wrong(
      command,
      `"${plain(positionals[most] ?? '')}" is a word too many; what has spaces stands in quotes.`,
    );
  return { words: parsed.positionals, options: parsed.values as Arguments['options'] };
}

const wrong = (command: Command, why: string): CommandFailure =>
  new CommandFailure(EXIT.usage, `${why} Usage: ${usageOf(command)}`);

/** In our own words where the runtime's are several lines, or speak of its syntax. */
function whyUnread(error: unknown, known: readonly string[]): string {
  const message = messageOf(error);
  const valueless = /^Option '(?:-\w, )?(--[^ ']+)[^']*' argument (missing|is ambiguous)/.exec(message);
  if (valueless !== null)
    return `${valueless[1]} needs a value; one that begins with a dash stands behind a "=": ${valueless[1]}=-….`;
  const unknown = /^Unknown option '--([^']*)'/.exec(message)?.[1];
  const guess = unknown === undefined ? undefined : nearest(unknown, known);
  return `${plain(message.split('. ')[0] ?? '')}.${guess === undefined ? '' : ` Did you mean --${guess}?`}`;
}

/** The last one would hold, and whoever wrote the first one would not know. A reason decides nothing, and no stop waits for it. */
function givenTwice(tokens: readonly { kind: string; name?: string; value?: string | undefined }[]) {
  const given = new Map<string, string>();
  for (const { kind, name, value } of tokens) {
    if (kind !== 'option' || name === undefined || name === 'why' || value === undefined) continue;
    if ((given.get(name) ?? value) !== value) return name;
    given.set(name, value);
  }
  return undefined;
}

const usageOf = ({ name, usage }: Command): string => `./lanyard ${name} ${usage}`.trimEnd();

export function option(args: Arguments, name: string): string | undefined {
  const value = args.options[name];
  return typeof value === 'string' ? value : undefined;
}

export function flag(args: Arguments, name: string): boolean {
  return args.options[name] === true;
}
