import { sha256 } from '../../base/hash.ts';

/**
 * A mark of a run that its processes inherit whatever they do to their environment, family and session: their limit of
 * resident memory. Linux keeps it, tells it of every process in /proc/PID/stat (proc_pid_stat(5), field 25) and has enforced
 * it nowhere since 2.4.30 (getrlimit(2), RLIMIT_RSS). It is far above any memory, so that it would change nothing elsewhere either.
 * In KiB, as `ulimit -m` takes it.
 */
export function quietLimitOf(run: string): number {
  return LEAST_KIB + sha256(run).readUIntBE(0, SPREAD_BYTES);
}

/** As the system tells it: in bytes, which a number holds exactly. */
export const quietBytesOf = (run: string): number => quietLimitOf(run) * 1024;

/** One PiB; with what is added less than two. */
const LEAST_KIB = 2 ** 40;
const SPREAD_BYTES = 5;
