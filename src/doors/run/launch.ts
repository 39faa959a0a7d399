import { quietLimitOf } from './quiet-limit.ts';

/** Of each process: seconds of the processor, MiB of data. Of the user: processes. */
export interface Limits {
  readonly cpu?: number;
  readonly memory?: number;
  readonly processes?: number;
}

/** What a program is started with. */
export interface Launch extends Limits {
  readonly command: readonly string[];
  /** The run that it is, by which its processes are found. */
  readonly run: string;
  /** The directory of its control group; absent: it has none. */
  readonly cgroup?: string;
  /** The command is a sandbox around the program, which dies of no signal that is meant for the program. */
  readonly isSandbox?: boolean;
}

/**
 * The command that becomes the program: it enters the control group, takes the limits on, and waits on descriptor 3 for
 * the word that the instance has hold of it. Whatever of it fails, the program does not start (126).
 */
export function launchOf({ command, run, cgroup, isSandbox, ...limits }: Launch): readonly string[] {
  const script = [
    'group=$1; shift',
    // 0 is the writer itself (cgroup-v2, "Processes").
    '[ -z "$group" ] || echo 0 > "$group/cgroup.procs" || exit 126',
    // Where the shell or the system does not take it, the other marks are left.
    `ulimit -m ${quietLimitOf(run)} 2>/dev/null || :`,
    ...takingOn(limits),
    'go=; read -r go <&3; [ "$go" = go ] || exit 126',
    'exec 3<&-',
    ...(isSandbox === true ? ["trap '' INT TERM HUP QUIT USR2"] : []),
    'exec "$@"',
  ];
  return ['/bin/sh', '-c', script.join('\n'), 'lanyard-run', cgroup ?? '', ...command];
}

/** The command under limits, within a sandbox: what the sandbox itself needs there is not to come out of them. */
export function limited(command: readonly string[], limits: Limits): readonly string[] {
  const lines = takingOn(limits);
  if (lines.length === 0) return command;
  return ['/bin/sh', '-c', [...lines, 'exec "$@"'].join('\n'), 'lanyard-run', ...command];
}

function takingOn({ cpu, memory, processes }: Limits): readonly string[] {
  const limit = (flag: string, value: number | undefined) =>
    value === undefined ? [] : [`ulimit -${flag} ${value} || exit 126`];
  return [
    ...limit('t', cpu),
    ...limit('d', memory === undefined ? undefined : memory * 1024),
    // dash calls it -p, others -u.
    ...(processes === undefined
      ? []
      : [`ulimit -u ${processes} 2>/dev/null || ulimit -p ${processes} || exit 126`]),
  ];
}
