import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parse } from 'yaml';
import { fileFault } from '../../base/file-fault.ts';
import { acquireLock } from '../../store/lock.ts';
import { StartFailure } from '../start-failure.ts';
import { type StateDirectory, stateDirectory } from '../state-directory.ts';

/** The state belongs to another user, so nothing can be said of what runs or lies there: least of all that nothing does. */
export class StateOutOfReach extends StartFailure {}

/**
 * The state that a configuration names, read as leniently as can be: everything else in the file may be wrong, and
 * what is in force there must still be reachable, to be stopped above all. Throws StartFailure where the file does not say
 * it, StateOutOfReach where this user cannot enter it.
 */
export function stateOf(configPath: string): StateDirectory {
  const state = stateIn(configPath, fieldsOf(configPath));
  refuseOutOfReach(state.path);
  return state;
}

/** The same for a start, which makes it where it is not there. Throws StartFailure where the file is no YAML at all. */
export function stateToStartOn(configPath: string): StateDirectory {
  return stateIn(configPath, readYaml(configPath));
}

function stateIn(configPath: string, { state }: Fields): StateDirectory {
  return stateDirectory(resolve(dirname(resolve(configPath)), typeof state === 'string' ? state : './state'));
}

/** A directory that cannot be entered looks like an empty one to whoever asks for the files in it. */
function refuseOutOfReach(path: string): void {
  try {
    accessSync(path, constants.R_OK | constants.X_OK);
  } catch (error) {
    if (!isCode(error, 'EACCES')) return;
    throw new StateOutOfReach([
      `This user cannot enter the state ${path}, so what runs or lies there is not known; run this as ${ownerOf(path)}.`,
    ]);
  }
}

function ownerOf(path: string): string {
  try {
    return `its owner, the user with the id ${statSync(path).uid}`;
  } catch {
    return 'its owner';
  }
}

const isCode = (error: unknown, code: string) =>
  error instanceof Error && 'code' in error && error.code === code;

/** Where the brake is by this file, read as leniently; null where it names none. */
export function brakeOf(configPath: string): string | null {
  const { brake, tls } = fieldsOf(configPath);
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

type Fields = Readonly<Record<string, unknown>>;

/** What the file says; where it is no YAML as a whole (half an edit), what the lines that matter here say by themselves. */
function fieldsOf(configPath: string): Fields {
  try {
    return readYaml(configPath);
  } catch (error) {
    const read = fieldsOfLines(configPath);
    // Without a word about the state it is where a file that says nothing has it, if there is one.
    if (read === null || (read['state'] === undefined && !existsSync(stateIn(configPath, read).path)))
      throw error;
    return read;
  }
}

/** null: the file cannot be read, or names one of them twice. */
function fieldsOfLines(configPath: string): Fields | null {
  try {
    const lines = readFileSync(configPath, 'utf8').split('\n');
    return asFields(parse(lines.filter((line) => /^(state|brake|tls):/.test(line)).join('\n')));
  } catch {
    return null;
  }
}

const asFields = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? { ...value } : {};

function readYaml(configPath: string): Fields {
  try {
    return asFields(parse(readFileSync(configPath, 'utf8')));
  } catch (error) {
    const why = fileFault(error, 'read').split('\n')[0] ?? '';
    throw new StartFailure([`${configPath} cannot be read, so its state cannot be found: ${why}`]);
  }
}
