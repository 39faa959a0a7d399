import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { INSTALLATION } from '../installation.ts';

/**
 * Of a command only the program is resolved: with a slash against the file's directory, and where it is not there
 * against this installation (so that a configuration elsewhere can name a server that is installed with Lanyard).
 */
export function resolveCommand(command: readonly string[], base: string): string[] {
  const [program = '', ...rest] = command;
  if (!program.includes('/')) return [program, ...rest];
  const own = resolve(base, program);
  const installed = resolve(INSTALLATION, program);
  return [existsSync(own) || !existsSync(installed) ? own : installed, ...rest];
}

/** What every program of ours is given of the environment. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'TMPDIR'];

export function inherited(environment: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    INHERITED.flatMap((name) => (environment[name] === undefined ? [] : [[name, environment[name]]])),
  );
}
