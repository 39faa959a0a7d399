import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { Cgroup } from './cgroup.ts';
import { keepsFilesApart } from './left-open.ts';
import { seatbeltWorks } from './seatbelt.ts';

/** What this machine has to hold a program with. */
export interface Means {
  readonly cgroup: boolean;
  readonly namespaces: boolean;
  /** Of macOS, in the place of namespaces. */
  readonly seatbelt: boolean;
  /** Whether the system shows other processes under /proc, by which those of a run are found. */
  readonly shows: boolean;
  /** Whether files that its caller had left open are kept from the program. */
  readonly apart: boolean;
  /** Which limits its control group keeps of all its processes together. */
  readonly keeps: { readonly memory: boolean; readonly processes: boolean };
  /** The system counts no processes of root. */
  readonly isRoot: boolean;
}

type Holding = Pick<Means, 'cgroup' | 'namespaces' | 'seatbelt'>;

/** Tries each: what is installed may still be forbidden. */
export function findMeans(wants: Pick<Means, 'cgroup' | 'namespaces'>): Means {
  const tried = wants.cgroup ? Cgroup.make(`probe-${randomBytes(4).toString('hex')}`) : null;
  const keeps = {
    memory: tried?.limit('memory.max', 2 ** 40) === true,
    processes: tried?.limit('pids.max', 4096) === true,
  };
  tried?.remove();
  const namespaces = wants.namespaces && bubblewrapWorks();
  return {
    cgroup: tried !== null,
    namespaces,
    seatbelt: wants.namespaces && !namespaces && seatbeltWorks(),
    shows: existsSync('/proc/self/stat'),
    apart: keepsFilesApart(),
    keeps,
    isRoot: process.getuid?.() === 0,
  };
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
export function heldBy({ cgroup, namespaces, seatbelt }: Holding): string[] {
  return [
    'process-group',
    ...(cgroup ? [IN_GROUP] : []),
    ...(namespaces ? ['namespaces'] : []),
    ...(seatbelt ? ['seatbelt'] : []),
  ];
}

/** What is weaker without each of them, a sentence each. */
export function weaknesses({
  cgroup,
  namespaces,
  seatbelt,
  shows,
  apart,
}: Holding & Pick<Means, 'shows' | 'apart'>): string[] {
  const whatEscapes = shows
    ? 'its processes are found by their family, and by a variable and a limit that they inherit. A daemon that leaves all three behind'
    : 'its processes are found by their group alone. One that leaves it';
  return [
    ...(namespaces || seatbelt
      ? []
      : [
          'No sandbox (bubblewrap or Seatbelt is missing, not permitted, or was left out): the program reaches the network without its proxy, reads what you can read, Lanyard’s own files included, and writes what you can write. Only its environment is clean.',
        ]),
    ...(seatbelt
      ? [
          'Seatbelt in the place of namespaces: network, writing, Lanyard’s own files and others’ processes are kept from it; services of the system, which answer whoever asks, are not. This has not been tried by Lanyard’s own tests.',
        ]
      : []),
    ...(cgroup || namespaces
      ? []
      : [`No control group that can be written: ${whatEscapes} escapes a freeze and a kill.`]),
    ...(cgroup && !namespaces
      ? [
          'Without namespaces it may leave its control group where your user may write that: it is then found by its family, and by a variable and a limit that it inherits, as without one.',
        ]
      : []),
    ...(apart
      ? []
      : [
          'The system does not say which files this command was left with: what the shell that started it had open beyond the standard three may be open in the program too.',
        ]),
    ...(cgroup || !namespaces
      ? []
      : [
          'No control group that can be written: a freeze stops its processes one after another, and not all in one moment. A kill ends them all, for their namespace ends.',
        ]),
  ];
}

/** Limits that are set for programs, as `agents[].run` has them. */
interface SetLimits {
  readonly cpu?: number | undefined;
  readonly memory?: number | undefined;
  readonly processes?: number | undefined;
}

/** Which of the limits that are set hold less than they say here, a sentence each. */
export function weakLimits({ keeps, isRoot }: Means, { cpu, memory, processes }: SetLimits): string[] {
  const ofProcesses = isRoot
    ? 'The limit of processes does NOT hold: no control group keeps it here, and the system counts none of root’s.'
    : 'The limit of processes counts all of your user’s, not those of this program alone: no control group keeps it here.';
  return [
    ...(cpu === undefined
      ? []
      : [
          'The limit of the processor is of each process by itself: one that starts others has it anew in each.',
        ]),
    ...(memory === undefined || keeps.memory
      ? []
      : [
          'The limit of memory is of each process by itself: no control group keeps it of all together here.',
        ]),
    ...(processes === undefined || keeps.processes ? [] : [ofProcesses]),
  ];
}
