/**
 * What the console reads on `control` (docs/formats/control.md), as JSON. Times are RFC 3339 UTC with milliseconds.
 * Every text that an agent or an upstream wrote is marked so: a reader shows it as text, with what cannot be seen in
 * it made visible.
 */
import type { Json, JsonObject } from '../base/json.ts';
import type { PrintedEntry, TargetShape } from './log-entry.ts';

export type LevelName = 'live' | 'watched' | 'frozen' | 'killed';
export type DecisionName = 'allow' | 'review' | 'deny';
export type OutcomeName = 'ok' | 'failed' | 'aborted' | 'unknown';

/**
 * How a question stands that an action was held for. `expired`: it ran out. `over`: it was taken back, its yes was used under
 * another id (an edit), or it is forgotten.
 */
export type QuestionNow = 'waiting' | 'approved' | 'denied' | 'expired' | 'over';

/** One attempt, in one line. */
export type ActionRow = {
  readonly action: string;
  readonly seq: number;
  readonly at: string;
  readonly agent: string;
  readonly session: string | null;
  readonly door: string | null;
  readonly operation: string;
  /** Written by the agent. */
  readonly targets: readonly TargetShape[];
  readonly decision: DecisionName;
  readonly code: string | null;
  readonly rules: readonly string[];
  /** Null while it runs or waits, and of what never ran. */
  readonly outcome: OutcomeName | null;
  readonly endedAt: string | null;
  /** Of what was held for a person and neither ran nor was denied since: its question, and in a page how that stands. */
  readonly approval?: string;
  readonly question?: QuestionNow;
};

/** GET /v1/actions?agent&session&decision&outcome&text&before&limit, newest first. */
export interface ActionPage {
  readonly rows: readonly ActionRow[];
  /** Asks for what is older; null: there is nothing older. A page may be short, or empty, and not be the last. */
  readonly before: number | null;
  /** How far back this page looked. */
  readonly lookedBackTo: string | null;
}

/** Something that is not as it should be. */
export interface Trouble {
  readonly kind:
    | 'fault'
    | 'upstream'
    | 'files'
    | 'unclaimed'
    | 'uncontained'
    | 'unreported'
    | 'way-to-stop'
    | 'alert'
    | 'drill';
  /** Our own words. */
  readonly sentence: string;
  readonly grave: boolean;
}

interface Halted {
  /** `agent:ID`, `all`, … */
  readonly scope: string;
  readonly level: LevelName;
  /** Of what was killed: the first of two words to release it, where it was given and stands. */
  readonly first?: FirstWordGiven;
}

export type FirstWordGiven = { readonly person: string; readonly at: string };

/** How long an agent goes on acting by itself before its owner or backup has to look at what it did. */
export type LeaseRow = {
  readonly stage: 'live' | 'warned' | 'watched' | 'frozen';
  /** The last look, or when the agent was first in force. */
  readonly since: string;
  /** Then all but reads need a person, and at `frozenAt` nothing runs. */
  readonly until: string;
  readonly frozenAt: string;
  readonly cadenceMs: number;
  /** Whether it did anything since. */
  readonly acted: boolean;
};

/** GET /v1/agents/ID/look: what its owner or backup is to look through. */
export interface LeaseSample {
  readonly agent: string;
  readonly at: string;
  readonly since: string;
  /** Where the log stood: what came later is of the next look. */
  readonly upTo: number;
  /** How many actions ran since the last look; `more`: at least so many. */
  readonly actions: number;
  readonly more: boolean;
  readonly sample: readonly ActionRow[];
  /** `sha256:` of all the rest: what is confirmed. */
  readonly shown: string;
}

/** An agent at a glance. */
export interface AgentRow {
  readonly id: string;
  readonly owner: string;
  readonly backup: string | null;
  readonly purpose: string;
  readonly contact: string | null;
  readonly teams: readonly string[];
  /** The stricter of the configured and the set one. */
  readonly level: LevelName;
  readonly contained: boolean;
  /** Null where leases are not kept yet. */
  readonly lease: LeaseRow | null;
  /** Nobody answers for it: its owner is disabled, has left or has lost the role. It does not run. */
  readonly ownerless: boolean;
  /** How many of its actions run now, how many tokens it has, and how many of its questions wait for people. */
  readonly inFlight: number;
  readonly tokens: number;
  readonly waiting: number;
  /** Its newest attempt. */
  readonly lastAt: string | null;
  /**
   * Each of the last 30 minutes from the first on in which anything was decided, the newest last: how many were allowed, held,
   * denied. Most of a thousand agents do nothing, and cost a page nothing.
   */
  readonly minutes: readonly (readonly [allowed: number, held: number, denied: number])[];
}

/** GET /v1/overview: what a glance says. */
export interface Overview {
  readonly at: string;
  readonly version: string;
  readonly entries: number;
  readonly claimed: boolean;
  /** Approvals that nobody has answered, all and those that the reader may answer. */
  readonly waiting: { readonly all: number; readonly mine: number; readonly oldestAt: string | null };
  readonly halted: readonly Halted[];
  readonly troubles: readonly Trouble[];
  readonly agents: readonly AgentRow[];
  readonly recent: readonly ActionRow[];
}

/** Something that stands between an agent and the worst case of an operation. */
export type Limit = {
  readonly kind: 'person' | 'rule' | 'condition' | 'level';
  /** What sets it: a rule's id, or the level. */
  readonly by: string;
  /** Who is asked, where a person is. */
  readonly who?: string;
  /** Whether it holds whatever the arguments and the target; otherwise only for some of them. */
  readonly always: boolean;
};

/** One thing that one agent could do. */
export type AbilityRow = {
  readonly agent: string;
  readonly owner: string;
  readonly level: LevelName;
  readonly upstream: string;
  readonly operation: string;
  /** What it is done with, by name and never by value: `env:WIKI_TOKEN`. */
  readonly credentials: readonly string[];
  readonly tokens: readonly string[];
  readonly risk: string;
  readonly effect: readonly string[];
  readonly reversibility: string | null;
  readonly audience: string | null;
  readonly worst: string | null;
  /** Of what it answers; null where nobody has said it. */
  readonly sensitivity: string | null;
  /** What the rules do with a plain case, as far as can be told before there is one. */
  readonly rules: 'allow' | 'hold' | 'deny';
  /** What they do in others, depending on arguments and target. */
  readonly sometimes: readonly ('hold' | 'deny')[];
  readonly limits: readonly Limit[];
  /** It could be done, and nothing but the limits against floods stands before it. */
  readonly lacksLimit: boolean;
  readonly lastUsed: string | null;
  readonly neverUsed: boolean;
  readonly used: number;
  readonly denied: number;
};

/** GET /v1/inventory */
export type InventoryView = {
  readonly rows: readonly AbilityRow[];
  /** Upstreams of which nothing is known, because they were never connected. */
  readonly unseen: readonly string[];
};

/** GET /v1/agents/ID */
export interface AgentView {
  readonly agent: AgentRow;
  readonly abilities: readonly AbilityRow[];
  readonly tokens: readonly { readonly id: string; readonly expiresAt: string }[];
  readonly budgets: readonly BudgetRow[];
  /** It was released lately: every count that its breakers look at stands double until then. */
  readonly halfOpenUntil: string | null;
}

/** How one budget of an agent stands. Amounts: actions, targets, bytes; ms of `time`; ten-thousandths of `money`. */
export type BudgetRow = {
  readonly id: string;
  /** What is counted: `actions`, `targets`, `bytes`, `time` or `money`. */
  readonly measure: string;
  /** `minute`, `hour`, `day`, `session` or `life`. */
  readonly per: string;
  /** Groups and operations that it is about; none: every action. */
  readonly of: readonly string[];
  /** Counted for each target by itself; then `used` and `left` are of the fullest. */
  readonly each: boolean;
  readonly limit: number;
  readonly used: number;
  readonly left: number;
  readonly resetsAt: string | null;
  /** In words: `17 actions of 20 actions per day; 3 actions left`. */
  readonly says: string;
};

/** GET /v1/actions/ID: the whole story, as `log trace --json` gives it. */
export interface ActionStory {
  readonly action: string;
  /** Its entries: the first decision, the end (null: it has none), and all others, decisions among them. */
  readonly decided: PrintedEntry | JsonObject;
  readonly outcome: JsonObject | null;
  readonly between: readonly JsonObject[];
  /** Of the action; `holds`: made again from the entry's own members, it is the recorded one. */
  readonly digest: { readonly recorded: string | null; readonly holds: boolean };
  readonly arguments: KeptBody;
  readonly result: KeptBody;
  readonly rules: readonly RuleText[];
  readonly inForce: { readonly set: string | null; readonly policy: string | null; readonly why?: string };
  readonly operation: OperationWords | null;
  readonly claims: { readonly reason: string | null; readonly by: string | null };
  readonly marks: Json;
  readonly sessions: Json;
  readonly approval: Json;
  /** Of what was held for a person: how that stands now. */
  readonly question?: QuestionNow;
}

/** Arguments or result, as far as they are kept beside the log. */
export interface KeptBody {
  /** Whether it is there still: bodies expire, and can be redacted. */
  readonly kept: boolean;
  /** RFC 8785 text; written by the agent or the upstream. */
  readonly text?: string;
  /** Base64. */
  readonly salt?: string;
  /** As the log has it. */
  readonly digest: string | null;
  /** Whether `salt` and `text` make that digest. */
  readonly holds?: boolean;
  /** Why it does not, or why nothing is kept. */
  readonly why?: string;
}

/** What the catalog says of an operation. */
interface OperationWords {
  readonly risk: string;
  readonly effect: readonly string[];
  readonly reversibility: string | null;
  readonly audience: string | null;
  readonly worst: string | null;
  readonly undo: { readonly operation: string; readonly arguments: JsonObject } | null;
}

/** A rule with its text; `text` is null where it is built in or gone. */
export interface RuleText {
  readonly id: string;
  readonly text: string | null;
  readonly file?: string;
  readonly line?: number;
  readonly effect?: 'permit' | 'forbid';
  readonly reason?: string | null;
  readonly review?: string | null;
  /** Of a rule that asks: what people said to its questions within 30 days. */
  readonly answers?: { readonly yes: number; readonly no: number };
}

/** GET /v1/rules */
export interface RulesView {
  readonly set: string;
  readonly policy: string;
  readonly files: readonly { readonly name: string; readonly text: string }[];
  readonly rules: readonly RuleText[];
  /** What `apply` would change; null: the files are as what is in force. */
  readonly pending: { readonly changes: readonly string[]; readonly problem: string | null } | null;
}

/** POST /v1/rules/try {agent, operation, input}; executes nothing, records nothing. As the check door words it. */
export interface TriedRules {
  readonly decision: boolean;
  readonly context: JsonObject;
}

/** GET /v1/log */
export interface LogView {
  /** The log's name in its checkpoints. */
  readonly origin: string;
  /** The checkpoint key as a verifier key line, and a short form of it to compare by eye. */
  readonly key: string;
  readonly fingerprint: string;
  readonly entries: number;
  /** The signed note; null before the first. */
  readonly checkpoint: string | null;
  /** How many entries it covers. */
  readonly covered: number;
}

/** GET /v1/log/entries?before&limit&kind, newest first. */
export interface LogPage {
  readonly entries: readonly PrintedEntry[];
  readonly before: number | null;
}

export type DutyKind =
  | 'approval'
  | 'appeal'
  | 'alert'
  | 'case'
  | 'look'
  | 'pin'
  | 'take-over'
  | 'unknown'
  | 'unused';

/** Something that a person owes. */
export interface Duty {
  readonly kind: DutyKind;
  readonly person: string;
  readonly sentence: string;
  readonly agent: string | null;
  /** Where it is done: a path of the console. */
  readonly path: string;
  readonly since: string | null;
}

/** One rehearsed stop, as the entry `drill.done` tells it. */
export interface DrillRun {
  readonly at: string;
  readonly drill: string;
  readonly level: 'frozen' | 'killed';
  /** Whether the stop held everywhere. */
  readonly held: boolean;
  /** From the gesture to the last effect anywhere; null: not known. */
  readonly ms: number | null;
  /** How many things were measured, and those where the stop did not hold. */
  readonly things: number;
  readonly broken: readonly string[];
  readonly notTried: readonly string[];
}

/** GET /v1/drills */
export interface DrillsView {
  /** As configured: `30d`; null: nobody asked for drills by themselves. */
  readonly every: string | null;
  readonly agents: readonly {
    readonly agent: string;
    /** One was due and could not be done. */
    readonly overdue: boolean;
    /** When the next is due; null without a schedule, or where none was done yet. */
    readonly dueAt: string | null;
    /** The newest, the oldest of them first. */
    readonly runs: readonly DrillRun[];
  }[];
}

/** GET /v1/duties */
export interface DutiesView {
  readonly duties: readonly Duty[];
}

/**
 * What GET /v1/events tells as it happens, as `text/event-stream`: `action`, the row of an action that was decided or
 * has ended; `change`, something else that an open page may show has changed and is to be asked for again.
 */
export type LiveEvent =
  | { readonly event: 'action'; readonly data: ActionRow }
  | { readonly event: 'change'; readonly data: { readonly what: ChangedThing } };
export type ChangedThing = 'agents' | 'approvals' | 'rules' | 'log' | 'overview' | 'people';
