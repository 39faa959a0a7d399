import { existsSync } from 'node:fs';
import { systemClock } from '../../base/clock.ts';
import { createIds } from '../../base/ids.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { Budgets } from '../../containment/budgets.ts';
import { Marks, Past } from '../../history/index.ts';
import { Pins } from '../../pipeline/action/pins.ts';
import { Tokens } from '../../pipeline/credentials/tokens.ts';
import { compileInForce, type InForce } from '../../pipeline/in-force.ts';
import { createRedactor } from '../../pipeline/recording/redact.ts';
import { createScrubber } from '../../pipeline/recording/scrub.ts';
import type { DecidingRooms } from '../../pipeline/rooms.ts';
import { HaltSwitch } from '../../pipeline/stop/halt-switch.ts';
import { renderProblem } from '../../policy/index.ts';
import { openSqlite } from '../../store/sqlite/index.ts';
import type { Store } from '../../store/store.ts';
import { takeInventory } from '../evidence/inventory.ts';
import { Uses } from '../evidence/uses.ts';
import { machineFiles } from '../files.ts';
import { type ResolvedSet, resolveSet } from '../in-force/resolve-set.ts';
import { decodeSet, type RuleSet, readRuleSet } from '../in-force/rule-set.ts';
import { stateOf } from '../log/state-of.ts';
import { nobody, recall, recallSet } from '../memory.ts';
import { recallBudgets } from '../past/budgets.ts';
import { recallPast } from '../past/past.ts';
import { StartFailure } from '../start-failure.ts';
import { lineOf, textOf } from '../tell.ts';
import { decideRequest } from './decide-request.ts';
import { type Suggestion, suggestFor } from './suggest.ts';

/** What is in force, or, before anything ever was, what the files say; without executing or recording anything. */
export interface OfflineFiles {
  readonly set: RuleSet;
  readonly resolved: ResolvedSet;
  readonly inForce: InForce;
  readonly pins: Pins;
  readonly halt: HaltSwitch;
  readonly tokens: Tokens;
  /** Null where nothing was ever recorded. */
  readonly store: Store | null;
  readonly marks: Marks;
  readonly past: Past;
  readonly budgets: Budgets;
  close(): Promise<void>;
}

/** `given`: another set than the one in force, such as what the files say now. */
export async function openFiles(
  config: string,
  environment: NodeJS.ProcessEnv,
  given?: RuleSet,
): Promise<OfflineFiles> {
  const state = stateOf(config);
  const pins = new Pins();
  const halt = new HaltSwitch();
  const tokens = new Tokens(systemClock);
  const store = existsSync(state.log) ? await openSqlite(state.log, { readOnly: true }) : null;
  const marks = new Marks();
  const past = new Past();
  const budgets = new Budgets((agent, nowMs) => past.halfOpenUntil(agent, nowMs));
  if (store !== null)
    await recall(store, { pins, halt, marks, tokens, ...nobody(systemClock) }, systemClock.now());
  pins.assumeListed();
  const text = store === null ? null : await recallSet(store);
  const set = given ?? (text === null ? fromFiles(config) : decodeSet(text));
  const resolved = resolveSet(set, {
    configPath: config,
    state: state.path,
    environment,
    withoutSecrets: true,
  });
  if (!resolved.ok) throw new StartFailure(resolved.error.map(lineOf));
  const inForce = compileInForce(resolved.value.parts, pins, 'hide');
  if (!inForce.ok)
    throw new StartFailure(inForce.error.map((found) => renderProblem(found, textOf(set, found.file))));
  const close = async () => {
    await store?.close();
  };
  if (store !== null) await recallPast(store, past, inForce.value, systemClock.now());
  if (store !== null) await recallBudgets(store, budgets, systemClock.now());
  return {
    set,
    resolved: resolved.value,
    inForce: inForce.value,
    pins,
    halt,
    marks,
    past,
    budgets,
    tokens,
    store,
    close,
  };
}

function fromFiles(config: string): RuleSet {
  const read = readRuleSet(config);
  if (!read.ok) throw new StartFailure(read.error.map(lineOf));
  return read.value.set;
}

/** Decides requests on the files of an instance that does not run. */
export async function decideOffline(
  config: string,
  environment: NodeJS.ProcessEnv,
): Promise<{
  decide(requests: readonly Json[]): Promise<readonly JsonObject[]>;
  close(): Promise<void>;
}> {
  const files = await openFiles(config, environment);
  const rooms = decidingRooms(files);
  return {
    decide: async (requests) =>
      requests.map((request) => decideRequest(rooms, files.inForce, request).answer),
    close: files.close,
  };
}

/** Suggested rules on the files of an instance that does not run. */
export async function suggestOffline(
  config: string,
  environment: NodeJS.ProcessEnv,
  agent: string,
  sinceMs: number,
): Promise<Suggestion | { readonly sentence: string }> {
  const files = await openFiles(config, environment);
  const { inForce, store, close } = files;
  try {
    if (store === null) throw new StartFailure(['There is no log here yet; start an instance first.']);
    const { parts } = files.resolved;
    return await suggestFor({ rooms: decidingRooms(files), inForce, parts, store }, agent, sinceMs);
  } finally {
    await close();
  }
}

function decidingRooms(files: OfflineFiles): DecidingRooms {
  return {
    clock: systemClock,
    ids: createIds(systemClock),
    halt: files.halt,
    marks: files.marks,
    past: files.past,
    budgets: files.budgets,
    pins: files.pins,
    files: machineFiles,
    protectedPaths: files.resolved.protectedPaths,
    scrubber: createScrubber(files.resolved.secrets),
    redactor: createRedactor(files.set.configuration.redact),
    report: (line: string) => process.stderr.write(`lanyard: ${line}\n`),
  };
}

/** The inventory on the files of an instance that does not run. */
export async function inventoryOffline(config: string, environment: NodeJS.ProcessEnv): Promise<JsonObject> {
  const { set, inForce, pins, halt, tokens, store, close } = await openFiles(config, environment);
  const uses = new Uses();
  try {
    if (store !== null) await uses.catchUp(store);
    return takeInventory({
      inForce,
      set,
      pins,
      uses,
      levelOf: (agent) => halt.levelOf(agent),
      tokensOf: (agent) => tokens.ofAgent(agent).map(({ id }) => id),
    });
  } finally {
    await close();
  }
}
