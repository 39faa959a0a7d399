import { readFileSync, statSync } from 'node:fs';
import { besideWhom, isEntitled } from '../../approval/who.ts';
import { toInstant } from '../../base/clock.ts';
import { digestOf } from '../../base/hash.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { OperationEntry } from '../../catalog/entry.ts';
import { compareLines } from '../../catalog/pins/line-difference.ts';
import { amountOf } from '../../catalog/targets/amount.ts';
import { filledCall } from '../../catalog/targets/filled-call.ts';
import { makeVisible, partsOf } from '../../catalog/visible.ts';
import type { ApprovalRow, ApprovalState, ApprovalView } from '../../contract/approval.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import { MONEY_SCALE } from '../../model/budget.ts';
import { saltedDigest } from '../../pipeline/action/action.ts';
import { entryOf } from '../../pipeline/action/operation-entry.ts';
import { type Kept, targetsNow, versionAskedOf } from '../../pipeline/approval/approval-kept.ts';
import { likenessOf } from '../../pipeline/approval/batch-acts.ts';
import { whyNoGrant } from '../../pipeline/approval/grant-acts.ts';
import type { House } from '../house.ts';

/** A question as a row of the inbox. */
export function rowOf(house: House, kept: Kept): ApprovalRow {
  const { approvals } = house.rooms;
  const { approval, asked } = kept;
  const entry = entryOf(house.standing.inForce, kept.asked.operation);
  const page = approvals.electorate.pageOf(approval.id);
  const likeness = likenessOf(house.rooms, kept);
  return {
    approval: approval.id,
    state: stateOf(house, kept),
    agent: approval.agent,
    owner: approval.owner,
    operation: asked.operation,
    targets: targetsNow(kept).map(({ type, id }) => ({ type, id: makeVisible(id) })),
    ...(entry === undefined ? {} : { risk: entry.risk, reversibility: entry.reversibility }),
    asked: toInstant(approval.askedAtMs),
    expires: toInstant(approval.expiresAtMs),
    people: approvals.people(approval),
    rules: approval.reviews.map(({ rule }) => rule),
    reviews: approval.reviews.map(({ who }) => who),
    answers: answersOf(house, kept),
    alike: likeness === null ? null : digestOf(likeness),
    ...(page === null ? {} : { page }),
  };
}

function answersOf(house: House, { approval }: Kept): ApprovalRow['answers'] {
  const { answers } = approval;
  const voters = house.rooms.approvals.electorate.voters();
  const yes = answers.filter(({ answer }) => answer === 'approve').map(({ person }) => ({ id: person }));
  return answers.map(({ person, answer, atMs }) => {
    const voter = voters.get(person);
    const notBeside = voter === undefined || answer === 'deny' ? [] : besideWhom(voter, yes);
    return {
      ...{ person, answer, at: toInstant(atMs) },
      ...(notBeside.length === 0 ? {} : { notBeside }),
      ...(answer === 'deny' || (voter !== undefined && isEntitled(approval, voter))
        ? {}
        : { noLonger: true as const }),
    };
  });
}

/** How a question stands now, be it open or over. */
export function stateOf(house: House, kept: Kept): ApprovalState {
  const { phase } = kept.approval;
  if (phase === 'denied') return 'denied';
  if (phase !== 'open' || house.rooms.approvals.hasRunOut(kept)) return 'expired';
  return house.rooms.approvals.isApproved(kept) ? 'approved' : 'waiting';
}

/** Everything that a person is shown of a question before she answers it: the one place where that is put together. */
export async function viewOf(house: House, kept: Kept): Promise<ApprovalView> {
  const { approval, asked, edited } = kept;
  const entry = entryOf(house.standing.inForce, kept.asked.operation);
  const body = await house.store.body(asked.action, 'arguments');
  const args = body === null ? null : (JSON.parse(body.text) as Json);
  const shown = edited?.arguments ?? args;
  const decided = await decidedEntry(house, asked.action);
  const claimed = decided?.['claimedReason'];
  const state = versionAskedOf(kept);
  const redacted =
    edited === undefined && body !== null && saltedDigest(body.salt, body.text) !== asked.argumentsDigest;
  return {
    ...rowOf(house, kept),
    action: approval.action,
    digest: approval.digest,
    policy: approval.policy,
    mayBeLate: house.rooms.approvals.hasRunOut(kept) && !approval.isRevived,
    session: makeVisible(asked.session),
    door: asked.door,
    arguments: shown === null ? null : linesOf(shown),
    redacted,
    editable: redacted || shown === null || !isEditable(kept) ? null : editableText(shown),
    ...(edited !== undefined && args !== null
      ? { difference: compareLines(linesOf(args), linesOf(edited.arguments)) }
      : beforeAndAfter(kept, entry, shown)),
    ...(entry === undefined ? {} : { audience: entry.audience, worst: entry.worst, effect: entry.effect }),
    ...moneyOf(entry, shown),
    noGrant: whyNoGrant(house.rooms, kept)?.sentence ?? null,
    undo: undoOf(entry, shown),
    why: approval.reviews.map(({ rule, who }) => ({ rule, who, reason: reasonOf(house, rule) })),
    marks: decided?.marks ?? [],
    ...(typeof claimed === 'string' ? { claimedReason: makeVisible(claimed) } : {}),
    recent: await recentOf(house, kept),
    ...(state === undefined ? {} : { version: state === null ? 'unread' : 'bound' }),
    ...(edited === undefined ? {} : { edited: { by: edited.by, arguments: edited.arguments } }),
  };
}

/** A call that runs from here: what its caller does itself is not changed by words that it does not hear. */
const isEditable = ({ asked }: Kept): boolean => asked.method === 'tools/call' && asked.door !== 'check';

/** An amount in whole units: of `9000000`, which a service takes for cents, nobody sees how much it is. */
function moneyOf(entry: OperationEntry | undefined, args: Json | null): Pick<ApprovalView, 'money'> {
  if (entry?.amount === undefined) return {};
  const money = isJsonObject(args) ? amountOf(entry, args) : null;
  return {
    money: money === null ? null : [...money].map(([currency, parts]) => `${inWhole(parts)} ${currency}`),
  };
}

const inWhole = (parts: number): string =>
  (parts / MONEY_SCALE).toLocaleString('en', { minimumFractionDigits: 2, maximumFractionDigits: 4 });

/** Which call takes it back, as it would have to be made. */
function undoOf(entry: OperationEntry | undefined, args: Json | null): string | null {
  if (entry?.undo === undefined) return null;
  const { operation } = entry.undo;
  const made = isJsonObject(args) ? filledCall(entry.undo, args) : null;
  return made === null ? operation : `${operation} ${makeVisible(JSON.stringify(made))}`;
}

function reasonOf(house: House, rule: string): string {
  const found = house.standing.inForce.policy.rules.find(({ id }) => id === rule);
  if (found?.annotations.reason !== undefined) return found.annotations.reason;
  if (rule === 'lanyard:watched') return 'The agent is watched: everything but reading needs its owner.';
  return 'The rule gives no reason.';
}

/** JSON of a value, each line of it harmless; strings of several lines are broken where they break. */
function linesOf(value: Json): string[] {
  return JSON.stringify(value, null, 2)
    .split('\n')
    .flatMap((line) => line.replaceAll('\\r\\n', '\\n').split(/(?<=(?<!\\)\\n)/))
    .map(makeVisible);
}

/** The same value when it is read as JSON again, with nothing in it that a text field would hide. */
function editableText(value: Json): string {
  return JSON.stringify(value, null, 2)
    .split('\n')
    .map((line) =>
      partsOf(line, false)
        .map(({ text, unseen }) => (unseen ? escapeOf(text) : text))
        .join(''),
    )
    .join('\n');
}

/** `\u{…}` as JSON writes it. */
function escapeOf(visible: string): string {
  const character = String.fromCodePoint(Number.parseInt(visible.slice(3, -1), 16));
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`)
    .join('');
}

/** A file that would be replaced, beside what would replace it: its one path, and its one text that people read. */
function beforeAndAfter(
  { asked }: Kept,
  entry: OperationEntry | undefined,
  args: Json | null,
): Pick<ApprovalView, 'difference' | 'beside'> {
  const [target] = asked.targets;
  const found = entry === undefined || !isJsonObject(args) ? null : newText(entry, args);
  if (found === null || target?.type !== 'Path' || asked.targets.length !== 1) return { difference: null };
  const before = textOf(target.id);
  if (before === null) return { difference: null };
  const { text, others } = found;
  return {
    difference: compareLines(before.split('\n').map(makeVisible), text.split('\n').map(makeVisible)),
    // Whoever reads the difference must not miss what stands beside it.
    ...(Object.keys(others).length === 0 ? {} : { beside: linesOf(others) }),
  };
}

/** Null where there is no before: it does not exist yet, not for us, or is too long to be shown. */
function textOf(path: string): string | null {
  try {
    const found = statSync(path);
    return found.isFile() && found.size <= LIMITS.shownFileBytes ? readFileSync(path, 'utf8') : null;
  } catch {
    return null;
  }
}

function newText(
  { texts, effect }: OperationEntry,
  args: JsonObject,
): { readonly text: string; readonly others: JsonObject } | null {
  if (!effect.includes('update')) return null;
  const named = texts.flatMap(({ steps }) => (steps.length === 1 ? (steps[0]?.name ?? []) : []));
  const [name = 'content'] = named;
  const { [name]: text, ...others } = args;
  return named.length <= 1 && typeof text === 'string' ? { text, others } : null;
}

async function decidedEntry(house: House, action: string): Promise<Entry | undefined> {
  for await (const page of house.store.find({ action, kinds: ['action.decided'] }))
    for (const { text } of page) return entryIn(text);
  return undefined;
}

/** What its agent did besides: neither this question itself, nor what was read for it. */
async function recentOf(house: House, { approval, asked }: Kept): Promise<ApprovalView['recent']> {
  const { agent } = approval;
  const own = new Set<unknown>([approval.action, asked.action]);
  const recent: Entry[] = [];
  const sinceMs = house.clock.now() - LIMITS.recentMs;
  for await (const page of house.store.find({ agent, kinds: ['action.decided'], sinceMs })) {
    for (const { text } of page) {
      const entry = entryIn(text);
      if (!own.has(entry.action) && !own.has(entry['during'])) recent.push(entry);
    }
    recent.splice(0, Math.max(0, recent.length - LIMITS.recentActions));
  }
  return recent.reverse().map(({ at, operation = '', decision = '', code }) => ({
    at,
    operation,
    decision,
    ...(code === undefined ? {} : { code }),
  }));
}
