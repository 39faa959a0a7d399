import { setTimeout as pause } from 'node:timers/promises';
import { type Problem, problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Checkpoint } from '../../ledger/index.ts';
import { type Report, verifyStored } from '../../ledger/verify/index.ts';
import { freezeEverything } from '../../pipeline/stop/freeze.ts';
import type { House } from '../house.ts';
import { following, isSameState, LogState, readLogState } from './log-state.ts';
import { describeBroken, keyOf } from './open-log.ts';
import { whyNotByState } from './state-check.ts';

/** Between slices the corridor has its turn; the whole of 1,000,000 entries is read in under a minute. */
const BREATH_MS = 5;

/**
 * Reads the whole log after a start, slice by slice; a log that does not hold, in itself or against what witnesses have
 * of it, freezes everything.
 */
export function verifyInBackground(house: House, witnessed: readonly Checkpoint[]): { stop(): void } {
  let stopped = false;
  const run = async () => {
    const report = await verifyWhole(house, witnessed, async () => {
      await pause(BREATH_MS, undefined, { ref: false });
      if (stopped) throw new Stopped();
    });
    if (!report.holds) {
      for (const line of describeBroken(report)) house.log(line);
      freezeEverything(house.halt, house.recorder, whyBroken(report));
    } else if (report.hidden) {
      house.log(
        'The store does not find entries that stand in the log: somebody changed how they are found.',
      );
      freezeEverything(house.halt, house.recorder, 'the store hides entries of the log');
    }
  };
  run().catch((error: unknown) => {
    if (error instanceof Stopped || stopped) return;
    house.log(`the log could not be verified in the background: ${String(error)}`);
    freezeEverything(house.halt, house.recorder, 'the log could not be read');
  });
  return {
    stop() {
      stopped = true;
    },
  };
}

/** As the end of a sentence: from which entry on, and what says more. */
function whyBroken({ brokenFrom }: Report): string {
  const from = brokenFrom === null ? '' : ` from entry ${brokenFrom} on`;
  return `the log does not hold${from}; ./lanyard log verify --deep says what; keep the state directory as it is`;
}

class Stopped extends Error {}

async function verifyWhole(
  house: House,
  witnessed: readonly Checkpoint[],
  breathe: () => Promise<void>,
): Promise<Report & { readonly hidden: boolean }> {
  const checkpoint = await house.store.lastCheckpoint();
  // No further than a checkpoint ever lags: what actions add while this is read is their writer's to answer for.
  const size = await house.store.size();
  const end = checkpoint === null ? size : Math.min(size, checkpoint.size + LIMITS.checkpointEntries);
  const state = new LogState();
  const pages = following(house.store.entries(0, end), state);
  const report = await verifyStored(pages, {
    checkpoint,
    key: keyOf(house.signer),
    origin: house.signer.name,
    alwaysSigned: true,
    ...(witnessed.length === 0 ? {} : { against: witnessed }),
    pause: breathe,
  });
  // Start and release follow what the store finds by kind; here is every entry.
  const found = await readLogState(house.store, house.ground.instance, end);
  return { ...report, hidden: !isSameState(found, state) };
}

/** Why a scope may not be released yet: after a fault the log must verify, and a record must be possible. */
export async function whyNotToRelease(house: House, scope: string): Promise<Problem | null> {
  // Also when no fault is known: everything may have been frozen by one before the last restart.
  if (scope !== 'all') return null;
  if (!(await house.recorder.probe())) return problem('NOTHING_RECORDABLE');
  const why = await whyNotByState(house);
  if (why !== null) return why;
  const { ahead, earlier } = await house.witnesses.look();
  if (ahead !== null) return { code: 'WITNESS_AHEAD', sentence: ahead.join('\n') };
  const report = await verifyWhole(house, earlier, async () => undefined);
  if (report.hidden) return problem('ENTRIES_HIDDEN');
  return report.holds ? null : { code: 'LOG_BROKEN', sentence: describeBroken(report).join('\n') };
}
