import { existsSync } from 'node:fs';
import type { Server } from 'node:http';
import type { Clock } from '../base/clock.ts';
import type { Operations } from '../control/operations.ts';
import { listenOnSocket, serveOperations, socketPlace } from '../control/socket.ts';
import { Pins } from '../pipeline/action/pins.ts';
import { compileInForce } from '../pipeline/in-force.ts';
import { operate } from '../pipeline/operate.ts';
import { renderProblem } from '../policy/index.ts';
import { acquireLock, type Lock } from '../store/lock.ts';
import { openSqlite } from '../store/sqlite/index.ts';
import type { Store } from '../store/store.ts';
import { runBeside } from './beside.ts';
import { build } from './build.ts';
import { openCases } from './cases/case-opening.ts';
import { closeServer } from './close-server.ts';
import { openReads } from './console/open-reads.ts';
import { createReads } from './console/reads.ts';
import { type Doors, openDoors } from './doors/doors.ts';
import { type Foundation, type House, layFoundation } from './house.ts';
import { placesThatDiffer } from './in-force/changes.ts';
import { recallAnswers } from './in-force/engine-answers.ts';
import { firstApply } from './in-force/first-apply.ts';
import { mend } from './in-force/mend.ts';
import { readFiles } from './in-force/read-files.ts';
import type { ResolvedSet, Surroundings } from './in-force/resolve-set.ts';
import { decodeSet, encodeSet, type FileProblem, type RuleSet, readRuleSet } from './in-force/rule-set.ts';
import { openLeasing } from './leases/leasing.ts';
import { checkState } from './log/state-check.ts';
import { stateOf } from './log/state-of.ts';
import { recallSet } from './memory.ts';
import { createOperations, sharedBy } from './operations.ts';
import { type Control, openControl } from './people/control.ts';
import type { Operate } from './people/desks.ts';
import { mailInvitation } from './people/invitations.ts';
import { openPeople, type PeopleDesk } from './people/people.ts';
import { openRevoking } from './revoke/revoking.ts';
import { StartFailure, unlessStopped, withDisk } from './start-failure.ts';
import { openSignerOf, openStateDirectory, type StateDirectory, stateDirectory } from './state-directory.ts';
import { FreezeSignal } from './stop/freeze-signal.ts';
import { type Outside, openOutside } from './stop/outside.ts';
import { recallFirstWords } from './stop/releasing.ts';
import { refuseTaken, takenSince } from './taken-addresses.ts';
import { takeUpBefore } from './taken-up.ts';
import { lineOf, textOf } from './tell.ts';
import { type Notifying, openNotifying } from './watching/notifying.ts';
import { openWatching, type Watching } from './watching/watching.ts';
import { meetWitnesses } from './watching/witnessing.ts';

interface StartOptions {
  readonly configPath: string;
  readonly environment: NodeJS.ProcessEnv;
  /** Progress and warnings, a line each. */
  log(line: string): void;
  /** Aborted when it is to stop though it is not ready yet: `start` then rejects with StoppedWhileStarting. */
  readonly stopped?: AbortSignal;
  /** Opens the log in the state; the tests of faults hand in one that goes wrong on purpose. */
  readonly openStore?: (path: string) => Promise<Store>;
  /** The tests of what takes days hand in one that they turn on. */
  readonly clock?: Clock;
}

export interface Instance {
  /** Of `listen`, with the port that was really taken. */
  readonly url: string;
  /** Where people sign in; null without `control`. */
  readonly control: string | null;
  /** Where the brake is; null without `brake`. */
  readonly brake: string | null;
  readonly house: House;
  readonly notifying: Notifying;
  /** Drains and ends everything; idempotent. */
  stop(): Promise<void>;
}

/** What a process holds of the machine while it runs. */
interface Held {
  readonly lock: Lock;
  readonly signal: FreezeSignal;
}

/**
 * The order of a start: lock → log verified → what is in force → witnesses asked → recovery → operator socket → upstreams → doors. What
 * goes wrong before the doors open leaves nothing running. See ARCHITECTURE.md for the same order in prose.
 */
export async function start(options: StartOptions): Promise<Instance> {
  const files = readRuleSet(options.configPath);
  const statePath = files.ok ? files.value.state : statePathOf(options.configPath, files.error);
  if (!existsSync(stateDirectory(statePath).log)) await checkFirst(options);
  try {
    return await startIn(options, openState(statePath), files);
  } catch (failure) {
    throw withDisk(failure, statePath);
  }
}

async function startIn(
  options: StartOptions,
  state: StateDirectory,
  files: ReturnType<typeof readRuleSet>,
): Promise<Instance> {
  const lock = takeLock(state);
  const signal = new FreezeSignal();
  try {
    return await startLocked(
      options,
      files.ok ? files.value.set : null,
      files.ok ? files.value.warnings : files.error,
      state,
      { lock, signal },
    );
  } catch (error) {
    signal.end();
    lock.release();
    throw error;
  }
}

/** Before anything is written: a configuration that cannot start leaves no half-made state behind. */
async function checkFirst(options: StartOptions): Promise<void> {
  const files = readFiles(options);
  if (!files.ok) throw new StartFailure(files.error.map(lineOf));
  const { set, parts } = files.value.resolved;
  const inForce = compileInForce(parts, new Pins(), 'error');
  if (!inForce.ok)
    throw new StartFailure(inForce.error.map((found) => renderProblem(found, textOf(set, found.file))));
  await refuseTaken(set.configuration, options.configPath);
}

async function startLocked(
  options: StartOptions,
  files: RuleSet | null,
  notes: readonly FileProblem[],
  state: StateDirectory,
  held: Held,
): Promise<Instance> {
  const signer = openSignerOf(state);
  const store = await (options.openStore ?? openSqlite)(state.log);
  try {
    const foundation = await layFoundation(store, signer, options.log, state.stops, options.clock);
    const around: Surroundings = {
      configPath: options.configPath,
      state: state.path,
      environment: options.environment,
    };
    recallAnswers(signer, state.answers);
    const house = await openHouse(foundation, files, notes, around, state, options.stopped);
    return await openInstance(house, around, state, held, options);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The set in force, or at the first start the files, or where that cannot start a mended one, as a house. */
async function openHouse(
  foundation: Foundation,
  files: RuleSet | null,
  notes: readonly FileProblem[],
  around: Surroundings,
  state: StateDirectory,
  stopped: AbortSignal | undefined,
): Promise<House> {
  const text = await recallSet(foundation.store);
  for (const note of notes) foundation.log(lineOf(note));
  if (text === null) {
    if (files === null) throw new StartFailure(notes.map(lineOf));
    const built = await build(foundation, files, around, 'error');
    if (!built.ok) throw new StartFailure(built.lines);
    const first = firstApply(foundation, built, ['first start']);
    const recorded = await operate(foundation.ground, { by: 'start' }, first);
    if (!recorded.ok) throw new StartFailure([recorded.error.sentence]);
    return built.house;
  }
  const set = decodeSet(text);
  const taken = await takenSince(
    set.configuration,
    files?.configuration ?? set.configuration,
    around.configPath,
  );
  if (taken.length > 0) return mend(foundation, { set, lines: taken }, around, state, stopped);
  const built = await build(foundation, set, around, 'hide');
  if (built.ok) {
    reportDifference(foundation, files, built.set);
    return built.house;
  }
  return mend(foundation, { set, lines: built.lines }, around, state, stopped);
}

async function openInstance(
  house: House,
  around: Surroundings,
  state: StateDirectory,
  { lock, signal }: Held,
  options: StartOptions,
): Promise<Instance> {
  const witnessed = await unlessStopped(meetWitnesses(house), options.stopped);
  const goOnWaiting = await takeUpBefore(house);
  const endLeasing = await openLeasing(house);
  const endRevoking = await openRevoking(house);
  const notifying = openNotifying(house, state.path);
  const watching = await openWatching(house, notifying);
  const doors = openDoors(house, around);
  await checkState(house);
  await openCases(house);
  // An upstream takes as long to come up as the brake's thread does, and no door is open yet.
  const connected = house.standing.gather(() => house.park.use(house.resolved().upstreams));
  const outside = await openOutside(house, around, state, signal).catch(async (error: unknown) => {
    await house.park.stop();
    throw error;
  });
  const people = openPeople(house, () => [...house.standing.inForce.people.values()]);
  const hasControl = house.resolved().set.configuration.control !== undefined;
  const shared = sharedBy(hasControl ? people : null, () => control?.url ?? null);
  await recallFirstWords(house, shared.words);
  const operations = (operate: Operate) =>
    createOperations({ ...house, operate }, around, notifying, () => url, shared);
  const socket = serveOperations({
    operations: (onWaiting) => operations(house.socketDesk(onWaiting)),
    placeOf: () => control?.url ?? null,
    log: (line) => house.log(line),
  });
  socket.on('upgrade', (request, connection) => doors.runs.take(request, connection));
  let control: Control | undefined;
  const end = () => endInOrder({ house, doors, socket, watching, notifying, control, outside });
  let url = '';
  try {
    url = await doors.listen();
    const place = socketPlace(state.socket, state.socketName, around.environment['XDG_RUNTIME_DIR']);
    await listenOnSocket(socket, place);
    await house.activity.start();
    control = await openControlOver(house, around, { people, operations, notifying, outside });
    house.electorate.url = control.url;
    await unlessStopped(connected, options.stopped);
    goOnWaiting();
    await watching.start();
    await notifying.start();
    // Ready means pinned, and pinned means durably so.
    await house.recorder.checkpoint();
  } catch (error) {
    await end();
    throw error;
  }
  const endBeside = await runBeside(
    house,
    { witnessed, notifying, answers: state.answers },
    operations(house.operate).drill,
  );
  let stopping: Promise<void> | undefined;
  const stop = async () => {
    endLeasing();
    endRevoking();
    await endBeside();
    await end();
    signal.end();
    lock.release();
  };
  return {
    url,
    control: control.url,
    brake: outside.url,
    house,
    notifying,
    stop: () => (stopping ??= stop()),
  };
}

/** What the door for people shows and does. */
interface Shown {
  readonly people: PeopleDesk;
  readonly notifying: Notifying;
  readonly outside: Outside;
  operations(operate: Operate): Operations;
}

function openControlOver(
  house: House,
  around: Surroundings,
  { people, operations, notifying, outside }: Shown,
): Promise<Control> {
  return openControl(
    {
      foundation: house,
      people,
      configuration: house.resolved().set.configuration,
      refused: (agent, code, point) => house.refusals.count(agent, code, point),
      operations,
      stopDesk: outside.desk,
      stopTopic: () => house.resolved().stopChannel?.url ?? null,
      reads: createReads(house, around, operations(house.operate)),
      open: openReads(house, () => notifying.undelivered().length),
      mailInvitation: (person, link) => mailInvitation(house, person, link),
    },
    around,
  );
}

interface Opened {
  readonly house: House;
  readonly doors: Doors;
  readonly socket: Server;
  readonly watching: Watching;
  readonly notifying: Notifying;
  readonly control: Control | undefined;
  readonly outside: Outside;
}

/** The order of a stop: doors drain → upstreams end → what is counted and covered is written → last checkpoint → followers → store. */
async function endInOrder({
  house,
  doors,
  socket,
  watching,
  notifying,
  control,
  outside,
}: Opened): Promise<void> {
  // What is held for a person is answered now, so that it does not hold up the draining.
  house.rooms.approvals.stop();
  house.rooms.grants.stop();
  house.appeals.stop();
  house.changes.dropAll('Lanyard is stopping.');
  await control?.close();
  await doors.drain();
  house.rooms.unreported.stop();
  house.rooms.tasks.stop();
  await house.park.stop();
  house.refusals.flush();
  await notifying.stop();
  await outside.close();
  await house.halt.repeats.flush();
  await watching.sayLast();
  await house.recorder.record({ fields: { kind: 'instance.stopped' } }).catch(() => undefined);
  await house.recorder.close();
  await watching.end();
  await closeServer(socket);
  await house.store.close();
}

function openState(path: string): StateDirectory {
  try {
    return openStateDirectory(path);
  } catch (error) {
    throw new StartFailure([error instanceof Error ? error.message : String(error)]);
  }
}

function takeLock(state: StateDirectory): Lock {
  const lock = acquireLock(state.lock);
  if (lock === null) {
    throw new StartFailure([
      `Another Lanyard is running on ${state.path}. Stop it first, or use another state.`,
    ]);
  }
  return lock;
}

/** Where the state is when the rest of the file has problems: with a set in force there, the instance starts all the same. */
function statePathOf(configPath: string, problems: readonly FileProblem[]): string {
  try {
    return stateOf(configPath).path;
  } catch {
    throw new StartFailure(problems.map(lineOf));
  }
}

function reportDifference(foundation: Foundation, files: RuleSet | null, inForce: ResolvedSet): void {
  if (files === null) {
    foundation.log('The files cannot be read (see above); what was last applied stays in force.');
    return;
  }
  if (encodeSet(files) === inForce.text) return;
  foundation.log(
    'The files differ from what is in force. ./lanyard apply --dry-run shows how, ./lanyard apply takes them:',
  );
  for (const place of placesThatDiffer(inForce.set, files)) foundation.log(`  ${place}`);
}
