import type { Json } from '../base/json.ts';
import type { TargetShape } from './log-entry.ts';

/** Questions to people as the operator API and `approvals list|show --json` tell them (docs/formats/approvals.md). */

export type ApprovalState = 'waiting' | 'approved' | 'denied' | 'expired';

/** How a question stands after an answer. */
export interface AnswerState {
  readonly approval: string;
  readonly state: 'open' | 'approved' | 'denied';
}

/** GET /v1/approvals/ID/fate: what became of a question that is no more. */
export interface ApprovalFate {
  readonly approval: string;
  readonly agent: string;
  readonly operation: string;
  /** Whose story it is part of. */
  readonly action: string;
  /** RFC 3339. */
  readonly asked: string;
  /** `spent`, `denied`, `expired`, or the reason of its `approval.cancelled`; null where it is not over. */
  readonly ended: string | null;
  /** The question that took its place. */
  readonly instead: string | null;
}

/** One row of the inbox. */
export interface ApprovalRow {
  readonly approval: string;
  readonly state: ApprovalState;
  readonly agent: string;
  readonly owner: string;
  readonly operation: string;
  readonly targets: readonly TargetShape[];
  /** Catalog's words; absent where nothing classifies the operation. */
  readonly risk?: string;
  readonly reversibility?: string;
  /** RFC 3339. */
  readonly asked: string;
  readonly expires: string;
  /** Who may answer now. */
  readonly people: readonly string[];
  readonly rules: readonly string[];
  readonly reviews: readonly string[];
  /**
   * `notBeside`: whose yes hers does not count beside, for they invited her within 7 days. `noLonger`: she may not answer it
   * any more. Without both it counts.
   */
  readonly answers: readonly {
    readonly person: string;
    readonly answer: string;
    readonly at: string;
    readonly notBeside?: readonly string[];
    readonly noLonger?: true;
  }[];
  /** Questions with the same value are alike and may be answered at once; null: this one is answered by itself. */
  readonly alike: string | null;
  /** Where a person answers it; absent where there is no such page. */
  readonly page?: string;
}

/** GET /v1/questions?of&from */
export interface QuestionPage {
  /** How many there are of these in all. */
  readonly count: number;
  /** Index of the first row among them. */
  readonly from: number;
  readonly rows: readonly ApprovalRow[];
  /** Of those that wait for the reader: kinds that may be answered at once, with the first of each. */
  readonly alike: readonly {
    readonly operation: string;
    readonly count: number;
    readonly of: readonly string[];
  }[];
}
/** `mine`: those that wait for the reader; `others`: for others alone; `over`: the newest that were answered or ran out. */
export type QuestionsOf = 'mine' | 'others' | 'over';

export interface ShownLine {
  readonly sign: ' ' | '-' | '+';
  readonly text: string;
}

/** A standing approval, as the operator API and `grants list --json` tell it. */
export interface GrantRow {
  readonly grant: string;
  /** The question that it was given at. */
  readonly approval: string;
  readonly agent: string;
  readonly operation: string;
  readonly targets: readonly TargetShape[];
  readonly door: string;
  readonly rules: readonly string[];
  readonly reviews: readonly string[];
  /** Whose yes it is. */
  readonly person: string;
  /** RFC 3339. */
  readonly given: string;
  readonly expires: string;
  readonly times: number;
  readonly used: number;
}

/** Several questions beside each other. Every text in it is visible. */
export interface BatchView {
  /** Why they cannot be answered at once, whoever answers; null: they can. */
  readonly refused: string | null;
  /** Values of the arguments that are the same in all, by path. */
  readonly common: readonly BatchLine[];
  readonly rows: readonly (Pick<
    ApprovalView,
    | 'approval'
    | 'digest'
    | 'agent'
    | 'state'
    | 'targets'
    | 'expires'
    | 'people'
    | 'redacted'
    | 'operation'
    | 'why'
    | 'marks'
  > & { readonly differs: readonly BatchLine[] })[];
}

export interface BatchLine {
  /** `labels[0]`, `place.x` */
  readonly path: string;
  /** JSON of the value. */
  readonly text: string;
}

/** One question in full. Every text in it is visible: controls, invisible and bidirectional characters as `\u{…}`. */
export interface ApprovalView extends ApprovalRow {
  readonly action: string;
  /** What an answer is bound to. */
  readonly digest: string;
  /** It ran out, and a late answer of somebody whom it asks still counts: a yes opens it again, once. */
  readonly mayBeLate: boolean;
  readonly policy: string;
  readonly session: string;
  readonly door: string;
  /** JSON of the arguments, a line each; untruncated. Null: no longer kept. */
  readonly arguments: readonly string[] | null;
  /** JSON of the arguments as they may be written anew, what cannot be seen as escapes; null: not kept whole, or no call of a tool. */
  readonly editable: string | null;
  /** Something in the arguments was taken out before it was stored; what runs has it. */
  readonly redacted: boolean;
  /** What it would change, where there is a before. */
  readonly difference: readonly ShownLine[] | null;
  /** Beside a text that the difference shows: every other argument, as JSON. Absent where the difference shows all, or there is none. */
  readonly beside?: readonly string[];
  readonly audience?: string;
  readonly worst?: string;
  readonly effect?: readonly string[];
  /** What it pays, a currency each (`90,000.00 EUR`), counted as budgets do; null: it pays, and how much cannot be told. Absent: as far as the catalog knows, nothing. */
  readonly money?: readonly string[] | null;
  /** The operation that takes it back, with its arguments as JSON where they are known; null: nobody can, as far as the catalog knows. */
  readonly undo: string | null;
  /** Why no grant can be given here; null: one can, by whoever is enough alone. */
  readonly noGrant: string | null;
  /** Why it is asked, rule by rule. */
  readonly why: readonly { readonly rule: string; readonly who: string; readonly reason: string }[];
  /** What the session has read. */
  readonly marks: readonly string[];
  /** The agent's own unverified claim. */
  readonly claimedReason?: string;
  /** What the agent did in the last minutes, newest first. */
  readonly recent: readonly {
    readonly at: string;
    readonly operation: string;
    readonly decision: string;
    readonly code?: string;
  }[];
  /** Whether a yes is bound to the target's version; `unread`: that could not be read. Absent: the catalog knows none. */
  readonly version?: 'bound' | 'unread';
  readonly edited?: { readonly by: string; readonly arguments: Json };
}

/**
 * GET /v1/approvals/ID/less: the rules that ask, each with an exception for this agent, operation and targets, and what
 * they would have let pass. Nothing of it is in force; POST {shown} applies exactly it, signed by an admin.
 */
export interface LessView {
  readonly approval: string;
  readonly agent: string;
  readonly operation: string;
  readonly targets: readonly { readonly type: string; readonly id: string }[];
  /** Why nothing of this kind goes unasked; null where it may. Then what follows is empty. */
  readonly refused: string | null;
  /** The exception, as Cedar. */
  readonly exception: string;
  /** Each rule as it would stand. */
  readonly rules: readonly {
    readonly rule: string;
    readonly file: string;
    readonly line: number;
    readonly text: string;
  }[];
  /** Digest of the set that this would put in force. */
  readonly shown: string;
  readonly worst: string | null;
  /** How many questions and grants of others end with it, in a sentence; null: none. */
  readonly ends: string | null;
  /** RFC 3339: it was looked back so far. */
  readonly since: string;
  /** Attempts since then that were held or denied and would have passed, oldest first; what people had said of them. */
  readonly passed: {
    readonly count: number;
    readonly approved: number;
    readonly refused: number;
    /** Those of sessions that had read what strangers wrote. */
    readonly strangers: number;
    readonly actions: readonly {
      readonly action: string;
      readonly at: string;
      readonly said: 'yes' | 'no' | null;
    }[];
  };
  /** Attempts that would have been held or denied all the same. */
  readonly stillHeld: number;
  /** Attempts that cannot be decided again, and why. */
  readonly unknown: readonly { readonly why: string; readonly count: number }[];
}
