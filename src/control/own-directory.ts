import { lstatSync, mkdirSync, readlinkSync } from 'node:fs';
import { type Problem, problem } from '../base/errors.ts';

/**
 * Makes a directory for sockets that is this user's alone, where it is not there. What is there instead, be it in a
 * place where everybody may write, is left as it is and said: whose it is, and what to do. No socket lies there then.
 */
export function takeOwnDirectory(path: string): Problem | null {
  const taken = (what: string, help: string) => problem('SOCKET_PLACE_TAKEN', { path, what, help });
  let fault = 'it is not there';
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (error) {
    fault = String((error as NodeJS.ErrnoException).code ?? error);
  }
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) return taken(`cannot be made (${fault})`, `make it: mkdir -m 700 ${path}`);
  const uid = process.getuid?.() ?? 0;
  const isMine = found.uid === uid;
  const remove = (command: string) =>
    isMine
      ? `look at it (ls -ld ${path}), remove it (${command} ${path}) and try again`
      : `have that user or root remove it (sudo ${command} ${path}) and try again`;
  const whose = isMine ? 'of your own' : `of user ${found.uid}, and you are user ${uid}`;
  if (found.isSymbolicLink()) return taken(`is a link to ${readlinkSync(path)}, ${whose}`, remove('rm'));
  if (!found.isDirectory()) return taken(`is no directory, but a file ${whose}`, remove('rm'));
  if (!isMine) return taken(`is a directory ${whose}`, remove('rm -r'));
  if ((found.mode & 0o077) === 0) return null;
  const mode = (found.mode & 0o777).toString(8);
  return taken(
    `is open to other users (mode ${mode})`,
    `look whether all in it is yours, then chmod 700 ${path}`,
  );
}
