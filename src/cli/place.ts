import { existsSync, statSync } from 'node:fs';
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
    refuseOther(named);
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

/** It is read again and again, and by others than this process: a pipe would hold us for ever, a device has no end. */
function refuseOther(named: string): void {
  if (named === '') throw new CommandFailure(EXIT.usage, '-c names no file: its value is empty.');
  const found = statSync(named, { throwIfNoEntry: false });
  if (found === undefined) throw new CommandFailure(EXIT.usage, `There is no configuration at ${named}.`);
  if (!found.isFile())
    throw new CommandFailure(
      EXIT.usage,
      `${named} is no configuration: it is ${found.isDirectory() ? 'a directory; name the lanyard.yaml in it' : 'no file'}.`,
    );
}

/** Whoever stops an agent in the directory where it works would otherwise ask whom the agent says. */
const FOREIGN =
  './lanyard.yaml was made or changed where a program under `run` may write, so it is passed over; name it with -c if it is yours.';

/** What -c or LANYARD_CONFIG names; a variable that is set to nothing names nothing. */
export function namedConfig(args: Arguments): string | undefined {
  return option(args, 'config') ?? (process.env['LANYARD_CONFIG'] || undefined);
}
