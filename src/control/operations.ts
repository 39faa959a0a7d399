import type { Json, JsonObject } from '../base/json.ts';
import type { Result } from '../base/result.ts';
import type { AnswerState, ApprovalRow, ApprovalView } from '../contract/approval.ts';

/** Why an operator's request was not done: a sentence, and lines that show what was found. */
export interface OperatorRefusal {
  readonly sentence: string;
  readonly details?: readonly string[];
}

export type Operated<T> = Promise<Result<T, OperatorRefusal>>;

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
  stop(scope: string, level: string, why: string | undefined): Operated<JsonObject>;
  release(scope: string, why: string): Operated<JsonObject>;
  /** Questions to people: those that wait, those that ran out, and the noes that still stand; oldest first. */
  approvals(): Promise<readonly ApprovalRow[]>;
  approval(id: string): Operated<ApprovalView>;
  /** This person's yes to the action with this digest. */
  approve(id: string, person: string, digest: string): Operated<AnswerState>;
  /** A no of somebody whom it asks; of anybody else (null: the socket) it only takes the question back. */
  deny(id: string, person: string | null, why: string): Operated<AnswerState>;
  /** What waits for whom: approvals, alerts, what could not be delivered, and people without a channel. */
  inbox(): Promise<JsonObject>;
  /** An alert by its id, or undelivered messages by their lane. */
  acknowledge(id: string, why: string | undefined): Operated<JsonObject>;
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
  checkpoint(): Operated<{ readonly size: number }>;
  /** AuthZEN evaluations, each answered in its place; executes nothing, records only with `record`. */
  decide(requests: readonly Json[], record: boolean): Promise<readonly JsonObject[]>;
  explain(action: string): Operated<{ readonly text: string; readonly explanation: Json }>;
  /** The narrowest rules that would have passed what an agent was denied since then; changes nothing. */
  suggest(agent: string, sinceMs: number): Operated<JsonObject>;
}
