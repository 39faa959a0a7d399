import { runBeside } from './beside.ts';
import { openCases } from './cases/case-opening.ts';
import { type Doors, openDoors } from './doors/doors.ts';
import type { House } from './house.ts';
import type { Surroundings } from './in-force/resolve-set.ts';
import { openLeasing } from './leases/leasing.ts';
import { checkState } from './log/state-check.ts';
import { OperatorDoors } from './people/operator-doors.ts';
import { openRevoking } from './revoke/revoking.ts';
import { unlessStopped } from './start-failure.ts';
import type { StateDirectory } from './state-directory.ts';
import type { FreezeSignal } from './stop/freeze-signal.ts';
import { type Outside, openOutside } from './stop/outside.ts';
import { takeUpBefore } from './taken-up.ts';
import { type Notifying, openNotifying } from './watching/notifying.ts';
import { openWatching, type Watching } from './watching/watching.ts';
import { meetWitnesses } from './watching/witnessing.ts';

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

/** What an instance stands in: its files, and how the process is told to stop. */
interface Ground {
  readonly around: Surroundings;
  readonly state: StateDirectory;
  readonly signal: FreezeSignal;
  /** Aborted when it is to stop though it is not ready yet. */
  readonly stopped: AbortSignal | undefined;
  /** Called when all has ended: the state is free for another process. */
  letGo(): void;
}

/**
 * Brings a house up, in this order, to where it is ready. Rejects with StartFailure or StoppedWhileStarting, and then nothing
 * runs; the lock and the store are the caller's to let go of until it resolves, and the instance's own afterwards.
 */
export async function openInstance(house: House, ground: Ground): Promise<Instance> {
  const { around, state, signal, stopped } = ground;

  // What was before is known and closed.
  const witnessed = await unlessStopped(meetWitnesses(house), stopped);
  const goOnWaiting = await takeUpBefore(house);
  const endLeasing = await openLeasing(house);
  const endRevoking = await openRevoking(house);
  const notifying = openNotifying(house, state.path);
  const watching = await openWatching(house, notifying);
  const doors = openDoors(house, around);
  await checkState(house);
  await openCases(house);

  // An upstream takes as long to come up as the brake's thread does, and no door is open yet.
  const connected = house.standing.gather(() => house.upstreamPool.use(house.resolved().upstreams));
  const outside = await openOutside(house, around, state, signal).catch(async (error: unknown) => {
    await house.upstreamPool.stop();
    throw error;
  });
  let url = '';
  const operators = await OperatorDoors.over({ house, around, notifying, outside, doors, url: () => url });
  const end = () => endInOrder({ house, doors, operators, watching, notifying, outside });

  // The ways to stop are there: whoever wants to may come in.
  try {
    url = await doors.listen();
    await operators.listenOnSocket(state);
    await house.activity.start();
    await operators.openControl();
    await unlessStopped(connected, stopped);
    goOnWaiting();
    await watching.start();
    await notifying.start();
    // Ready means pinned, and pinned means durably so.
    await house.recorder.checkpoint();
  } catch (error) {
    await end();
    throw error;
  }

  const beside = { witnessed, notifying, answers: state.answers };
  const endBeside = await runBeside(house, beside, operators.operations(house.operate).drill);
  const stop = async () => {
    endLeasing();
    endRevoking();
    await endBeside();
    await end();
    ground.letGo();
  };
  let stopping: Promise<void> | undefined;
  return {
    url,
    control: operators.url,
    brake: outside.url,
    house,
    notifying,
    stop: () => (stopping ??= stop()),
  };
}

interface Opened {
  readonly house: House;
  readonly doors: Doors;
  readonly operators: OperatorDoors;
  readonly watching: Watching;
  readonly notifying: Notifying;
  readonly outside: Outside;
}

/** The order of a stop: doors drain → upstreams end → what is counted and covered is written → last checkpoint → followers → store. */
async function endInOrder({ house, doors, operators, watching, notifying, outside }: Opened): Promise<void> {
  // What is held for a person is answered now, so that it does not hold up the draining.
  house.rooms.approvals.stop();
  house.rooms.grants.stop();
  house.appeals.stop();
  house.changes.dropAll('Lanyard is stopping.');
  await operators.closeControl();
  await doors.drain();
  house.rooms.unreported.stop();
  house.rooms.tasks.stop();
  await house.upstreamPool.stop();
  house.refusals.flush();
  await notifying.stop();
  await outside.close();
  await house.halt.records.repeats.flush();
  await watching.sayLast();
  await house.recorder.record({ fields: { kind: 'instance.stopped' } }).catch(() => undefined);
  await house.recorder.close();
  await watching.end();
  await operators.closeSocket();
  await house.store.close();
}
