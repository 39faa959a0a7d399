/** Cases on `control` (docs/formats/containment.md), as JSON. Times are RFC 3339 UTC with milliseconds. */
import type { JsonObject } from '../base/json.ts';
import type { LevelName } from './control-reads.ts';
import type { TargetShape } from './log-entry.ts';

/** GET /v1/cases: those that are open, the oldest first; then the newest that were closed. */
export type CaseRow = {
  readonly case: string;
  readonly scope: string;
  /** The hardest that it was stopped. */
  readonly level: LevelName;
  readonly opened: string;
  /** Null: it is open. */
  readonly closed: string | null;
};

/** A stop of the case: the first one opened it. */
export type CaseStopRow = {
  readonly seq: number;
  readonly at: string;
  readonly level: LevelName;
  /** `trip`, `person`, `socket`, `agent`, `fault`, or another way's name. */
  readonly by: string;
  readonly person: string | null;
  readonly rules: readonly string[];
  readonly why: string | null;
  /** What the rules saw of what the agent had done, with what is usual for it beside that; null: no rule stopped it. */
  readonly past: JsonObject | null;
  /** The action that was denied. */
  readonly action: string | null;
};

/** What was done to one target. */
export type CaseDone = {
  /** Written by the agent; null: the operation names no target. */
  readonly target: TargetShape | null;
  readonly agents: readonly string[];
  /** How many actions of it ran, or may have. */
  readonly times: number;
  readonly operations: readonly {
    readonly operation: string;
    readonly times: number;
    readonly risk: string;
    readonly reversibility: string;
    /** The operation that takes it back, where the catalog knows one. */
    readonly undo: string | null;
  }[];
  /** The newest action. */
  readonly action: string;
  readonly at: string;
};

/** An action of anything but reads whose end nobody knows. */
export type CaseUnknown = {
  readonly action: string;
  readonly at: string;
  readonly agent: string;
  readonly operation: string;
  readonly targets: readonly TargetShape[];
  readonly resolved: 'done' | 'not-done' | null;
  /** The case cannot be closed before somebody has said how it ended. */
  readonly holds: boolean;
};

/** GET /v1/cases/ID */
export type CaseView = CaseRow & {
  readonly stops: readonly CaseStopRow[];
  /** What holds now. */
  readonly now: LevelName;
  /** From here on nobody had looked when it was opened: a look of who answers for the agent, or a day before. */
  readonly since: { readonly at: string; readonly by: 'look' | 'day' };
  readonly unknown: readonly CaseUnknown[];
  /** What was not merely read, the gravest first. */
  readonly done: readonly CaseDone[];
  readonly reads: number;
  /** There was more than is looked at. */
  readonly more: boolean;
  readonly debrief: {
    readonly happened: string;
    readonly changes: string;
    readonly by: string;
    readonly person: string | null;
  } | null;
};
