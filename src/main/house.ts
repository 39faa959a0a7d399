import { type Clock, systemClock } from '../base/clock.ts';
import { durationMs } from '../base/duration.ts';
import type { Problem } from '../base/errors.ts';
import { digestOf } from '../base/hash.ts';
import { createIds, type Ids } from '../base/ids.ts';
import { LIMITS } from '../base/limits.ts';
import type { Result } from '../base/result.ts';
import { Budgets } from '../containment/budgets.ts';
import { Cases } from '../containment/cases.ts';
import type { Entry } from '../contract/log-entry.ts';
import { Changes } from '../control/people/changes.ts';
import { OwnUpstream } from '../doors/own/own-upstream.ts';
import { Marks, Past } from '../history/index.ts';
import type { Signer } from '../ledger/index.ts';
import { Admission } from '../pipeline/action/admission.ts';
import { type CheckCorridor, openCheckCorridor } from '../pipeline/action/check-corridor.ts';
import { Pins } from '../pipeline/action/pins.ts';
import { SessionPins } from '../pipeline/action/session-pins.ts';
import { Unreported } from '../pipeline/action/unreported.ts';
import { whyNotNow } from '../pipeline/action/why-not-now.ts';
import { Owners, readTakenOver } from '../pipeline/acts/owners.ts';
import { Appeals } from '../pipeline/appeal/appeals.ts';
import { Approvals } from '../pipeline/approval/approvals.ts';
import { Grants } from '../pipeline/approval/grants.ts';
import { Pauses } from '../pipeline/asks/pauses.ts';
import { openCorridor } from '../pipeline/corridor.ts';
import { Passkeys } from '../pipeline/credentials/passkeys.ts';
import { StopCodes } from '../pipeline/credentials/stop-codes.ts';
import { StopKeys } from '../pipeline/credentials/stop-keys.ts';
import { Tickets } from '../pipeline/credentials/tickets.ts';
import { Tokens } from '../pipeline/credentials/tokens.ts';
import type { InForce } from '../pipeline/in-force.ts';
import type { Done, OperatingGround, OperatorAct } from '../pipeline/operate.ts';
import type { Corridor } from '../pipeline/ports.ts';
import type { Recorder } from '../pipeline/record.ts';
import { Refusals } from '../pipeline/recording/refusals.ts';
import { abortUnsent, withdrawUnasked } from '../pipeline/recover.ts';
import type { Rooms } from '../pipeline/rooms.ts';
import { Standing } from '../pipeline/standing.ts';
import { freezeEverything } from '../pipeline/stop/freeze.ts';
import { HaltSwitch } from '../pipeline/stop/halt-switch.ts';
import { Leases } from '../pipeline/stop/leases.ts';
import { leashOf } from '../pipeline/stop/leash.ts';
import { OfRuns } from '../pipeline/stop/of-runs.ts';
import { Tasks } from '../pipeline/tasks/tasks.ts';
import { Notices } from '../pipeline/told/notices.ts';
import type { CheckpointRow, Store } from '../store/store.ts';
import { Witnesses } from '../watch/witness/witnesses.ts';
import { HouseElectorate } from './approvals/electorate.ts';
import { Activity } from './console/activity.ts';
import { UpstreamPark } from './doors/upstream-park.ts';
import { Drills } from './drill/drills.ts';
import { machineFiles } from './files.ts';
import type { ResolvedSet } from './in-force/resolve-set.ts';
import { CheckpointFeed } from './log/checkpoint-feed.ts';
import { Cleaner } from './log/cleaner.ts';
import { keyOf, openLog } from './log/open-log.ts';
import { recall } from './memory.ts';
import { createSocketDesk, type OnWaiting, type Operate } from './people/desks.ts';
import { takeUpStops } from './stop/kept-stops.ts';
import { endTokensOfKilled } from './stop/killing.ts';

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
  await recall(store, foundation, clock.now());
  if (reservePath !== undefined) await takeUpStops(foundation, reservePath);
  for (const { key, value } of await store.cells('owner')) {
    const taken = readTakenOver(value);
    if (taken !== null) foundation.owners.put(key, taken);
  }
  return foundation;
}

/** The whole corridor over one rule set in force. */
export interface House extends Foundation {
  readonly corridor: Corridor;
  /** The same corridor as the check door sees it. */
  readonly checks: CheckCorridor;
  readonly standing: Standing;
  readonly refusals: Refusals;
  readonly park: UpstreamPark;
  readonly rooms: Rooms;
  readonly witnesses: Witnesses;
  readonly electorate: HouseElectorate;
  /** What agents have put before people. */
  readonly appeals: Appeals;
  /** The set in force with its paths and secrets, and how another one takes its place. */
  resolved(): ResolvedSet;
  take(next: ResolvedSet): void;
}

function unreportedIn(
  { clock, recorder }: Foundation,
  admission: Admission,
  report: (line: string) => void,
): Unreported {
  const logged = (agent: string, bytes: number) => admission.logged(agent, bytes);
  return new Unreported({ clock, recorder, logged, report });
}

function approvalsOf(
  { clock, recorder, halt }: Foundation,
  standing: Standing,
  electorate: HouseElectorate,
  holdMs: () => number,
  report: (line: string) => void,
): Approvals {
  const approvals = new Approvals({
    clock,
    recorder,
    halt,
    electorate,
    holdMs,
    report,
    inForce: () => standing.inForce,
  });
  standing.watch(() => approvals.sweep());
  return approvals;
}

function grantsOf(
  { clock, recorder, halt }: Foundation,
  standing: Standing,
  electorate: HouseElectorate,
  report: (line: string) => void,
): Grants {
  const grants = new Grants({
    clock,
    recorder,
    halt,
    electorate,
    report,
    inForce: () => standing.inForce,
  });
  standing.watch(() => grants.sweep());
  return grants;
}

function witnessesOf(
  { signer, halt, recorder }: Foundation,
  resolved: () => ResolvedSet,
  log: (line: string) => void,
): Witnesses {
  return new Witnesses({
    key: keyOf(signer),
    origin: signer.name,
    places: () => resolved().witnesses,
    log,
    onAhead: (why) => freezeEverything(halt, recorder, why),
  });
}

function holdMsOf({ set }: ResolvedSet): number {
  const hold = set.configuration.approvals?.hold;
  return hold === undefined ? LIMITS.approvalHoldMs : durationMs(hold);
}

/** What hangs on levels besides the corridor: upstreams' sessions, tokens, and whatever runs when an `apply` takes its ground. */
function stopByLevels(foundation: Foundation, standing: Standing, park: UpstreamPark): void {
  const { halt } = foundation;
  const ground = { halt, inForce: () => standing.inForce };
  park.leashWith(leashOf(halt, (id) => standing.inForce.agents.get(id)));
  endTokensOfKilled(foundation, { agents: () => [...standing.inForce.agents.values()] });
  standing.watch(() => {
    const gone = halt.lives.filter(({ about }) => whyNotNow(ground, about.agent, about) !== null);
    halt.cut(gone, 'frozen');
  });
}

export function buildHouse(foundation: Foundation, first: ResolvedSet, inForce: InForce): House {
  const { clock, recorder, pins, halt, marks, tokens } = foundation;
  let resolved = first;
  const clean = new Cleaner(first);
  const log = (line: string) => foundation.log(clean.redact(clean.scrub(line)));
  const ids = createIds(clock);
  const refusals = new Refusals(clock, recorder);
  const park = new UpstreamPark(clock, log);
  const standing = new Standing({ pins, recorder, upstreams: park, report: log }, first.parts, inForce);
  park.listenWith(standing.onListed);
  stopByLevels(foundation, standing, park);
  const admission = new Admission(clock, (id) => standing.inForce.agents.get(id));
  const electorate = new HouseElectorate(foundation.passkeys, clock, () => standing.inForce.people);
  const approvals = approvalsOf(foundation, standing, electorate, () => holdMsOf(resolved), log);
  const past = new Past();
  const rooms: Rooms = {
    clock,
    ids,
    inForce: () => standing.inForce,
    isLive: (token) => tokens.isLive(token),
    ofRuns: new OfRuns(tokens),
    halt,
    marks,
    approvals,
    grants: grantsOf(foundation, standing, electorate, log),
    past,
    budgets: new Budgets((agent, nowMs) => past.halfOpenUntil(agent, nowMs)),
    pauses: new Pauses(),
    tasks: new Tasks(clock),
    pins,
    sessionPins: new SessionPins(pins),
    admission,
    recorder,
    refusals,
    unreported: unreportedIn(foundation, admission, log),
    upstreams: park,
    files: machineFiles,
    get protectedPaths() {
      return resolved.protectedPaths;
    },
    scrubber: clean,
    redactor: clean,
    report: log,
  };
  const appeals = new Appeals({ clock, ids, recorder, report: log });
  park.keepOwn(new OwnUpstream({ rooms, appeals, holdMs: () => holdMsOf(resolved) }));
  const witnesses = witnessesOf(foundation, () => resolved, log);
  const notices = new Notices(rooms, standing, tokens);
  park.tellWith(notices.onMessage);
  return {
    ...foundation,
    log,
    witnesses,
    electorate,
    appeals,
    corridor: openCorridor(rooms, standing, tokens, notices),
    checks: openCheckCorridor(rooms, tokens),
    standing,
    refusals,
    park,
    rooms,
    resolved: () => resolved,
    take(next) {
      resolved = next;
      clean.take(next);
    },
  };
}
