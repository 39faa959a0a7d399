import { toInstant } from '../../base/clock.ts';
import { digestOf } from '../../base/hash.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { readPins } from '../../catalog/pins/pins.ts';
import type { Entry } from '../../contract/log-entry.ts';

/** What an entry makes of a cell, by its name (`token 1a2b3c4d`): what its value must give from then on; null: it is gone. */
type Told = readonly [cell: string, gives: string | null];

/** Kinds of entries that cells follow from, and what each says of them. Each is rare, so a log of millions is read in no time. */
const TELLS: Readonly<Record<string, (entry: Entry) => readonly Told[]>> = {
  'operator.token': (entry) => [[`token ${textOf(entry, 'token')}`, textOf(entry, 'verifier')]],
  'operator.revoked': (entry) => gone('token', entry['tokens']),
  'operator.applied': (entry) => [
    ['in-force set', textOf(entry, 'set')],
    ...gone('pins', entry['unpinned']),
    ...gone('owner', entry['handedBack']),
  ],
  'instance.pinned': pinned,
  'operator.accepted': pinned,
  'containment.stopped': level,
  'containment.tripped': level,
  'containment.released': (entry) => [[`level ${textOf(entry, 'scope')}`, null]],
  'containment.leased': (entry) =>
    listOf(entry['agents']).map((agent) => [`lease ${String(agent)}`, leaseIn(entry)]),
  'containment.looked': (entry) => [[`lease ${textOf(entry, 'agent')}`, leaseIn(entry)]],
  'containment.taken-over': (entry) => [
    [`owner ${textOf(entry, 'agent')}`, `${textOf(entry, 'owner')} ${textOf(entry, 'from')}`],
  ],
  'case.opened': openCase,
  'case.joined': openCase,
  'case.closed': (entry) => [[`case ${textOf(entry, 'case')}`, null]],
  'grant.given': (entry) => [[`grant ${textOf(entry, 'grant')}`, textOf(entry, 'verifier')]],
  'grant.ended': grantGone,
  'grant.revoked': grantGone,
  'person.enrolled': (entry) => [
    [`passkey ${textOf(entry, 'credential')}`, passkeyOf({ ...entry, person: textOf(entry, 'subject') })],
    ...gone('invitation', typeof entry['invitation'] === 'string' ? [entry['invitation']] : []),
    ...recovery(entry),
  ],
  'person.removed': (entry) => [[`passkey ${textOf(entry, 'credential')}`, null]],
  'person.invited': (entry) => [
    [
      `invitation ${textOf(entry, 'invitation')}`,
      invitationOf({ ...entry, id: textOf(entry, 'invitation') }),
    ],
  ],
  'person.codes': recovery,
  'person.stop-key': (entry) => [[`stop-key ${textOf(entry, 'key')}`, textOf(entry, 'verifier')]],
  'person.stop-key-revoked': (entry) => [[`stop-key ${textOf(entry, 'key')}`, null]],
  'person.stop-codes': (entry) => [
    [`stop-codes ${textOf(entry, 'subject')}`, listOf(entry['codes']).join(' ')],
  ],
  // What it confirms stands in no cell.
  'operator.confirmed': () => [],
};

export const TELLING_KINDS: readonly string[] = Object.keys(TELLS);

/** What this entry says of cells, in the order in which it holds; null: it is of no kind that says anything. */
export function toldBy(entry: Entry): readonly Told[] | null {
  return Object.hasOwn(TELLS, entry.kind) ? (TELLS[entry.kind]?.(entry) ?? null) : null;
}

/** What the value that is kept in a cell gives, by its kind, to be compared with what the log told. May throw where it is none. */
const GIVES: Readonly<Record<string, (value: string) => string | null>> = {
  case: (value) => members(value, 'scope', 'level'),
  token: digestOf,
  level: (value) => value,
  'in-force': (value) => value,
  passkey: (value) => passkeyOf(objectIn(value)),
  invitation: (value) => {
    const kept = objectIn(value);
    return invitationOf({ ...kept, expiresAt: toInstant(Number(kept['expiresAtMs'])) });
  },
  recovery: (value) => listOf(JSON.parse(value)).join(' '),
  grant: digestOf,
  lease: (value) => members(value, 'since', 'seq'),
  owner: (value) => members(value, 'owner', 'from'),
  'stop-key': digestOf,
  'stop-codes': (value) => listOf(JSON.parse(value)).join(' '),
  // Digests are computed again: what was changed under an old one is another definition.
  pins: (value) => {
    const pins = readPins(value);
    return pins.ok ? pinsOf([...pins.value.values()].map(nameOf)) : null;
  },
};

/** Kinds of cells that the log vouches for. */
export const VOUCHED_KINDS: readonly string[] = Object.keys(GIVES);

/** As `toldBy`, of what is kept; null: it cannot be read. */
export function givenBy(kind: string, value: string): string | null {
  try {
    return GIVES[kind]?.(value) ?? null;
  } catch {
    return null;
  }
}

/** One definition as the log names it. */
export const nameOf = ({ kind, name, digest }: { kind?: unknown; name?: unknown; digest?: unknown }) =>
  JSON.stringify([kind, name, digest]);

/** The definitions that an entry pins, each as `nameOf` writes it. */
export function pinnedBy(entry: Entry): readonly string[] {
  return listOf(entry['definitions']).map((one) => nameOf(isJsonObject(one) ? one : {}));
}

export const pinsCellOf = (entry: Entry): string =>
  `pins ${textOf(entry, 'upstream')}/${textOf(entry, 'generation')}`;

export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
export const textOf = (entry: Entry, member: string): string => String(entry[member] ?? '');

function pinned(entry: Entry): readonly Told[] {
  return [[pinsCellOf(entry), pinsOf(pinnedBy(entry))]];
}

function level(entry: Entry): readonly Told[] {
  return [[`level ${textOf(entry, 'scope')}`, textOf(entry, 'level')]];
}

function openCase(entry: Entry): readonly Told[] {
  return [[`case ${textOf(entry, 'case')}`, `${textOf(entry, 'scope')} ${textOf(entry, 'level')}`]];
}

function grantGone(entry: Entry): readonly Told[] {
  return [[`grant ${textOf(entry, 'grant')}`, null]];
}

function recovery(entry: Entry): readonly Told[] {
  return [[`recovery ${textOf(entry, 'subject')}`, listOf(entry['recovery']).join(' ')]];
}

/** How far it had run out when people were told last is no part of it: that takes nothing away and gives nothing. */
function leaseIn(entry: Entry): string {
  return `${textOf(entry, 'since')} ${textOf(entry, 'upTo')}`;
}

const gone = (kind: string, keys: Json | undefined): readonly Told[] =>
  listOf(keys).map((key) => [`${kind} ${String(key)}`, null]);

const pinsOf = (names: readonly string[]): string => digestOf(JSON.stringify([...names].sort()));

type Members = { readonly [member: string]: unknown };

/** Whose it is, from when on, and by whose invitation, as much as the key: each of them gives something. */
const passkeyOf = (passkey: Members): string =>
  withOnly(passkey, [
    ...['credential', 'person', 'publicKey', 'cose', 'rpId', 'origin'],
    ...['via', 'enrolled', 'invitedBy', 'validFrom'],
  ]);

const invitationOf = (invitation: Members): string =>
  withOnly(invitation, ['id', 'subject', 'verifier', 'invitedBy', 'expiresAt']);

const withOnly = (object: Members, members: readonly string[]): string =>
  JSON.stringify(members.map((member) => object[member] ?? null));

function objectIn(value: string): JsonObject {
  const parsed: unknown = JSON.parse(value);
  return isJsonObject(parsed) ? parsed : {};
}

function members(value: string, ...names: readonly string[]): string {
  const object = objectIn(value);
  return names.map((name) => String(object[name])).join(' ');
}
