import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';

/** Makes `path` a file system of its own of so many megabytes, in memory; false where this system lets this user mount nothing. */
export function mountSmallDisk(path: string, megabytes: number): boolean {
  mkdirSync(path, { mode: 0o700 });
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=700`, 'lanyard-test', path], {
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

export function unmount(path: string): void {
  execFileSync('umount', ['-l', path]);
}

/** Writes to `file` until not a byte more goes on its disk. */
export function fillDisk(file: string): void {
  for (const size of [1024 * 1024, 64 * 1024, 4096, 512, 1])
    for (let full = false; !full; )
      try {
        writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
      } catch {
        full = true;
      }
}
