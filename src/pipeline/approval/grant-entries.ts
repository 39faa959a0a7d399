import { toInstant } from '../../base/clock.ts';
import { digestOf } from '../../base/hash.ts';
import { type Entry, type EntryFields, entryIn } from '../../contract/log-entry.ts';
import type { Action, TargetRef } from '../../model/action.ts';
import type { Grant, GrantEnd } from '../../model/grant.ts';
import type { CellChange, Store } from '../../store/store.ts';

/** Grants as the log tells them: what stands, and how often it was used, is worked out from these entries again. */

/** `owner`: the agent's. `from`: no more than the place of its first entry in the log. */
export function givenFields(grant: Grant, owner: string, from: number): Omit<EntryFields, 'kind'> {
  const targets = grant.targets.map(({ type, id }) => ({ type, id }));
  const [target] = targets;
  return {
    ...usedOf(grant),
    owner,
    approval: grant.approval,
    door: grant.door,
    ...(grant.pin === null ? {} : { pin: grant.pin }),
    ...(target === undefined ? {} : { target }),
    ...(grant.targets.length > 1 ? { targets: grant.targets.map(({ type, id }) => ({ type, id })) } : {}),
    reviews: grant.reviews.map(({ who }) => who),
    rules: grant.reviews.map(({ rule }) => rule),
    texts: grant.texts,
    times: grant.times,
    given: toInstant(grant.givenAtMs),
    expires: toInstant(grant.untilMs),
    verifier: digestOf(cellOf(grant, from)),
  };
}

const usedOf = ({ id, agent, operation }: Grant) => ({ grant: id, agent, operation });

/** Whose yes let which action run, and which of how many it was. */
export function spentFields(grant: Grant, { id, digest, owner }: Action): EntryFields {
  return {
    kind: 'grant.spent',
    ...usedOf(grant),
    action: id,
    digest,
    owner,
    people: [grant.person],
    use: grant.used + 1,
    times: grant.times,
  };
}

export function endedFields(grant: Grant, reason: GrantEnd): EntryFields {
  return { kind: 'grant.ended', ...usedOf(grant), reason, used: grant.used };
}

export function revokedFields(grant: Grant): Omit<EntryFields, 'kind'> {
  return { ...usedOf(grant), used: grant.used };
}

function cellOf({ id, agent, operation, times, untilMs, person }: Grant, from: number): string {
  return JSON.stringify({ grant: id, from, agent, operation, person, times, untilMs });
}

/** Beside the log stands only that it is there, and from which entry on it is told: the start compares the two. */
export function grantCell(grant: Grant, from: number): CellChange {
  return { kind: 'grant', key: grant.id, value: cellOf(grant, from) };
}

export const noCell = ({ id }: Grant): CellChange => ({ kind: 'grant', key: id, value: null });

const KINDS = ['given', 'spent', 'revoked', 'ended'].map((what) => `grant.${what}`);

/** Every grant that stands by the log, from the first of these cells on. One without a cell does not stand. */
export async function grantsIn(store: Store): Promise<readonly Grant[]> {
  const cells = await store.cells('grant');
  const froms = cells.map(({ value }) => fromOf(value)).filter((from) => from !== null);
  if (froms.length === 0) return [];
  const kept = new Set(cells.map(({ key }) => key));
  const found = new Map<string, Grant>();
  for await (const page of store.find({ kinds: KINDS, from: Math.min(...froms) }))
    for (const { text } of page) follow(found, entryIn(text));
  return [...found.values()].filter(({ id }) => kept.has(id));
}

function fromOf(value: string): number | null {
  try {
    const { from } = JSON.parse(value) as { readonly from?: unknown };
    return typeof from === 'number' ? from : null;
  } catch {
    return null;
  }
}

function follow(found: Map<string, Grant>, entry: Entry): void {
  const id = String(entry['grant'] ?? '');
  const known = found.get(id);
  if (entry.kind === 'grant.given') {
    const grant = readGiven(entry);
    if (grant !== null) found.set(id, grant);
  } else if (known === undefined) return;
  else if (entry.kind === 'grant.spent') found.set(id, { ...known, used: known.used + 1 });
  else found.delete(id);
}

/** The grant of a `grant.given`, unused; null where the entry is none of ours. */
function readGiven(entry: Entry): Grant | null {
  const { grant, approval, agent, operation, door = '', pin = null, person, rules, reviews = [] } = entry;
  const { texts, times, given, expires } = entry;
  if (typeof grant !== 'string' || typeof approval !== 'string' || agent === undefined) return null;
  if (operation === undefined || person === undefined || rules === undefined) return null;
  if (typeof times !== 'number' || !Array.isArray(texts)) return null;
  return {
    id: grant,
    approval,
    agent,
    operation,
    door,
    pin,
    person,
    times,
    targets: targetsOf(entry),
    reviews: rules.map((rule, i) => ({ rule, who: reviews[i] ?? '' })),
    texts: texts.map(String),
    givenAtMs: Date.parse(String(given)),
    untilMs: Date.parse(String(expires)),
    used: 0,
  };
}

function targetsOf({ target, targets }: Entry): readonly TargetRef[] {
  return targets ?? (target === undefined ? [] : [target]);
}
