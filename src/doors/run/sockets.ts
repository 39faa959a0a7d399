import { lstatSync, readFileSync } from 'node:fs';

/**
 * Sockets that programs of this machine have in the file system now (proc_net(5), unix). A read-only mount keeps nobody from
 * connecting to one, and a network of its own does not either.
 */
export function socketsInFiles(): string[] {
  const lines = read().split('\n').slice(1);
  const paths = lines.map((line) => /^(?:\S+ +){6}\S+ +(\/.*)$/.exec(line)?.[1] ?? '');
  return [...new Set(paths)].filter((path) => path !== '' && isSocket(path));
}

function read(): string {
  try {
    return readFileSync('/proc/net/unix', 'utf8');
  } catch {
    return '';
  }
}

function isSocket(path: string): boolean {
  try {
    return lstatSync(path).isSocket();
  } catch {
    return false;
  }
}
