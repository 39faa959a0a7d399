import { existsSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { LIMITS } from '../base/limits.ts';

/** Somebody asked it to stop before it was ready. */
export class StoppedWhileStarting extends Error {
  override readonly name = 'StoppedWhileStarting';
}

/** Why nothing started: lines for a person, most important first. */
export class StartFailure extends Error {
  override readonly name = 'StartFailure';
  readonly lines: readonly string[];
  constructor(lines: readonly string[]) {
    super(lines[0] ?? 'it did not start');
    this.lines = lines;
  }
}

/** The same failure, with what is behind it where the disk is full; `path` need not be there yet. */
export function withDisk(failure: unknown, path: string): unknown {
  if (failure instanceof StoppedWhileStarting || !isFull(path)) return failure;
  const lines =
    failure instanceof StartFailure
      ? failure.lines
      : [failure instanceof Error ? failure.message : String(failure)];
  return new StartFailure([
    `There is no room left on the disk that holds ${path}, so nothing can be recorded, and nothing starts without a record.`,
    `Make room there (\`df ${path}\` shows it) or give the state more, then start again; what the log holds is safe, and nothing of the state is to be deleted.`,
    ...lines,
  ]);
}

function isFull(path: string): boolean {
  try {
    const { bavail, bsize, ffree, files } = statfsSync(nearestExisting(path));
    return bavail * bsize < LIMITS.startRoomBytes || (files > 0 && ffree === 0);
  } catch {
    return false;
  }
}

const nearestExisting = (path: string): string =>
  existsSync(path) || dirname(path) === path ? path : nearestExisting(dirname(path));

/** What `work` comes to, unless it is to stop first: then it rejects with StoppedWhileStarting. */
export async function unlessStopped<T>(work: Promise<T>, stopped: AbortSignal | undefined): Promise<T> {
  if (stopped === undefined) return work;
  const early = Promise.withResolvers<never>();
  const onAbort = () => early.reject(new StoppedWhileStarting());
  stopped.addEventListener('abort', onAbort, { once: true });
  if (stopped.aborted) onAbort();
  try {
    return await Promise.race([work, early.promise]);
  } finally {
    stopped.removeEventListener('abort', onAbort);
  }
}
