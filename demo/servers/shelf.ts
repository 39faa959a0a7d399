import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * One JSON document on disk. The file is the truth and is read at every call: Lanyard gives each agent a process of its
 * own, so several processes of one server, and a person besides, look at the same world.
 */
export class Shelf<T> {
  readonly #path: string;
  readonly #empty: T;

  constructor(path: string, empty: T) {
    this.#path = path;
    this.#empty = empty;
  }

  read(): T {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
        return structuredClone(this.#empty);
      throw error;
    }
    return JSON.parse(text) as T;
  }

  /** Replaces the document in one step; a reader sees the old one or the new one. */
  write(value: T): void {
    mkdirSync(dirname(this.#path), { recursive: true });
    const next = `${this.#path}.${process.pid}`;
    writeFileSync(next, `${JSON.stringify(value, null, 2)}\n`);
    renameSync(next, this.#path);
  }
}
