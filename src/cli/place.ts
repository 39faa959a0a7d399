import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { INSTALLATION } from '../main/installation.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { mayBeOfARun } from './let-write.ts';
import { type Arguments, option } from './read-arguments.ts';

export const HOME = join(INSTALLATION, 'home');

/**
 * The configuration a command is about: -c, LANYARD_CONFIG, ./lanyard.yaml, then this checkout's home/lanyard.yaml. One in the
 * working directory that a program under `run` may have left there has to be named.
 */
export function configPath(args: Arguments): string {
  const named = namedConfig(args);
  if (named !== undefined) {
    if (!existsSync(named)) throw new CommandFailure(EXIT.usage, `There is no configuration at ${named}.`);
    return resolve(named);
  }
  const here = resolve('lanyard.yaml');
  const isForeign = existsSync(here) && mayBeOfARun(here);
  if (isForeign) process.stderr.write(`lanyard: ${FOREIGN}\n`);
  const places = [...(isForeign ? [] : [here]), join(HOME, 'lanyard.yaml')];
  const found = places.find((path) => existsSync(path));
  if (found !== undefined) return found;
  throw new CommandFailure(
    EXIT.usage,
    'There is no lanyard.yaml here. Run `npm start` for a first one, or name one with -c FILE.',
  );
}

/** Whoever stops an agent in the directory where it works would otherwise ask whom the agent says. */
const FOREIGN =
  './lanyard.yaml was made or changed where a program under `run` may write, so it is passed over; name it with -c if it is yours.';

/** What -c or LANYARD_CONFIG names; a variable that is set to nothing names nothing. */
export function namedConfig(args: Arguments): string | undefined {
  return option(args, 'config') ?? (process.env['LANYARD_CONFIG'] || undefined);
}
