import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { isJsonObject, type Json } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { syncDirectory } from '../../base/sync-directory.ts';
import { isScope } from '../../containment/levels.ts';
import { isLevel } from '../../model/level.ts';
import { isOutsideWay, type OutsideStop } from '../../pipeline/stop/outside.ts';

const SPARE = 'spare';
const SPARE_BYTES = 4096;
const NAME = /^([0-9A-Z]{26})\.json$/;

/**
 * Stops that are in force and not yet in the log, a file each, synced before anybody is told that they hold: a start
 * takes them up again. Space for one is kept free, so that a full disk keeps nobody from stopping.
 */
export class StopFiles {
  readonly directory: string;

  constructor(directory: string) {
    this.directory = directory;
  }

  /** Makes the directory and keeps space free. Never throws: a stop holds in memory without it. */
  open(): void {
    attempt(() => mkdirSync(this.directory, { recursive: true, mode: 0o700 }));
    this.#laySpare();
  }

  /** Whether it survives a crash from here on. */
  keep(stop: OutsideStop): boolean {
    const text = `${JSON.stringify(stop)}\n`;
    const path = this.#pathOf(stop.id);
    const kept =
      attempt(() => this.#intoSpare(text, path)) ||
      attempt(() => writeFileSync(path, text, { mode: 0o600, flush: true })) ||
      // Without any content it cannot be read, and what cannot be read freezes everything at the next start.
      attempt(() => writeFileSync(path, '', { mode: 0o600, flush: true }));
    const synced = attempt(() => syncDirectory(this.directory));
    this.#laySpare();
    return kept && synced;
  }

  /** It is in the log now. */
  remove(id: string): void {
    attempt(() => rmSync(this.#pathOf(id), { force: true }));
  }

  /** What an earlier run left behind, the oldest first; and what of it cannot be read. */
  read(): { readonly stops: readonly OutsideStop[]; readonly unreadable: readonly string[] } {
    const stops: OutsideStop[] = [];
    const unreadable: string[] = [];
    let names: string[] = [];
    try {
      names = readdirSync(this.directory).sort();
    } catch (error) {
      if (!isAbsent(error)) unreadable.push(this.directory);
    }
    if (names.length > LIMITS.stopFiles) unreadable.push(this.directory);
    for (const name of names.slice(0, LIMITS.stopFiles)) {
      if (name === SPARE) continue;
      const stop = this.#readOne(name);
      if (stop === null) unreadable.push(join(this.directory, name));
      else stops.push(stop);
    }
    return { stops, unreadable };
  }

  #readOne(name: string): OutsideStop | null {
    const path = join(this.directory, name);
    try {
      if (statSync(path).size > LIMITS.stopFileBytes) return null;
      const stop = stopOf(JSON.parse(readFileSync(path, 'utf8')) as Json);
      return NAME.exec(name)?.[1] === stop?.id ? stop : null;
    } catch {
      return null;
    }
  }

  #pathOf(id: string): string {
    return join(this.directory, `${id}.json`);
  }

  #intoSpare(text: string, path: string): void {
    if (Buffer.byteLength(text) > SPARE_BYTES) throw new Error('it is larger than what is kept free');
    const spare = join(this.directory, SPARE);
    const file = openSync(spare, 'r+');
    try {
      writeSync(file, text, 0);
      ftruncateSync(file, Buffer.byteLength(text));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(spare, path);
  }

  #laySpare(): void {
    const spare = join(this.directory, SPARE);
    attempt(() => {
      if (statSync(spare, { throwIfNoEntry: false })?.size === SPARE_BYTES) return;
      writeFileSync(spare, Buffer.alloc(SPARE_BYTES), { mode: 0o600, flush: true });
    });
  }
}

function stopOf(value: Json): OutsideStop | null {
  if (!isJsonObject(value)) return null;
  const { id, scope, level, by, person, code, why } = value;
  if (typeof id !== 'string' || typeof scope !== 'string' || !isScope(scope)) return null;
  if (typeof level !== 'string' || !isLevel(level) || level === 'live') return null;
  if (!isOutsideWay(by)) return null;
  return {
    id,
    scope,
    level,
    by,
    ...(typeof person === 'string' ? { person } : {}),
    ...(typeof code === 'string' ? { code } : {}),
    ...(typeof why === 'string' ? { why } : {}),
  };
}

function attempt(run: () => void): boolean {
  try {
    run();
    return true;
  } catch {
    return false;
  }
}

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT';
