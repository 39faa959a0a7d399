import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { INSTALLATION } from '../main/installation.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { type Arguments, option } from './read-arguments.ts';

export const HOME = join(INSTALLATION, 'home');

/** The configuration a command is about: -c, LANYARD_CONFIG, ./lanyard.yaml, then this checkout's home/lanyard.yaml. */
export function configPath(args: Arguments): string {
  const named = namedConfig(args);
  if (named !== undefined) {
    if (!existsSync(named)) throw new CommandFailure(EXIT.usage, `There is no configuration at ${named}.`);
    return resolve(named);
  }
  const found = [resolve('lanyard.yaml'), join(HOME, 'lanyard.yaml')].find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new CommandFailure(
    EXIT.usage,
    'There is no lanyard.yaml here. Run `npm start` for a first one, or name one with -c FILE.',
  );
}

/** What -c or LANYARD_CONFIG names; a variable that is set to nothing names nothing. */
export function namedConfig(args: Arguments): string | undefined {
  return option(args, 'config') ?? (process.env['LANYARD_CONFIG'] || undefined);
}
