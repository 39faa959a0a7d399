import { existsSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { acquireLock } from '../../store/lock.ts';
import { StartFailure } from '../start-failure.ts';
import { type StateDirectory, stateDirectory } from '../state-directory.ts';

/**
 * The state that a configuration names, read as leniently as can be: everything else in the file may be wrong, and
 * what is in force there must still be reachable. Throws StartFailure where the file is no YAML at all.
 */
export function stateOf(configPath: string): StateDirectory {
  const { state } = fieldsOf(readYaml(configPath));
  return stateDirectory(resolve(dirname(resolve(configPath)), typeof state === 'string' ? state : './state'));
}

/** Where the brake is by this file, read as leniently; null where it names none. */
export function brakeOf(configPath: string): string | null {
  const { brake, tls } = fieldsOf(readYaml(configPath));
  if (typeof brake !== 'string' || !/^(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):\d{1,5}$/.test(brake)) return null;
  return `${tls === undefined ? 'http' : 'https'}://${brake}`;
}

/** Whether a process holds that state, whether or not it answers. */
export function isHeld(configPath: string): boolean {
  const { lock } = stateOf(configPath);
  if (!existsSync(lock)) return false;
  const taken = acquireLock(lock);
  taken?.release();
  return taken === null;
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? { ...value } : {};

function readYaml(configPath: string): unknown {
  try {
    return parse(readFileSync(configPath, 'utf8'));
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new StartFailure([`${configPath} cannot be read, so its state cannot be found: ${why}`]);
  }
}
