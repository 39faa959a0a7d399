import { messageOf } from './error-text.ts';

type Doing = 'read' | 'write';

/** Why a file could not be read or written, as the end of a sentence that names it; what is not known here says itself. */
export function fileFault(error: unknown, doing: Doing): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return WHY[doing][code] ?? WHY.both[code] ?? messageOf(error);
}

/** What the system said of a path, or SQLite of its file, as a sentence for a person; null where it is nothing of the kind. */
export function systemFault(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  if ('errcode' in error && typeof error.errcode === 'number') return OF_SQLITE[error.errcode & 0xff] ?? null;
  const { code, path } = { code: '', path: '', ...error };
  const why = MEETING[code];
  return why === undefined || path === '' ? null : `${path} cannot be used: ${why}.`;
}

const MEETING: Readonly<Record<string, string>> = {
  ENOENT: 'it does not exist',
  EACCES: 'this user may not read or write it',
  EPERM: 'this user may not read or write it',
  EROFS: 'nothing can be written there',
  ENOSPC: 'the disk is full',
  EISDIR: 'it is a directory',
  ENOTDIR: 'what stands for its directory is a file',
  ELOOP: 'its links lead round in a circle',
  ENAMETOOLONG: 'its name is too long',
  EMFILE: 'too many files are open',
};

/** By SQLite's primary result codes; a damaged file is told with its name where it is opened (store/sqlite). */
const OF_SQLITE: Readonly<Record<number, string>> = {
  8: 'The state cannot be opened: this user may not write in its directory, which reading the log takes too.',
  14: 'The state cannot be opened: a file of it cannot be read or made by this user.',
};

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
