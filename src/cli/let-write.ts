import {
  appendFileSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { objectIn } from '../base/json.ts';

/**
 * Where programs under `run` were let write, and since when: what lies there and is younger may be theirs. Kept with the user
 * and not with an instance, for it is asked before it is known which instance is meant. Within a sandbox it cannot be written.
 */
interface LetWrite {
  readonly directory: string;
  readonly sinceMs: number;
}

/** By as much the system's time of a change may lag behind the clock. */
const LAG_MS = 20;
/** Lines before those of directories that are gone are left out. */
const MANY = 256;

const place = () =>
  join(process.env['XDG_STATE_HOME'] || join(homedir(), '.local', 'state'), 'lanyard', 'let-write');

/** Why it could not be kept, as the system says it; null where it is. */
export function noteLetWrite(paths: readonly string[], nowMs: number): string | null {
  try {
    keep(
      paths.filter((path) => existsSync(path)).map((path) => realpathSync(path)),
      nowMs,
    );
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function keep(directories: readonly string[], nowMs: number): void {
  const known = read();
  const fresh = directories.filter((directory) => !known.some((one) => one.directory === directory));
  if (fresh.length === 0) return;
  const lines = fresh.map((directory) => lineOf({ directory, sinceMs: nowMs })).join('');
  mkdirSync(join(place(), '..'), { recursive: true, mode: 0o700 });
  if (known.length < MANY) {
    appendFileSync(place(), lines, { mode: 0o600 });
    return;
  }
  const left = known.filter(({ directory }) => existsSync(directory)).map(lineOf);
  writeFileSync(`${place()}.new`, left.join('') + lines, { mode: 0o600 });
  renameSync(`${place()}.new`, place());
}

/**
 * Whether a file, or the link that leads to it, may have been put where it is by a program under `run`. By the time of its
 * change (ctime), which only the system sets. What cannot be looked at may.
 */
export function mayBeOfARun(path: string): boolean {
  const marks = read();
  if (marks.length === 0) return false;
  try {
    return [path, realpathSync(path)].some((one) => {
      const real = join(realpathSync(join(one, '..')), one.slice(one.lastIndexOf('/') + 1));
      const { ctimeMs } = lstatSync(one);
      return marks.some(
        ({ directory, sinceMs }) =>
          ctimeMs >= sinceMs - LAG_MS && real.startsWith(directory === '/' ? '/' : `${directory}/`),
      );
    });
  } catch {
    return true;
  }
}

const lineOf = (mark: LetWrite) => `${JSON.stringify(mark)}\n`;

function read(): LetWrite[] {
  let text: string;
  try {
    text = readFileSync(place(), 'utf8');
  } catch {
    return [];
  }
  return text.split('\n').flatMap((line) => {
    const mark = objectIn(line);
    const [directory, sinceMs] = [mark?.['directory'], mark?.['sinceMs']];
    return typeof directory === 'string' && typeof sinceMs === 'number' ? [{ directory, sinceMs }] : [];
  });
}
