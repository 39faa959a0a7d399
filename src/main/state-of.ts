import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { StartFailure } from './start-failure.ts';
import { type StateDirectory, stateDirectory } from './state-directory.ts';

/**
 * The state that a configuration names, read as leniently as can be: everything else in the file may be wrong, and
 * what is in force there must still be reachable. Throws StartFailure where the file is no YAML at all.
 */
export function stateOf(configPath: string): StateDirectory {
  const value = readYaml(configPath);
  const state = typeof value === 'object' && value !== null && 'state' in value ? value.state : undefined;
  return stateDirectory(resolve(dirname(resolve(configPath)), typeof state === 'string' ? state : './state'));
}

function readYaml(configPath: string): unknown {
  try {
    return parse(readFileSync(configPath, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new StartFailure([`${configPath} cannot be read, so its state cannot be found: ${why}`]);
  }
}
