import { chmodSync, closeSync, openSync } from 'node:fs';

/**
 * Sees to it that the file exists and only its owner may read it; answers whether it was made now. An existing file is
 * not opened: closing it again would drop the locks that this process holds on it by another descriptor (POSIX).
 */
export function ensurePrivateFile(path: string): boolean {
  try {
    closeSync(openSync(path, 'wx', 0o600));
    return true;
  } catch (fault) {
    if (!(fault instanceof Error && 'code' in fault && fault.code === 'EEXIST')) throw fault;
    chmodSync(path, 0o600);
    return false;
  }
}
