import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { processIds } from './processes.ts';

/**
 * Sockets that programs of this machine have in the file system now. A read-only mount keeps nobody from connecting to one,
 * and a network of its own does not either.
 *
 * The system tells them by the names that they were given (proc_net(5), unix), and by those alone. One that stands there no
 * more has perhaps been moved beside it (bind, then rename, so that it is there all at once), so whatever is a socket in that
 * directory counts. A relative name is looked for where each program works that may be looked at.
 */
export function socketsInFiles(): string[] {
  const names = namesOfSockets();
  const relative = names.filter((name) => !name.startsWith('/'));
  const places = relative.length === 0 ? [] : workingDirectories();
  const paths = [
    ...names.filter((name) => name.startsWith('/')),
    ...relative.flatMap((name) => places.map((place) => join(place, name))),
  ];
  const here = paths.filter(isSocket);
  const moved = [...new Set(paths.filter((path) => !isSocket(path)).map((path) => dirname(path)))];
  return [...new Set([...here, ...moved.flatMap(socketsIn)])];
}

/** As they were bound; without those that are in no file (`@…`). */
function namesOfSockets(): string[] {
  const lines = read().split('\n').slice(1);
  const names = lines.map((line) => /^(?:\S+ +){6}\S+ +([^@].*)$/.exec(line)?.[1] ?? '');
  return [...new Set(names)].filter((name) => name !== '');
}

function read(): string {
  try {
    return readFileSync('/proc/net/unix', 'utf8');
  } catch {
    return '';
  }
}

function workingDirectories(): string[] {
  const places = processIds().map((pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`);
    } catch {
      return '';
    }
  });
  return [...new Set(places)].filter((place) => place.startsWith('/'));
}

function isSocket(path: string): boolean {
  try {
    return lstatSync(path).isSocket();
  } catch {
    return false;
  }
}

function socketsIn(directory: string): string[] {
  try {
    const found = readdirSync(directory, { withFileTypes: true }).filter((entry) => entry.isSocket());
    return found.map(({ name }) => join(directory, name));
  } catch {
    return [];
  }
}
