import { lstatSync, readdirSync, realpathSync } from 'node:fs';
import type { FileView } from '../catalog/files.ts';

/** The file system of this machine, as far as normalising a path needs it. Every doubt is told as the unsafe answer. */
export const machineFiles: FileView = {
  realpath(path) {
    try {
      return realpathSync.native(path);
    } catch {
      return null;
    }
  },
  present(path) {
    try {
      lstatSync(path);
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      return code !== 'ENOENT' && code !== 'ENOTDIR';
    }
  },
  names(directory) {
    try {
      return readdirSync(directory);
    } catch {
      return null;
    }
  },
};

/** The real path of what exists, else of its nearest existing parent with the rest appended. */
export function realOrPlanned(path: string): string {
  const real = machineFiles.realpath(path);
  if (real !== null) return real;
  const slash = path.lastIndexOf('/');
  return slash <= 0 ? path : `${realOrPlanned(path.slice(0, slash))}${path.slice(slash)}`;
}
