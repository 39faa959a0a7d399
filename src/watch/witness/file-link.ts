import { constants } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { LIMITS } from '../../base/limits.ts';
import { syncDirectoryAside } from '../../base/sync-directory.ts';
import type { Kept, WitnessLink } from './link.ts';

/**
 * A file of notes, or a directory that has one for each log. Lines are only ever added, each synced before it counts as
 * kept; who must not be able to change the file is for its owner to see to (another user, another machine, append-only).
 */
export class FileLink implements WitnessLink {
  readonly #path: string;
  readonly #name: string;

  /** `origin` names the log's own file in a directory. */
  constructor(path: string, origin: string) {
    this.#path = path;
    this.#name = `${origin.replace(/[^A-Za-z0-9.-]/g, '-')}.notes`;
  }

  async recall(): Promise<string> {
    const path = await this.#file();
    const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return null;
      throw error;
    });
    if (file === null) {
      // A witness whose directory is gone is none; one that has not been written to is.
      await stat(dirname(path));
      return '';
    }
    try {
      const { size } = await file.stat();
      const from = Math.max(0, size - LIMITS.witnessTailBytes);
      const { buffer, bytesRead } = await file.read({
        buffer: Buffer.alloc(size - from),
        position: from,
      });
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  }

  async keep(note: string): Promise<Kept> {
    const path = await this.#file();
    const isNew = await stat(path).then(
      () => false,
      () => true,
    );
    const file = await open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o644);
    try {
      const { size } = await file.stat();
      // A writer that died may have left half a note: what follows must not be taken for the rest of it.
      const gap = size === 0 || (await endsInGap(file, size)) ? '' : '\n\n';
      await file.appendFile(`${gap}${note}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    if (isNew) await syncDirectoryAside(dirname(path));
    return { ahead: null };
  }

  async #file(): Promise<string> {
    if (this.#path.endsWith('/')) return join(this.#path, this.#name);
    const found = await stat(this.#path).catch(() => null);
    return found?.isDirectory() === true ? join(this.#path, this.#name) : this.#path;
  }
}

async function endsInGap(file: FileHandle, size: number): Promise<boolean> {
  const end = Buffer.alloc(2);
  await file.read({ buffer: end, position: Math.max(0, size - 2) });
  return end.toString('latin1') === '\n\n';
}
