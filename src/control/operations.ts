import type { Problem } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import type { AppealView } from '../contract/appeal.ts';
import type {
  AnswerState,
  ApprovalRow,
  ApprovalView,
  BatchView,
  GrantRow,
  LessView,
} from '../contract/approval.ts';
import type { CaseRow, CaseView } from '../contract/case.ts';
import type { OpenSession } from '../contract/control-api.ts';
import type { LeaseRow, LeaseSample } from '../contract/control-reads.ts';
import type { OperatorAct } from '../pipeline/operate.ts';

/** Why an operator's request was not done, and lines that show what was found. */
export interface OperatorRefusal extends Problem {
  readonly details?: readonly string[];
}

export type Operated<T> = Promise<Result<T, OperatorRefusal>>;

/** An act that was done while nobody could sign, and still stands. */
export interface UnconfirmedAct {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  /** What it did, for a person. */
  readonly says: string;
  readonly leaf: string;
}

/** What an instance offers its operators; main/ implements it, the socket serves it, the command line asks for it. */
export interface Operations {
  status(): Promise<JsonObject>;
  agents(): Promise<readonly JsonObject[]>;
  makeToken(agent: string, ttlMs: number): Operated<{ readonly token: string; readonly expiresAt: string }>;
  revokeTokens(agent: string): Operated<{ readonly revoked: number; readonly unrecorded?: string }>;
  points(): Promise<readonly JsonObject[]>;
  makePointToken(
    point: string,
    ttlMs: number,
  ): Operated<{ readonly token: string; readonly expiresAt: string }>;
  revokePointTokens(point: string): Operated<{ readonly revoked: number; readonly unrecorded?: string }>;
  /** Compares the files with what is in force; takes them unless `dryRun`. */
  apply(dryRun: boolean): Operated<{
    readonly changes: readonly string[];
    readonly applied: boolean;
    readonly warnings: readonly string[];
  }>;
  catalog(): Promise<readonly JsonObject[]>;
  /** Every agent × upstream × operation × credential, what lacks a limit first. */
  inventory(): Promise<JsonObject>;
  /** Shows how what is listed differs from the pins; with `shown` (the digest of what was shown) takes it. */
  accept(
    upstream: string,
    name: string | undefined,
    shown: string | undefined,
  ): Operated<{
    readonly text: string;
    readonly shown: string;
    readonly accepted: boolean;
  }>;
  /** Answers what it cut, and how long each took to end (src/main/stop/stop-view.ts). */
  stop(scope: string, level: string, why: string | undefined): Operated<JsonObject>;
  /** What that would cut now; stops nothing. */
  previewStop(scope: string, level: string): Operated<JsonObject>;
  release(scope: string, why: string): Operated<JsonObject>;
  /** Questions to people: those that wait, those that ran out, and the noes that still stand; oldest first. */
  approvals(): Promise<readonly ApprovalRow[]>;
  /** One in full. That this person (null: the socket) was shown it is told in the log, and decides nothing. */
  approval(id: string, person: string | null): Operated<ApprovalView>;
  /** This person's yes to the action with this digest. */
  approve(id: string, person: string, digest: string): Operated<AnswerState>;
  /** Other arguments for what waits, decided anew; they are approved like any other. */
  edit(id: string, person: string, digest: string, args: JsonObject): Operated<AnswerState>;
  /** A no of somebody whom it asks; of anybody else (null: the socket) it only takes the question back. */
  deny(id: string, person: string | null, why: string): Operated<AnswerState>;
  /** The rules that ask about a question, changed so that this is not asked again, and what that would have let pass. */
  less(id: string): Operated<LessView>;
  /** Applies exactly what was shown (`shown`: its digest). */
  askLess(id: string, shown: string): Operated<{ readonly set: string; readonly rules: LessView['rules'] }>;
  /** Questions beside each other: what they have in common, and what differs. */
  batch(approvals: readonly string[], person: string | null): Operated<BatchView>;
  /** This person's yes to all of them. */
  approveBatch(
    answers: readonly { readonly approval: string; readonly digest: string }[],
    person: string,
  ): Operated<{
    readonly batch: string;
    readonly approved: readonly string[];
    readonly open: readonly string[];
  }>;
  /** Standing approvals, oldest first. */
  grants(): Promise<readonly GrantRow[]>;
  /** This person's yes in advance, given at a question whose action has this digest. `forMs` from now on. */
  grant(
    approval: string,
    person: string,
    digest: string,
    terms: { readonly times: number; readonly forMs: number },
  ): Operated<{ readonly grant: string }>;
  revokeGrant(grant: string): Operated<{ readonly revoked: boolean; readonly unrecorded?: string }>;
  /** What agents put before people; oldest first. */
  appeals(): Promise<readonly AppealView[]>;
  appeal(id: string): Operated<AppealView>;
  /** This person's word on it. */
  answerAppeal(
    id: string,
    person: string,
    said: { readonly answer: 'yes' | 'no'; readonly option?: number; readonly why?: string },
  ): Operated<AppealView>;
  /** What this person is to look through of an agent that she answers for; stays the same until she confirms it. */
  leaseSample(agent: string, person: string): Operated<LeaseSample>;
  /** She has looked through what she was shown, by its digest: the agent's lease begins anew. */
  look(agent: string, person: string, shown: string): Operated<LeaseRow | null>;
  /** As its backup, where nobody answers for the agent any more. */
  takeOver(agent: string, person: string): Operated<{ readonly agent: string; readonly owner: string }>;
  /** A rehearsed stop of an agent, measured. `by`: `socket`, or the person who asks. */
  drill(what: string, level: string, by: string): Operated<JsonObject>;
  /** What waits for whom: approvals, alerts, what could not be delivered, and people without a channel. */
  inbox(): Promise<JsonObject>;
  /** Of the inbox what no question is: alerts, and what could not be delivered. */
  alerts(): Promise<JsonObject>;
  /** An alert by its id, or undelivered messages by their lane. */
  acknowledge(id: string, why: string | undefined): Operated<JsonObject>;
  /** A person's word on how an action ended whose end is unknown. */
  resolve(action: string, ended: 'done' | 'not-done', why: string): Operated<{ readonly resolved: string }>;
  /** The same word on several ends, of one operation of one agent: an entry for each. */
  resolveAlike(
    actions: readonly string[],
    ended: 'done' | 'not-done',
    why: string,
  ): Operated<{ readonly resolved: readonly string[] }>;
  /** What stops left to look into: open cases, the oldest first, then the newest that were closed. */
  cases(): Promise<readonly CaseRow[]>;
  case(id: string): Operated<CaseView>;
  /** Closed with a debrief by this person (null: the socket, where somebody signs it). */
  closeCase(
    id: string,
    person: string | null,
    debrief: { readonly happened: string; readonly changes: string },
  ): Operated<{ readonly closed: string }>;
  /** What a phone needs to get in and to be told, as far as it is configured. */
  phone(): Promise<JsonObject>;
  /** A test message over each of the person's channels. */
  testNotice(person: string): Operated<{
    readonly person: string;
    readonly sent: readonly { readonly channel: string; readonly code?: string }[];
  }>;
  /** A test question over each of the person's channels: executes nothing, answered by her with a passkey. */
  testApproval(person: string): Operated<{
    readonly approval: string;
    readonly person: string;
    readonly answer: 'approve';
    readonly sent: readonly { readonly channel: string; readonly code?: string }[];
  }>;
  /** The key that browsers subscribe with; null where Web Push is not configured. */
  pushKey(): Promise<{ readonly key: string | null }>;
  /** The members of a browser's PushSubscription, base64url. */
  subscribe(
    person: string,
    browser: { readonly endpoint: string; readonly p256dh: string; readonly auth: string },
  ): Operated<{ readonly person: string; readonly channel: string }>;
  unsubscribe(
    person: string,
    channel: string,
  ): Operated<{ readonly person: string; readonly channel: string }>;
  /** Who is signed in where; the oldest first. */
  sessions(): Promise<readonly OpenSession[]>;
  /** Ends one; what it had open is closed. */
  endSession(session: string): Operated<{
    readonly ended: string;
    readonly person: string;
    readonly unrecorded?: string;
  }>;
  /** An act as somebody else prepared it, a passkey's say; resolves to what its `apply` answers. */
  act<T>(act: OperatorAct<T>): Operated<T>;
  /** A code for the first passkey of all, for the terminal of whoever asks: while the instance is unclaimed. */
  enrolCode(person: string | undefined): Operated<JsonObject>;
  unconfirmed(): Promise<readonly UnconfirmedAct[]>;
  /** Confirms acts of that list, by seq. */
  confirm(entries: readonly number[]): Operated<{ readonly confirmed: number }>;
  checkpoint(): Operated<{ readonly size: number }>;
  /** AuthZEN evaluations, each answered in its place; executes nothing, records only with `record`. */
  decide(requests: readonly Json[], record: boolean): Promise<readonly JsonObject[]>;
  explain(action: string): Operated<{ readonly text: string; readonly explanation: Json }>;
  /** The narrowest rules that would have passed what an agent was denied since then; changes nothing. */
  suggest(agent: string, sinceMs: number): Operated<JsonObject>;
}
