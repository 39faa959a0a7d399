import { existsSync, statSync } from 'node:fs';

interface Sandbox {
  readonly directory: string;
  readonly writable: readonly string[];
  /** What belongs to Lanyard, and must not be seen. */
  readonly hidden: readonly string[];
  /** What has to be seen all the same, read-only: the runtime and the forwarder. */
  readonly shown: readonly string[];
  /** Sockets of other programs in the file system. */
  readonly sockets: readonly string[];
  /** Where the run's door is. */
  readonly door: string;
}

/**
 * bubblewrap with namespaces of its own: no network but a loopback of its own, no other processes, nothing writable but
 * what is named. The order counts: what comes later covers what came before.
 */
export function sandboxOf(sandbox: Sandbox): readonly string[] {
  const { directory, writable, hidden, shown, door } = sandbox;
  const bound = [directory, ...writable];
  // Sockets in directories that are empty inside are out of reach already, unless something was bound into those.
  const seen = sandbox.sockets.filter((path) => !lies(path, [...EMPTY, ...hidden]) || lies(path, bound));
  return [
    'bwrap',
    ...[
      '--unshare-user',
      '--unshare-pid',
      '--unshare-net',
      '--unshare-ipc',
      '--unshare-uts',
      '--unshare-cgroup-try',
    ],
    ...['--cap-drop', 'ALL', '--die-with-parent'],
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'],
    // Empty inside, because sockets of other programs lie there, and a read-only mount keeps nobody from connecting.
    ...EMPTY.flatMap((path) => ['--tmpfs', path]),
    ...(existsSync('/sys/fs/cgroup') ? ['--tmpfs', '/sys/fs/cgroup'] : []),
    ...shown.flatMap((path) => ['--ro-bind', path, path]),
    ...bound.flatMap((path) => ['--bind', path, path]),
    ...seen.flatMap((path) => cover(path)),
    ...hidden.flatMap((path) => cover(path)),
    ...['--ro-bind', door, door],
    ...['--chdir', directory, '--'],
  ];
}

const EMPTY = ['/tmp', '/run'];

const lies = (path: string, within: readonly string[]) =>
  within.some(
    (directory) => path === directory || path.startsWith(directory === '/' ? '/' : `${directory}/`),
  );

function cover(path: string): readonly string[] {
  if (!existsSync(path)) return [];
  return statSync(path).isDirectory() ? ['--tmpfs', path] : ['--ro-bind', '/dev/null', path];
}
