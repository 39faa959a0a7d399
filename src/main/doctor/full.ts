import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** A way to keep the files of an instance from growing, that needs no rights of its own. */
export interface Fullness {
  readonly how: string;
  /** Runs the command that follows it. */
  readonly wrapper: readonly string[];
}

const KIB = 2048;

/**
 * The kernel refuses to let any file of the instance grow beyond two megabytes (RLIMIT_FSIZE). `ulimit -f` counts
 * blocks of 512 bytes in some shells and of 1,024 in others: it is between one and two megabytes.
 */
export const FILE_LIMIT: Fullness = {
  how: 'files that cannot grow (RLIMIT_FSIZE)',
  wrapper: ['/bin/sh', '-c', `ulimit -f ${KIB}; exec "$@"`, 'sh'],
};

/** A file system of two megabytes in memory, in a user namespace of its own, where the system lets users have one. */
export function smallFileSystem(state: string): Fullness {
  const script = `mount -t tmpfs -o size=${KIB}k,mode=700 lanyard-doctor "$0" && exec "$@"`;
  return {
    how: 'a full file system (tmpfs of 2 MB)',
    wrapper: ['unshare', '--map-root-user', '--mount', '/bin/sh', '-c', script, state],
  };
}

export async function canMount(directory: string): Promise<boolean> {
  const { wrapper } = smallFileSystem(directory);
  const [program = '', ...args] = [...wrapper, 'true'];
  const child = spawn(program, args, { stdio: 'ignore' });
  const ended = once(child, 'exit').then(
    ([code]) => code === 0,
    () => false,
  );
  child.on('error', () => undefined);
  return ended;
}
