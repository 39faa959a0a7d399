import { canonicalize } from '../../base/canonical.ts';
import { toInstant } from '../../base/clock.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { OWN_UPSTREAM } from '../../catalog/own-server.ts';
import type { Entry, EntryFields } from '../../contract/log-entry.ts';
import { APPEAL_KINDS, type Appeal, type AppealAnswer } from '../../model/appeal.ts';
import type { CellChange } from '../../store/store.ts';
import { newSalt, saltedDigest } from '../action/action.ts';

/** Appeals as the log tells them. What the agent wrote stands in a cell beside it, for as long as the appeal is kept. */

/** An appeal, and the salt of the digest that the log has of its text. */
export interface KeptAppeal {
  appeal: Appeal;
  readonly salt: string;
}

/** What a call of the built-in server says of itself in the log. */
const OPERATIONS = {
  question: 'ask_person',
  permission: 'request_permission',
  handover: 'hand_over',
} as const;

const cellOf = (id: string, value: string | null): CellChange => ({ kind: 'appeal', key: id, value });

function fieldsOf({ id, kind, agent, owner, content }: Appeal): Omit<EntryFields, 'kind'> {
  const operation = `mcp:${OWN_UPSTREAM}/${OPERATIONS[kind]}`;
  const wanted = content['operation'];
  // People's noes are counted by target: this is the one that the next call about the same operation is decided on.
  const target = { type: 'Target', id: typeof wanted === 'string' ? wanted : OWN_UPSTREAM };
  return { appeal: id, what: kind, agent, owner, operation, target };
}

export function keep(appeal: Appeal): KeptAppeal {
  return { appeal, salt: Buffer.from(newSalt()).toString('base64') };
}

/** `digest`: of the call that made it. */
export function madeDraft({ appeal, salt }: KeptAppeal, digest: string) {
  const text = canonicalize(appeal.content);
  const fields: EntryFields = {
    ...fieldsOf(appeal),
    kind: 'appeal.made',
    ...(appeal.backup === undefined ? {} : { backup: appeal.backup }),
    expires: toInstant(appeal.expiresAtMs),
    digest,
    textDigest: saltedDigest(Buffer.from(salt, 'base64'), text),
  };
  return { fields, cells: [cellOf(appeal.id, canonicalize({ salt, text }))] };
}

export const repeatedDraft = ({ appeal }: KeptAppeal) => ({
  fields: { ...fieldsOf(appeal), kind: 'appeal.repeated', count: appeal.repeats } satisfies EntryFields,
});

/** Nobody answered; or, of one that was answered, its time is over and only its text goes. */
export const expiredDraft = ({ appeal }: KeptAppeal) => ({
  fields: { ...fieldsOf(appeal), kind: 'appeal.expired' } satisfies EntryFields,
  cells: [cellOf(appeal.id, null)],
});

export function answerFields(
  { appeal }: KeptAppeal,
  { answer, option, why }: Omit<AppealAnswer, 'person' | 'atMs'>,
): Omit<EntryFields, 'kind'> {
  return {
    ...fieldsOf(appeal),
    answer,
    ...(option === undefined ? {} : { option }),
    ...(why === undefined ? {} : { why }),
  };
}

/** An appeal as its entry and its cell give it; null where the two do not belong together. */
export function readMade(entry: Entry, cell: string | null): KeptAppeal | null {
  const { appeal: id, what, agent, owner, backup, expires } = entry;
  const kind = APPEAL_KINDS.find((one) => one === what);
  const kept = cell === null ? null : readCell(cell);
  if (kept === null || kind === undefined || typeof id !== 'string' || typeof expires !== 'string')
    return null;
  if (agent === undefined || owner === undefined) return null;
  if (saltedDigest(Buffer.from(kept.salt, 'base64'), kept.text) !== entry['textDigest']) return null;
  const appeal: Appeal = {
    id,
    kind,
    agent,
    owner,
    ...(typeof backup === 'string' ? { backup } : {}),
    content: JSON.parse(kept.text) as JsonObject,
    madeAtMs: Date.parse(entry.at),
    expiresAtMs: Date.parse(expires),
    phase: 'open',
    repeats: 0,
  };
  return { appeal, salt: kept.salt };
}

function readCell(cell: string): { readonly salt: string; readonly text: string } | null {
  try {
    const value: unknown = JSON.parse(cell);
    if (!isJsonObject(value)) return null;
    const { salt, text } = value;
    return typeof salt === 'string' && typeof text === 'string' ? { salt, text } : null;
  } catch {
    return null;
  }
}

/** What became of it, by a later entry. */
export function after(appeal: Appeal, entry: Entry): Appeal {
  if (entry.kind === 'appeal.repeated') return { ...appeal, repeats: appeal.repeats + 1 };
  if (entry.kind === 'appeal.expired') return { ...appeal, phase: 'expired' };
  const { answer, person, option, why } = entry;
  if (entry.kind !== 'appeal.answered' || typeof person !== 'string') return appeal;
  // The first answer counts, here as in memory.
  if (appeal.phase !== 'open' || (answer !== 'yes' && answer !== 'no')) return appeal;
  return {
    ...appeal,
    phase: 'answered',
    answer: {
      person,
      answer,
      ...(typeof option === 'number' ? { option } : {}),
      ...(typeof why === 'string' ? { why } : {}),
      atMs: Date.parse(entry.at),
    },
  };
}
