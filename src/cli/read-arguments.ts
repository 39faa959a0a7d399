import { parseArgs } from 'node:util';
import { nearest } from '../base/nearest.ts';
import type { Command } from './command.ts';
import { CommandFailure, EXIT } from './exit-code.ts';

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
    parsed = parseArgs({ args: [...argv], options, allowPositionals: true });
  } catch (error) {
    const message = error instanceof Error ? (error.message.split('. ')[0] ?? '') : String(error);
    const unknown = /^Unknown option '--([^']*)'/.exec(message)?.[1];
    const guess = unknown === undefined ? undefined : nearest(unknown, Object.keys(options));
    const hint = guess === undefined ? '' : ` Did you mean --${guess}?`;
    throw new CommandFailure(EXIT.usage, `${message}.${hint} Usage: ${usageOf(command)}`);
  }
  if (parsed.values['help'] === true) return 'help';
  const { least, most } = command.words ?? NO_WORDS;
  if (parsed.positionals.length < least || parsed.positionals.length > most) {
    throw new CommandFailure(EXIT.usage, `Usage: ${usageOf(command)}`);
  }
  return { words: parsed.positionals, options: parsed.values as Arguments['options'] };
}

const usageOf = ({ name, usage }: Command): string => `./lanyard ${name} ${usage}`.trimEnd();

export function option(args: Arguments, name: string): string | undefined {
  const value = args.options[name];
  return typeof value === 'string' ? value : undefined;
}

export function flag(args: Arguments, name: string): boolean {
  return args.options[name] === true;
}
