import { closeSync, fdatasync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { sha256 } from '../base/hash.ts';
import { LIMITS } from '../base/limits.ts';
import { isScope, type Levels, type Scope, setLevel } from '../containment/levels.ts';
import { isLevel } from '../model/level.ts';
import { ensurePrivateFile } from './private-file.ts';

/**
 * Room on the disk that is kept free for stops: a file of a fixed size, written whole at the first start, in which the
 * levels that are set stand beside the log. A stop is written there in its own tick, over what stood there, which needs
 * no space and waits for no commit: so it outlives a kill and a full disk. Two slots are written by turns; each is
 * `<sha256 of the rest> <number> <JSON>`, and what is torn leaves the other.
 */
export class StopReserve {
  readonly #fd: number;
  #turn: number;
  #isSyncing = false;
  #wantsSync = false;

  private constructor(fd: number, turn: number) {
    this.#fd = fd;
    this.#turn = turn;
  }

  /** Opens it, or makes it. `kept`: the levels that stood there; null: something did, and cannot be read. Throws where there is no room. */
  static open(path: string): {
    readonly reserve: StopReserve;
    readonly kept: Levels | null;
    readonly proven: ReadonlySet<Scope>;
  } {
    ensurePrivateFile(path);
    const fd = openSync(path, 'r+');
    try {
      const slots = [0, 1].map((turn) => readSlot(fd, turn));
      const [newest] = slots
        .filter((slot) => slot !== null && slot !== 'torn')
        .sort((a, b) => b.number - a.number);
      fill(fd, newest === undefined && slots.every((slot) => slot === null));
      const kept = newest?.levels ?? (slots.includes('torn') ? null : new Map());
      const proven = newest?.proven ?? new Set<Scope>();
      return { reserve: new StopReserve(fd, newest?.number ?? 0), kept, proven };
    } catch (error) {
      closeSync(fd);
      throw error;
    }
  }

  /** Writes what is set now: in the page cache when this returns, on the disk soon after. What has no room is left to the log, oldest first. */
  keep(levels: Levels, proven: ReadonlySet<Scope> = new Set()): void {
    const number = ++this.#turn;
    const slot = Buffer.alloc(LIMITS.stopReserveBytes / 2);
    slot.write(textOf(number, levels, proven));
    writeSync(this.#fd, slot, 0, slot.length, placeOf(number));
    this.#sync();
  }

  close(): void {
    closeSync(this.#fd);
  }

  #sync(): void {
    if (this.#isSyncing) {
      this.#wantsSync = true;
      return;
    }
    this.#isSyncing = true;
    fdatasync(this.#fd, () => {
      this.#isSyncing = false;
      if (!this.#wantsSync) return;
      this.#wantsSync = false;
      this.#sync();
    });
  }
}

/** Stands behind a level that is a kill which revokes secrets. */
const PROVEN = 'proven';

interface Kept {
  readonly levels: Levels;
  readonly proven: ReadonlySet<Scope>;
}

const placeOf = (number: number) => (number % 2) * (LIMITS.stopReserveBytes / 2);

function textOf(number: number, levels: Levels, proven: ReadonlySet<Scope>): string {
  const kept: (readonly [Scope, string, ...string[]])[] = [];
  // A digest, a number, two spaces, and what JSON puts around a pair.
  let room = LIMITS.stopReserveBytes / 2 - 128;
  for (const [scope, level] of [...levels].reverse()) {
    const row = [scope, level, ...(proven.has(scope) ? [PROVEN] : [])] as const;
    room -= Buffer.byteLength(JSON.stringify(row)) + 1;
    if (room < 0) break;
    kept.unshift(row);
  }
  const rest = `${number} ${JSON.stringify(kept)}`;
  return `${sha256(rest).toString('hex')} ${rest}`;
}

/** null: nothing was ever written there. */
function readSlot(fd: number, turn: number): (Kept & { number: number }) | 'torn' | null {
  const bytes = Buffer.alloc(LIMITS.stopReserveBytes / 2);
  const read = readSync(fd, bytes, 0, bytes.length, placeOf(turn));
  const end = bytes.indexOf(0);
  const text = bytes.toString('utf8', 0, end === -1 ? read : Math.min(end, read));
  if (text === '') return null;
  const [, digest, rest, number, json] = /^([0-9a-f]{64}) ((\d{1,15}) (\[.*\]))$/s.exec(text) ?? [];
  if (rest === undefined || json === undefined || sha256(rest).toString('hex') !== digest) return 'torn';
  const kept = readLevels(json);
  return kept === null ? 'torn' : { number: Number(number), ...kept };
}

function readLevels(json: string): Kept | null {
  const pairs: unknown = JSON.parse(json);
  if (!Array.isArray(pairs)) return null;
  let levels: Levels = new Map();
  const proven = new Set<Scope>();
  for (const pair of pairs) {
    const [scope, level, word]: unknown[] = Array.isArray(pair) ? pair : [];
    if (typeof scope !== 'string' || typeof level !== 'string' || !isScope(scope) || !isLevel(level))
      return null;
    levels = setLevel(levels, scope, level);
    if (word === PROVEN) proven.add(scope);
  }
  return { levels, proven };
}

/** Takes the room, with real bytes: a hole in a file is no room. Never over what stands there. */
function fill(fd: number, isNew: boolean): void {
  if (!isNew) return;
  writeSync(fd, Buffer.alloc(LIMITS.stopReserveBytes), 0, LIMITS.stopReserveBytes, 0);
  fsyncSync(fd);
}
