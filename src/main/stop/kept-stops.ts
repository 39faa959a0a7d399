import { entryIn } from '../../contract/log-entry.ts';
import { strictest } from '../../model/level.ts';
import { freezeEverything } from '../../pipeline/stop/freeze.ts';
import { type StopLevel, stopNow } from '../../pipeline/stop/stop.ts';
import { StopReserve } from '../../store/stop-reserve.ts';
import type { Store } from '../../store/store.ts';
import type { Foundation } from '../foundation.ts';
import { killOf, REVOKE_KINDS } from '../revoke/due.ts';
import { StartFailure } from '../start-failure.ts';

const LATE = 'It was stopped, and that was not in the log yet when Lanyard ended.';

/**
 * Before anything opens: a stop that the log had no time or room for holds all the same, and is recorded now. From here
 * on every level that is set is written down in its own tick.
 */
export async function takeUpStops(
  { halt, recorder, store, log }: Pick<Foundation, 'halt' | 'recorder' | 'store' | 'log'>,
  path: string,
): Promise<void> {
  const { reserve, kept, proven } = open(path);
  for (const [scope, level] of kept ?? []) {
    const known = halt.levels.get(scope) ?? 'live';
    if (level === 'live') continue;
    const isLost = level === 'killed' && proven.has(scope) && !(await revokes(store, scope));
    if (strictest(known, level) === known && !isLost) continue;
    log(`${scope} is ${level}: ${LATE}`);
    void stopNow({ halt, recorder }, scope, level satisfies StopLevel, {
      by: 'start',
      why: LATE,
      // Who set it is lost with its entry; that it revokes is not.
      ...(proven.has(scope) ? { more: { proven: true } } : {}),
    });
  }
  if (kept === null) freezeEverything(halt, recorder, 'the stops kept beside the log cannot be read');
  halt.keepWith((levels, proven) => {
    try {
      reserve.keep(levels, proven);
    } catch (error) {
      log(`a stop could not be kept beside the log: ${String(error)}`);
    }
  });
}

/** Whether a kill of this scope that nobody released stands in the log, and is one that revokes secrets. */
async function revokes(store: Store, scope: string): Promise<boolean> {
  let stands = false;
  for await (const page of store.find({ kinds: REVOKE_KINDS }))
    for (const { text } of page) {
      const entry = entryIn(text);
      if (entry['scope'] !== scope) continue;
      if (entry.kind === 'containment.released') stands = false;
      else if (killOf(entry) !== null) stands = true;
    }
  return stands;
}

function open(path: string): ReturnType<typeof StopReserve.open> {
  try {
    return StopReserve.open(path);
  } catch (error) {
    throw new StartFailure([`No room can be kept for stops in ${path}: ${String(error)}`]);
  }
}
