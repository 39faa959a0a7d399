import { messageOf } from './error-text.ts';

type Doing = 'read' | 'write';

/** Why a file could not be read or written, as the end of a sentence that names it; what is not known here says itself. */
export function fileFault(error: unknown, doing: Doing): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return WHY[doing][code] ?? WHY.both[code] ?? messageOf(error);
}

/** Whether something failed because the disk is full, as the system says it or as SQLite does. */
export const isDiskFull = (error: unknown): boolean =>
  error instanceof Error &&
  (('code' in error && error.code === 'ENOSPC') || error.message === 'database or disk is full');

const WHY: Readonly<Record<Doing | 'both', Readonly<Record<string, string>>>> = {
  read: {
    ENOENT: 'it does not exist',
    EACCES: 'this user may not read it',
    EPERM: 'this user may not read it',
  },
  write: {
    ENOENT: 'its directory does not exist',
    EACCES: 'this user may not write there',
    EPERM: 'this user may not write there',
    EROFS: 'nothing can be written there',
    ENOSPC: 'the disk is full, so what stands there is not whole',
  },
  both: { EISDIR: 'it is a directory', ENOTDIR: 'what stands for its directory is a file' },
};
