import type { JsonObject } from '../../base/json.ts';
import type { OperationEntry } from '../../catalog/entry.ts';
import { OWN_UPSTREAM } from '../../catalog/own-server.ts';
import type { Entry } from '../../contract/log-entry.ts';
import { type Past, type Step, type Traits, usedKey } from '../../history/index.ts';
import { type Action, CONNECT_OPERATION, type Target } from '../../model/action.ts';
import { isWithinHours } from '../../model/hours.ts';
import type { Outcome } from '../../model/outcome.ts';
import { NO_PAST, type PastFacts } from '../../model/past.ts';
import type { CellChange } from '../../store/store.ts';
import type { InForce } from '../in-force.ts';
import type { DecidingRooms } from '../rooms.ts';
import { budgetPercent } from './budgets.ts';
import { entryFor, namesOf } from './operation-entry.ts';

/** Where what agents have been through meets the corridor: what a decision sees, and what counts for the next one. */

/** An unclassified operation counts as seen by everybody. Whether it deletes is not known, so it is not counted as that. */
const UNCLASSIFIED: Traits = { risk: 'unclassified', audience: 'public', reads: false, deletes: false };

/** A tunnel counts as reading: what passes inside is not seen, and a program opens them by the hundred. */
const TUNNEL: Traits = { risk: 'unclassified', audience: 'self', reads: true, deletes: false };

export function traitsOf(entry: OperationEntry | undefined, operation?: string): Traits {
  if (operation === CONNECT_OPERATION) return TUNNEL;
  if (entry === undefined) return UNCLASSIFIED;
  const { risk, audience, effect } = entry;
  return { risk, audience, reads: risk === 'read', deletes: effect.includes('delete') };
}

/** Whom targets belong to: a Url to its host, a Path to nobody, anything else to the outermost thing that it lies in. */
function ownersOf(targets: readonly Target[]): readonly string[] {
  let owners: Set<string> | null = null;
  for (const { type, ancestors, attributes } of targets) {
    if (type === 'Path') continue;
    const outermost = ancestors.at(-1);
    if (type !== 'Url' && outermost === undefined) continue;
    owners ??= new Set();
    if (type === 'Url') owners.add(`Host ${attributes['host'] ?? ''}`);
    else if (outermost !== undefined) owners.add(`${outermost.type} ${outermost.id}`);
  }
  return owners === null ? NOBODY : [...owners];
}
const NOBODY: readonly string[] = [];

function stepOf(action: Action): Step {
  const { agent, operation, upstream, namedTargets, argumentsText } = action;
  return { agent, operation, upstream, namedTargets, argumentsText, owners: ownersOf(action.targets) };
}

const KNOWN = {
  firstOperation: false,
  firstUpstream: false,
  firstAudience: false,
  firstOwner: false,
} as const;

export function pastSeen(rooms: DecidingRooms, inForce: InForce, action: Action): PastFacts {
  const nowMs = rooms.clock.now();
  const seen = rooms.past.facts(stepOf(action), traitsOf(entryFor(inForce, action), action.operation), nowMs);
  // Using the built-in server for the first time is nothing that a rule should ask about.
  const facts = action.upstream === OWN_UPSTREAM ? { ...seen, ...KNOWN } : seen;
  const { does, hours, budgets } = inForce.agents.get(action.agent) ?? {};
  if (does === undefined && hours === undefined && budgets === undefined) return facts;
  return {
    ...facts,
    outsideHours: hours !== undefined && !isWithinHours(hours, nowMs),
    outsidePurpose: does !== undefined && isOutside(inForce, action, does),
    budgetPercent: budgetPercent(rooms, inForce, action),
  };
}

/** Whether the agent's `does` leaves this operation out. Never for tunnels: rules and the table of hosts are there for them. */
function isOutside(inForce: InForce, action: Action, does: readonly string[]): boolean {
  if (action.operation === CONNECT_OPERATION) return false;
  const names = namesOf(inForce, action);
  return !does.some((one) => names.has(one));
}

/** It is allowed: it counts from this tick on, so that calls side by side see each other. */
export function countAllowed(
  { past, clock }: Pick<DecidingRooms, 'past' | 'clock'>,
  inForce: InForce,
  action: Action,
): void {
  past.count(action, traitsOf(entryFor(inForce, action), action.operation), clock.now());
}

/** How it ended. What was never sent is nobody's failure. */
export function noteEnd({ past }: Pick<DecidingRooms, 'past'>, action: Action, { outcome }: Outcome): void {
  if (outcome !== 'aborted') past.ended(action, outcome === 'ok');
}

const NO_CELLS: readonly CellChange[] = [];

/** The cells to write with an allow: first uses of an operation, audience or owner, and once an hour what is usual. */
export function pastCells(
  past: Past,
  inForce: InForce,
  action: Action,
  nowMs: number,
): readonly CellChange[] {
  const { agent } = action;
  const unknown = past.unknown(
    { agent, owners: ownersOf(action.targets) },
    traitsOf(entryFor(inForce, action), action.operation),
  );
  const usual = past.takeUsual(agent);
  const isFirst = past.isFirst(action);
  if (!isFirst && usual === null && unknown.length === 0) return NO_CELLS;
  const value = String(nowMs);
  return [
    ...(isFirst ? [{ kind: 'used', key: usedKey(action), value }] : []),
    ...unknown.map((key) => ({ kind: 'known', key: `${agent}/${key}`, value })),
    ...(usual === null ? [] : [{ kind: 'usual', key: agent, value: usual }]),
  ];
}

/** These cells are durable: from here on the operation is no first use, and whom they name is known. */
export function notePastKept(past: Past, action: Action, cells: readonly CellChange[]): void {
  past.use(action);
  const known = cells.filter(({ kind }) => kind === 'known');
  if (known.length > 0)
    past.know(
      action.agent,
      known.map(({ key }) => key.slice(action.agent.length + 1)),
    );
}

/** These facts as the entry of a decision has them: without those that still have the value of an agent with no past. */
export function pastFields(facts: Partial<PastFacts>): JsonObject {
  return Object.fromEntries(
    Object.entries(facts).filter(([name, value]) => value !== NO_PAST[name as keyof PastFacts]),
  );
}

/** Only the facts of these names. */
export function lookedAt(facts: PastFacts, names: readonly (keyof PastFacts)[]): Partial<PastFacts> {
  return Object.fromEntries(names.map((name) => [name, facts[name]]));
}

/** The facts that a decision in the log saw; what its entry leaves out has the value of an agent with no past. */
export function pastOf({ past }: Entry): PastFacts {
  return typeof past === 'object' && past !== null && !Array.isArray(past)
    ? { ...NO_PAST, ...(past as Partial<PastFacts>) }
    : NO_PAST;
}
