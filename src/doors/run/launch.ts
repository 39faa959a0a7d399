/** What a program is started with. */
export interface Launch {
  readonly command: readonly string[];
  /** The directory of its control group; absent: it has none. */
  readonly cgroup?: string;
  /** Of each process: seconds of the processor, MiB of data. Of the user: processes. */
  readonly cpu?: number;
  readonly memory?: number;
  readonly processes?: number;
  /** The command is a sandbox around the program, which dies of no signal that is meant for the program. */
  readonly isSandbox?: boolean;
}

/**
 * The command that becomes the program: it enters the control group, takes the limits on, and waits on descriptor 3 for
 * the word that the instance has hold of it. Whatever of it fails, the program does not start (126).
 */
export function launchOf({ command, cgroup, cpu, memory, processes, isSandbox }: Launch): readonly string[] {
  const limit = (flag: string, value: number | undefined) =>
    value === undefined ? [] : [`ulimit -${flag} ${value} || exit 126`];
  const script = [
    'group=$1; shift',
    // 0 is the writer itself (cgroup-v2, "Processes").
    '[ -z "$group" ] || echo 0 > "$group/cgroup.procs" || exit 126',
    ...limit('t', cpu),
    ...limit('d', memory === undefined ? undefined : memory * 1024),
    // dash calls it -p, others -u.
    ...(processes === undefined
      ? []
      : [`ulimit -u ${processes} 2>/dev/null || ulimit -p ${processes} || exit 126`]),
    'go=; read -r go <&3; [ "$go" = go ] || exit 126',
    'exec 3<&-',
    ...(isSandbox === true ? ["trap '' INT TERM HUP QUIT USR2"] : []),
    'exec "$@"',
  ];
  return ['/bin/sh', '-c', script.join('\n'), 'lanyard-run', cgroup ?? '', ...command];
}
