import { durationMs } from '../base/duration.ts';
import { createIds } from '../base/ids.ts';
import { LIMITS } from '../base/limits.ts';
import type { Mutable } from '../base/mutable.ts';
import { Budgets } from '../containment/budgets.ts';
import { OwnUpstream } from '../doors/own/own-upstream.ts';
import { Past } from '../history/index.ts';
import { Admission } from '../pipeline/action/admission.ts';
import { SessionPins } from '../pipeline/action/session-pins.ts';
import { whyNotNow } from '../pipeline/action/why-not-now.ts';
import { Appeals } from '../pipeline/appeal/appeals.ts';
import { Approvals } from '../pipeline/approval/approvals.ts';
import { Grants } from '../pipeline/approval/grants.ts';
import { Pauses } from '../pipeline/asks/pauses.ts';
import { type CheckCorridor, openCheckCorridor } from '../pipeline/check/check-corridor.ts';
import { Unreported } from '../pipeline/check/unreported.ts';
import { openCorridor } from '../pipeline/corridor.ts';
import type { InForce } from '../pipeline/in-force.ts';
import type { Corridor } from '../pipeline/ports/corridor.ts';
import { Refusals } from '../pipeline/recording/refusals.ts';
import type { Rooms } from '../pipeline/rooms.ts';
import { Standing } from '../pipeline/standing.ts';
import { EndsWithToken } from '../pipeline/stop/ends-with-token.ts';
import { freezeEverything } from '../pipeline/stop/freeze.ts';
import { upstreamHalt } from '../pipeline/stop/upstream-halt.ts';
import { Tasks } from '../pipeline/tasks/tasks.ts';
import { Notices } from '../pipeline/told/notices.ts';
import { Witnesses } from '../watch/witness/witnesses.ts';
import { HouseElectorate } from './approvals/electorate.ts';
import { UpstreamPool } from './doors/upstream-pool.ts';
import { machineFiles } from './files.ts';
import type { Foundation } from './foundation.ts';
import type { ResolvedSet } from './in-force/resolve-set.ts';
import { Cleaner } from './log/cleaner.ts';
import { keyOf } from './log/open-log.ts';
import { endTokensOfKilled } from './stop/killing.ts';

/** The whole corridor over one rule set in force. */
export interface House extends Foundation {
  readonly corridor: Corridor;
  /** The same corridor as the check door sees it. */
  readonly checks: CheckCorridor;
  readonly standing: Standing;
  readonly refusals: Refusals;
  readonly upstreamPool: UpstreamPool;
  readonly rooms: Rooms;
  readonly witnesses: Witnesses;
  readonly electorate: HouseElectorate;
  /** What agents have put before people. */
  readonly appeals: Appeals;
  /** The set in force with its paths and secrets, and how another one takes its place. */
  resolved(): ResolvedSet;
  take(next: ResolvedSet): void;
}

/** Calls the constructors, each after what it needs. Nothing listens, connects or runs yet. */
export function buildHouse(foundation: Foundation, first: ResolvedSet, inForce: InForce): House {
  const { clock, recorder, pins, halt, marks, tokens } = foundation;
  let resolved = first;
  const clean = new Cleaner(first);
  const log = (line: string) => foundation.log(clean.redact(clean.scrub(line)));
  const ids = createIds(clock);
  const refusals = new Refusals(clock, recorder);
  const upstreams = new UpstreamPool(clock, log);
  const standing = new Standing({ pins, recorder, upstreams, report: log }, first.parts, inForce);
  upstreams.listenWith(standing.onListed);
  pins.hearWith((id) => upstreams.get(id)?.generations() ?? []);
  stopByLevels(foundation, standing, upstreams);
  const admission = new Admission(clock, (id) => standing.inForce.agents.get(id));
  const electorate = new HouseElectorate(foundation.passkeys, clock, () => standing.inForce.people);
  const approvals = approvalsOf(foundation, standing, electorate, () => holdMsOf(resolved), log);
  const past = new Past();
  // Without a getter, which would make it a dictionary: every call looks in here some sixty times (measured).
  const rooms: Mutable<Rooms> = {
    clock,
    ids,
    inForce: () => standing.inForce,
    isLive: (token) => tokens.isLive(token),
    endsWithToken: new EndsWithToken(tokens),
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
    upstreams,
    files: machineFiles,
    protectedPaths: first.protectedPaths,
    scrubber: clean,
    redactor: clean,
    report: log,
  };
  const appeals = new Appeals({ clock, ids, recorder, report: log });
  upstreams.keepOwn(new OwnUpstream({ rooms, appeals, holdMs: () => holdMsOf(resolved) }));
  const witnesses = witnessesOf(foundation, () => resolved, log);
  const notices = new Notices(rooms, standing, tokens);
  upstreams.tellWith(notices.onMessage);
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
    upstreamPool: upstreams,
    rooms,
    resolved: () => resolved,
    take(next) {
      resolved = next;
      rooms.protectedPaths = next.protectedPaths;
      clean.take(next);
    },
  };
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
function stopByLevels(foundation: Foundation, standing: Standing, upstreamPool: UpstreamPool): void {
  const { halt } = foundation;
  const ground = { halt, inForce: () => standing.inForce };
  upstreamPool.haltWith(upstreamHalt(halt, (id) => standing.inForce.agents.get(id)));
  endTokensOfKilled(foundation, { agents: () => [...standing.inForce.agents.values()] });
  standing.watch(() => {
    const gone = halt.alive.filter(({ about }) => whyNotNow(ground, about.agent, about) !== null);
    halt.cut(gone, 'frozen');
  });
}
