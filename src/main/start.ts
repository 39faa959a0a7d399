import { existsSync } from 'node:fs';
import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/error-text.ts';
import { Pins } from '../pipeline/action/pins.ts';
import { compileInForce } from '../pipeline/in-force.ts';
import { renderProblem } from '../policy/index.ts';
import { acquireLock, type Lock } from '../store/lock.ts';
import { openSqlite } from '../store/sqlite/index.ts';
import type { Store } from '../store/store.ts';
import { layFoundation } from './foundation.ts';
import { recallAnswers } from './in-force/engine-answers.ts';
import { type Files, houseInForce } from './in-force/house-in-force.ts';
import { readFiles } from './in-force/read-files.ts';
import type { Surroundings } from './in-force/resolve-set.ts';
import { type FileProblem, readRuleSet } from './in-force/rule-set.ts';
import { type Instance, openInstance } from './instance.ts';
import { stateToStartOn } from './log/state-of.ts';
import { StartFailure, withDisk } from './start-failure.ts';
import {
  keepKey,
  openSignerOf,
  openStateDirectory,
  refuseLostLog,
  type StateDirectory,
  stateDirectory,
} from './state-directory.ts';
import { FreezeSignal } from './stop/freeze-signal.ts';
import { refuseTaken } from './taken-addresses.ts';
import { lineOf, textOf } from './tell.ts';

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

/** What a process holds of the machine while it runs: the lock of its state, and SIGUSR2. */
interface Held {
  readonly signal: FreezeSignal;
  /** Gives both back. */
  letGo(): void;
}

/**
 * The order of a start: lock → log verified → what is in force (`in-force/house-in-force.ts`) → witnesses asked → recovery → ways to
 * stop → doors → operator socket → ready (`instance.ts`). What goes wrong before it is ready leaves nothing running. See
 * ARCHITECTURE.md for the same order in prose. Rejects with StartFailure, or StoppedWhileStarting.
 */
export async function start(options: StartOptions): Promise<Instance> {
  const read = readRuleSet(options.configPath);
  const statePath = read.ok ? read.value.state : statePathOf(options.configPath, read.error);
  const files = read.ok
    ? { set: read.value.set, notes: read.value.warnings }
    : { set: null, notes: read.error };
  if (!existsSync(stateDirectory(statePath).log)) await checkFirst(options);
  try {
    return await startIn(openState(statePath), files, options);
  } catch (failure) {
    throw withDisk(failure, statePath);
  }
}

async function startIn(state: StateDirectory, files: Files, options: StartOptions): Promise<Instance> {
  const lock = takeLock(state);
  const signal = new FreezeSignal();
  const letGo = () => {
    signal.end();
    lock.release();
  };
  try {
    return await startLocked(state, files, options, { signal, letGo });
  } catch (error) {
    letGo();
    throw error;
  }
}

async function startLocked(
  state: StateDirectory,
  files: Files,
  options: StartOptions,
  { signal, letGo }: Held,
): Promise<Instance> {
  const { stopped } = options;
  const signer = openSignerOf(state);
  const store = await (options.openStore ?? openSqlite)(state.log);
  try {
    refuseLostLog(state, await store.size());
    const foundation = await layFoundation(store, signer, options.log, state.stops, options.clock);
    const around: Surroundings = {
      configPath: options.configPath,
      state: state.path,
      environment: options.environment,
    };
    recallAnswers(signer, state.answers);
    const house = await houseInForce(foundation, files, { around, state, stopped });
    keepKey(state);
    return await openInstance(house, { around, state, signal, stopped, letGo });
  } catch (error) {
    await store.close();
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

function openState(path: string): StateDirectory {
  try {
    return openStateDirectory(path);
  } catch (error) {
    throw new StartFailure([messageOf(error)]);
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
    return stateToStartOn(configPath).path;
  } catch {
    throw new StartFailure(problems.map(lineOf));
  }
}
