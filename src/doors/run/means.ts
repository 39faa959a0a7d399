import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { Cgroup } from './cgroup.ts';

/** What this machine has to hold a program with. */
export interface Means {
  readonly cgroup: boolean;
  readonly namespaces: boolean;
}

/** Tries each: what is installed may still be forbidden. */
export function findMeans(wants: Means): Means {
  const tried = wants.cgroup ? Cgroup.make(`probe-${randomBytes(4).toString('hex')}`) : null;
  tried?.remove();
  return { cgroup: tried !== null, namespaces: wants.namespaces && bubblewrapWorks() };
}

function bubblewrapWorks(): boolean {
  const args = [
    '--unshare-user',
    '--unshare-pid',
    '--unshare-net',
    '--ro-bind',
    '/',
    '/',
    '--proc',
    '/proc',
    'true',
  ];
  return spawnSync('bwrap', args, { stdio: 'ignore' }).status === 0;
}

export const IN_GROUP = 'cgroup';

/** How the log names what holds a run. */
export function heldBy({ cgroup, namespaces }: Means): string[] {
  return ['process-group', ...(cgroup ? [IN_GROUP] : []), ...(namespaces ? ['namespaces'] : [])];
}

/** What is weaker without each of them, a sentence each. */
export function weaknesses({ cgroup, namespaces }: Means): string[] {
  return [
    ...(namespaces
      ? []
      : [
          'No namespaces (bubblewrap is missing, not permitted, or was left out): the program reaches the network without its proxy, reads what you can read, Lanyard’s own files included, and writes what you can write. Only its environment is clean.',
        ]),
    ...(cgroup || namespaces
      ? []
      : [
          'No control group that can be written: its processes are found by their family and by a variable that they inherit. A daemon that leaves both behind escapes a freeze and a kill.',
        ]),
    ...(cgroup || !namespaces
      ? []
      : [
          'No control group that can be written: a freeze stops its processes one after another, and not all in one moment. A kill ends them all, for their namespace ends.',
        ]),
  ];
}
