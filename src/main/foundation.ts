import { type Clock, systemClock } from '../base/clock.ts';
import type { Problem } from '../base/errors.ts';
import { digestOf } from '../base/hash.ts';
import { createIds, type Ids } from '../base/ids.ts';
import type { Result } from '../base/result.ts';
import { Cases } from '../containment/cases.ts';
import type { Entry } from '../contract/log-entry.ts';
import { Changes } from '../control/people/changes.ts';
import { Marks } from '../history/index.ts';
import type { Signer } from '../ledger/index.ts';
import { Pins } from '../pipeline/action/pins.ts';
import { Owners, readTakenOver } from '../pipeline/acts/owners.ts';
import { Passkeys } from '../pipeline/credentials/passkeys.ts';
import { StopCodes } from '../pipeline/credentials/stop-codes.ts';
import { StopKeys } from '../pipeline/credentials/stop-keys.ts';
import { Tickets } from '../pipeline/credentials/tickets.ts';
import { Tokens } from '../pipeline/credentials/tokens.ts';
import type { Done, OperatingGround, OperatorAct } from '../pipeline/operate.ts';
import type { Recorder } from '../pipeline/record.ts';
import { abortUnsent, withdrawUnasked } from '../pipeline/recover.ts';
import { HaltSwitch } from '../pipeline/stop/halt-switch.ts';
import { Leases } from '../pipeline/stop/leases.ts';
import { FirstWords } from '../pipeline/stop/release-killed.ts';
import type { CheckpointRow, Store } from '../store/store.ts';
import { Activity } from './console/activity.ts';
import { Drills } from './drill/drills.ts';
import { CheckpointFeed } from './log/checkpoint-feed.ts';
import { openLog } from './log/open-log.ts';
import { recall } from './memory.ts';
import { createSocketDesk, type OnWaiting, type Operate } from './people/desks.ts';
import { takeUpStops } from './stop/kept-stops.ts';

/** What stands before any rule set is in force: the log, and what is remembered beside it. */
export interface Foundation {
  readonly clock: Clock;
  readonly store: Store;
  readonly signer: Signer;
  readonly recorder: Recorder;
  readonly pins: Pins;
  readonly tokens: Tokens;
  readonly halt: HaltSwitch;
  readonly leases: Leases;
  readonly owners: Owners;
  readonly drills: Drills;
  readonly cases: Cases;
  readonly marks: Marks;
  readonly ids: Ids;
  readonly passkeys: Passkeys;
  readonly tickets: Tickets;
  readonly stopKeys: StopKeys;
  readonly stopCodes: StopCodes;
  /** The first of two words for what was killed. */
  readonly firstWords: FirstWords;
  /** Why stops cannot come over the polled channel, or over the brake; null: they can, or there is none. */
  readonly waysToStop: { stopChannel: string | null; brake: string | null };
  /** What widens and waits for a signature. */
  readonly changes: Changes;
  readonly ground: OperatingGround;
  /** The newest checkpoint before this process added anything; null in an empty state. */
  readonly found: CheckpointRow | null;
  readonly checkpoints: CheckpointFeed;
  /** What happened lately, for people who look. */
  readonly activity: Activity;
  log(line: string): void;
  /** How acts that came by the socket are done; with somebody to tell, what needs a signature waits for it. */
  socketDesk(onWaiting?: OnWaiting): Operate;
  /** Does an operator's act through the second corridor: by the socket, where nothing else is said. */
  operate<T>(act: OperatorAct<T>): Promise<Result<Done<T>, Problem>>;
}

/**
 * Opens the log and reads what is remembered. Throws BrokenLog where the log does not hold. `reservePath`: where stops are
 * kept beside it; absent: nowhere.
 */
export async function layFoundation(
  store: Store,
  signer: Signer,
  log: (line: string) => void,
  reservePath?: string,
  clock: Clock = systemClock,
): Promise<Foundation> {
  const found = await store.lastCheckpoint();
  const checkpoints = new CheckpointFeed(store);
  const activity = new Activity(store, clock);
  const recorder: Recorder = await openLog(store, signer, clock, (kept) => onFoundKept(kept));
  const onFoundKept = (kept: readonly Entry[]) => {
    log(`${kept.length} entries were kept though their commit had failed; what they allowed was never sent`);
    abortUnsent(recorder, kept);
    withdrawUnasked(recorder, kept);
  };
  const passkeys = new Passkeys(clock);
  const instance = digestOf(signer.verifierKey);
  const ground: OperatingGround = { recorder, clock, instance, claimed: () => passkeys.claimed };
  const ids = createIds(clock);
  const changes = new Changes(ground, ids);
  const socketDesk = createSocketDesk(ground, changes, log);
  const foundation = {
    clock,
    store,
    signer,
    recorder,
    pins: new Pins(),
    tokens: new Tokens(clock),
    halt: new HaltSwitch(),
    firstWords: new FirstWords(),
    leases: new Leases(clock, () => passkeys.claimed),
    owners: new Owners(),
    drills: new Drills(),
    cases: new Cases(),
    marks: new Marks(),
    ids,
    passkeys,
    tickets: new Tickets(clock),
    stopKeys: new StopKeys(),
    stopCodes: new StopCodes(),
    waysToStop: { stopChannel: null, brake: null },
    changes,
    ground,
    found,
    checkpoints,
    activity,
    log,
    socketDesk,
    operate: socketDesk(),
  };
  foundation.halt.watch(() => activity.changed('agents'));
  await recall(store, foundation, clock.now());
  if (reservePath !== undefined) await takeUpStops(foundation, reservePath);
  for (const { key, value } of await store.cells('owner')) {
    const taken = readTakenOver(value);
    if (taken !== null) foundation.owners.put(key, taken);
  }
  return foundation;
}
