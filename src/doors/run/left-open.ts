import { closeSync, readdirSync, readFileSync } from 'node:fs';

/** By system call open(2) of Linux: such a descriptor is closed in what a process starts. */
const O_CLOEXEC = 0o2000000;

const FDINFO = '/proc/self/fdinfo';

/**
 * Descriptors above the standard three that would go on to a program as they are. The runtime keeps none open without
 * O_CLOEXEC, and marks what it came with; beyond the sixteenth it stops at the first number that is free (libuv,
 * `uv_disable_stdio_inheritance`). So each is one that whoever started this process had left open. Null where the system
 * does not say: macOS, where nothing is passed on but what is named (POSIX_SPAWN_CLOEXEC_DEFAULT), and others.
 */
function leftOpen(): readonly number[] | null {
  let names: readonly string[];
  try {
    names = readdirSync(FDINFO);
  } catch {
    return null;
  }
  return names.map(Number).filter((fd) => fd > 2 && passesOn(fd));
}

function passesOn(fd: number): boolean {
  let text: string;
  try {
    text = readFileSync(`${FDINFO}/${fd}`, 'latin1');
  } catch {
    // The one that listed them, gone with the list.
    return false;
  }
  const flags = /^flags:\s*([0-7]+)$/m.exec(text)?.[1];
  return flags === undefined || (Number.parseInt(flags, 8) & O_CLOEXEC) === 0;
}

/**
 * The one file that the runtime itself reads by a descriptor without O_CLOEXEC, and in a thread of its own: certificates that the
 * environment names. Closed under its hands, they would not be read, and what gets that number next would be closed for it.
 */
function endReadingCertificates(environment: NodeJS.ProcessEnv): void {
  const { NODE_EXTRA_CA_CERTS: extra, NODE_USE_SYSTEM_CA: system } = environment;
  if (extra === undefined && system !== '1') return;
  // Loaded here, for only this takes it. Each waits for that thread.
  const { getCACertificates } = process.getBuiltinModule('node:tls');
  if (extra !== undefined) getCACertificates('extra');
  if (system === '1') getCACertificates('system');
}

/** Closes them here, before a program is started; `environment` is this process's own. Returns those that are open all the same: with one, none may be started. */
export function closeLeftOpen(environment: NodeJS.ProcessEnv): readonly number[] {
  endReadingCertificates(environment);
  for (const fd of leftOpen() ?? []) {
    try {
      closeSync(fd);
    } catch {
      // Whether it is open still is looked at below.
    }
  }
  return leftOpen() ?? [];
}

/** Whether a program of a run is given no file that this process was left with. */
export const keepsFilesApart = (): boolean => process.platform === 'darwin' || leftOpen() !== null;
