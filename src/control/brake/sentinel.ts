import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../base/error-text.ts';
import { LIMITS } from '../../base/limits.ts';

/** The name of the file that freezes everything, whatever is in it. */
export const SENTINEL = 'STOP';

/** `unreadable`: why nobody can tell; then everything is stopped. */
type Sight = 'absent' | 'present' | { readonly unreadable: string };

export function lookForSentinel(state: string): Sight {
  try {
    // Whatever bears the name, a link to nowhere included.
    if (lstatSync(join(state, SENTINEL), { throwIfNoEntry: false }) !== undefined) return 'present';
    return lstatSync(state).isDirectory() ? 'absent' : { unreadable: `${state} is no directory` };
  } catch (error) {
    return { unreadable: messageOf(error) };
  }
}

/**
 * Looks for the file again and again, and tells of each time that it has come, or cannot be told any more. By looking
 * alone: a watch of the directory would wake this thread at every write of the log beside it. Answers how to end.
 */
export function watchSentinel(state: string, onSight: (sight: Exclude<Sight, 'absent'>) => void): () => void {
  let last = 'absent';
  const look = () => {
    const sight = lookForSentinel(state);
    const now = typeof sight === 'string' ? sight : 'unreadable';
    if (now !== last && sight !== 'absent') onSight(sight);
    last = now;
  };
  look();
  const timer = setInterval(look, LIMITS.sentinelMs);
  return () => clearInterval(timer);
}
