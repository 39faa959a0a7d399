import { type Problem, problem } from '../../base/errors.ts';
import type { JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Scope } from '../../containment/levels.ts';
import type { EntryFields } from '../../contract/log-entry.ts';
import { type Level, strictest } from '../../model/level.ts';
import type { About } from '../acts/rights.ts';
import type { Operator, OperatorAct } from '../operate.ts';
import type { Recorder } from '../record.ts';
import type { Draft } from '../recording/draft.ts';
import type { HaltSwitch } from './halt-switch.ts';
import type { CutThing, Cutting } from './live.ts';
import type { StopRecord } from './stop-repeats.ts';

/**
 * By these a kill revokes secrets. The socket, the file STOP and a signal prove no person, and an agent or a fault is none:
 * whoever could revoke by one of them could break what other people work with.
 */
const PROVEN: ReadonlySet<unknown> = new Set(['person', 'stop-key', 'stop-code', 'trip']);
export const isProven = (by: unknown): boolean => PROVEN.has(by);

export type StopLevel = Exclude<Level, 'live'>;

/** Who or what stops where it is no operator: a rule that tripped, a fault, a way that needs no sign-in. */
interface StopCause {
  /** `trip`, `fault`, or the name of the way. */
  readonly by: string;
  readonly why?: string;
  /** What else its entry says: the rule that tripped, the person whose code it was. */
  readonly more?: JsonObject;
}

/** What a stop has done: the level that holds now, and what it has cut. */
interface Stopped {
  readonly level: StopLevel;
  readonly cutting: Cutting;
}

/** A reason as the log can hold it: an act must not fail to be recorded for the way it was explained. */
export function keepable(why: string): string {
  return why.slice(0, LIMITS.callerReasonLength).toWellFormed();
}

/** Sets a scope to a stricter level. Idempotent; never loosens what is stopped harder. */
export function stop(
  halt: HaltSwitch,
  scope: Scope,
  level: StopLevel,
  why: string | undefined,
): OperatorAct<Stopped> {
  let result = strictest(level, halt.levels.get(scope) ?? 'live') as StopLevel;
  let entry: StopRecord | null = null;
  return {
    name: 'stop',
    fields: {
      scope,
      level: result,
      ...askedFields(level, result),
      ...(why === undefined ? {} : { why: keepable(why) }),
    },
    get cells() {
      return [{ kind: 'level', key: scope, value: result }];
    },
    within: (run) => halt.records.recording(scope, run),
    apply: (operator) => {
      const cutting = halt.tighten(scope, result, level === 'killed' && isProven(operator?.by));
      entry = halt.records.repeats.enter(
        scope,
        [level, why, ...whoIs(operator)],
        cutting,
        again(halt, scope, level),
      );
      return { level: result, cutting };
    },
    record: (recorder, draft) =>
      entry === null ? recorder.record(draft).then(() => undefined) : entry.record(recorder, draft),
    async told({ cutting }) {
      await cutting.settled;
      result = heldNow(halt, scope, result);
      return { level: result, ...askedFields(level, result), ...cutFields(cutting) };
    },
  };
}

/** Who gave it, as far as its entry says that. */
function whoIs(operator: Operator | undefined): readonly (string | undefined)[] {
  if (operator?.by === 'agent') return [operator.by, operator.agent];
  return operator?.by === 'person' || operator?.by === 'code'
    ? [operator.by, operator.person.id]
    : [operator?.by];
}

/** The entry for repeats of a stop: as the first, but with the level that holds by now, and without what the first one cut. */
const again =
  (halt: HaltSwitch, scope: Scope, level: StopLevel) =>
  ({ fields: { cut: _, asked: __, ...fields } }: Draft): Draft => {
    const held = heldNow(halt, scope, level);
    return {
      fields: { ...fields, level: held, ...askedFields(level, held) },
      cells: [{ kind: 'level', key: scope, value: held }],
    };
  };

/** While this stop settled, a harder one may have been recorded. The entry that is recorded last must not name a milder level. */
const heldNow = (halt: HaltSwitch, scope: Scope, level: StopLevel) =>
  strictest(level, halt.levels.get(scope) ?? 'live') as StopLevel;

/**
 * A stop that no operator gave, by whatever may stop: in memory in this tick, recorded then. `recorded` resolves when the
 * entry is durable, or owed; it never rejects.
 */
export function stopNow(
  { halt, recorder }: { readonly halt: HaltSwitch; readonly recorder: Recorder },
  scope: Scope,
  level: StopLevel,
  { by, why, more = {} }: StopCause,
): Stopped & { readonly recorded: Promise<void> } {
  const result = strictest(level, halt.levels.get(scope) ?? 'live') as StopLevel;
  const proven = level === 'killed' && (isProven(by) || more['proven'] === true);
  const cutting = halt.tighten(scope, result, proven);
  const entry = halt.records.repeats.enter(scope, [level, why, by, more], cutting, again(halt, scope, level));
  const record = async () => {
    await cutting.settled;
    const held = heldNow(halt, scope, result);
    const asked = askedFields(level, held);
    const said = { scope, level: held, ...asked, by, ...(why === undefined ? {} : { why: keepable(why) }) };
    const fields = { kind: 'containment.stopped', ...said, ...more, ...cutFields(cutting) } as const;
    const draft = { fields, cells: [{ kind: 'level', key: scope, value: held }] };
    await entry.record(recorder, draft).catch(() => recorder.owe(draft));
  };
  return { level: result, cutting, recorded: halt.records.recording(scope, record) };
}

/** `asked` is recorded where a harder level stood already: whoever gave this stop did not set that one. */
const askedFields = (asked: StopLevel, result: StopLevel) => (asked === result ? {} : { asked });

/** What a stop cut and how long each took to end, as its entry says it. */
function cutFields({ things }: Cutting): Partial<EntryFields> {
  if (things.length === 0) return {};
  return { cut: cutReport(things) };
}

/**
 * `counts` by kind; `lastMs`: from the stop to the last end that was seen; `alive`: how many had not ended when it was
 * looked at last; `things`: LIMITS.stopNamed of them, those first that took longest (`ms` null: not ended).
 */
export function cutReport(things: readonly CutThing[]): JsonObject {
  const slowest = [...things].sort((a, b) => (b.ms ?? Infinity) - (a.ms ?? Infinity));
  const named = slowest.slice(0, LIMITS.stopNamed);
  return {
    counts: countsOf(things),
    lastMs: Math.max(0, ...things.map(({ ms }) => ms ?? 0)),
    alive: things.filter(({ ms }) => ms === null).length,
    things: named.map(({ kind, name, agent, ms }) => ({ kind, name, agent, ms })),
  };
}

export function countsOf(things: readonly Pick<CutThing, 'kind'>[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of things) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Whom a release is about, and ids of those that are half-open after it; absent: all, or the agent that the scope names. */
export interface ReleaseTerms {
  readonly about?: About;
  readonly halfOpen?: readonly string[] | undefined;
}

/**
 * Takes back a set level. After a fault it is refused until `refuse` finds the log whole and writable. A stop that comes
 * while it is looked into, or while it is being recorded, stays: nothing undoes a stop that it was not asked to undo.
 */
export function release(
  halt: HaltSwitch,
  scope: Scope,
  why: string,
  refuse: () => Promise<Problem | null>,
  { about = {}, halfOpen }: ReleaseTerms = {},
): OperatorAct<Level> {
  const was = halt.levels.get(scope) ?? 'live';
  const stop = halt.stopOf(scope);
  const isMoved = () => halt.stopOf(scope) !== stop;
  return {
    name: 'release',
    about,
    fields: { scope, was, why: keepable(why), ...(halfOpen === undefined ? {} : { agents: [...halfOpen] }) },
    cells: [{ kind: 'level', key: scope, value: null }],
    refuse: async () => (await refuse()) ?? (isMoved() ? problem('STOPPED_MEANWHILE') : null),
    within: (run) => halt.records.releasing(scope, run),
    apply() {
      if (!isMoved()) halt.set(scope, 'live');
      return was;
    },
  };
}
