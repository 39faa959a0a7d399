import { spawnSync } from 'node:child_process';

/** Only where it is said in full: a program of the same name on the PATH is none of the system's. */
const SANDBOX_EXEC = '/usr/bin/sandbox-exec';

interface Seatbelt {
  /** Real paths, here and below: the kernel compares what a path leads to. */
  readonly writable: readonly string[];
  /** What belongs to Lanyard, and must not be seen. */
  readonly hidden: readonly string[];
  /** The run's own door on the loopback. */
  readonly port: number;
}

/** The command under which another runs within Seatbelt, the sandbox of macOS, and becomes it. */
export function seatbeltOf(held: Seatbelt): readonly string[] {
  return [SANDBOX_EXEC, '-p', profileOf(held), '--'];
}

/** Whether this system has it and takes such a profile: one with an operation that it does not know starts nothing. */
export function seatbeltWorks(): boolean {
  if (process.platform !== 'darwin') return false;
  const [program = '', ...args] = seatbeltOf({ writable: ['/private/tmp'], hidden: ['/nowhere'], port: 1 });
  return spawnSync(program, [...args, '/usr/bin/true'], { stdio: 'ignore' }).status === 0;
}

/** Devices that programs write whatever they do. */
const DEVICES = ['/dev/null', '/dev/zero', '/dev/tty', '/dev/dtracehelper'];

/**
 * A profile in SBPL, where the last rule that matches decides. It leaves a program what it needs to run, and takes what
 * namespaces take: every connection but to its door, writing but where it is named, Lanyard's files, and others' processes;
 * with them the services that would start or steer a program outside of it.
 */
export function profileOf({ writable, hidden, port }: Seatbelt): string {
  return [
    '(version 1)',
    '(allow default)',
    // Sockets in the file system too: the operator's is one of them. Names are looked up by the way out.
    '(deny network*)',
    // Addresses do not compile there; this one is 127.0.0.1 and ::1. `local` in its place would let everything out.
    `(allow network-outbound (remote ip "localhost:${port}"))`,
    '(deny signal)',
    '(allow signal (target same-sandbox))',
    '(deny process-info*)',
    '(allow process-info* (target same-sandbox))',
    '(deny job-creation)',
    '(deny appleevent-send)',
    '(deny mach-lookup (global-name "com.apple.coreservices.launchservicesd"))',
    '(deny file-write*)',
    `(allow file-write* ${[...DEVICES.map(literal), ...writable.map(below)].join(' ')})`,
    // In the end, so that nothing above gives it back.
    ...(hidden.length === 0 ? [] : [`(deny file-read* file-write* ${hidden.map(below).join(' ')})`]),
  ].join('\n');
}

const literal = (path: string) => `(literal ${quoted(path)})`;
const below = (path: string) => `(subpath ${quoted(path)})`;

/** A string of SBPL: what a path holds ends neither the string nor the rule. */
function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&')}"`;
}
