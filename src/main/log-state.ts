import { toInstant } from '../base/clock.ts';
import { digestOf } from '../base/hash.ts';
import { isJsonObject, type JsonObject } from '../base/json.ts';
import { readPins } from '../catalog/pins.ts';
import type { Entry } from '../contract/log-entry.ts';
import type { UnconfirmedAct } from '../control/operations.ts';
import { Faults, Proofs } from '../ledger/verify/index.ts';
import type { Store, StoredEntry } from '../store/store.ts';

/** Kinds of entries that state follows from. Each is rare, so a log of millions is read in no time. */
const STATE_KINDS = [
  'case.closed',
  'case.joined',
  'case.opened',
  'containment.leased',
  'containment.looked',
  'containment.taken-over',
  'containment.released',
  'containment.stopped',
  'containment.tripped',
  'grant.ended',
  'grant.given',
  'grant.revoked',
  'instance.pinned',
  'operator.accepted',
  'operator.applied',
  'operator.confirmed',
  'operator.revoked',
  'operator.token',
  'person.codes',
  'person.enrolled',
  'person.invited',
  'person.removed',
  'person.stop-key',
  'person.stop-key-revoked',
  'person.stop-codes',
] as const;
const KINDS: ReadonlySet<string> = new Set(STATE_KINDS);

/**
 * What the state must be by the log alone: tokens, levels, the set in force, pins, passkeys, invitations, recovery codes; and which
 * acts nobody has signed. A pure fold over entries, in order.
 */
export class LogState {
  /** By cell: `token 1a2b3c4d` → what its value must give (see `expectedOf`). */
  readonly cells = new Map<string, string>();
  /** By `pins UPSTREAM/GENERATION`: each definition that somebody took, as `nameOf` writes it. */
  readonly pinned = new Map<string, ReadonlySet<string>>();
  readonly unsigned = new Map<number, { readonly entry: Entry; readonly leaf: string }>();
  claimed = false;
  /** What is wrong with what people signed, a line each. */
  readonly faults: string[] = [];

  see(entry: Entry, leaf: string): void {
    if (!KINDS.has(entry.kind)) return;
    this.#seeState(entry);
    // What a case said permits nothing, whoever said it.
    const permits = entry.kind !== 'person.enrolled' && entry.kind !== 'case.closed';
    if (entry.proof === 'none' && permits) this.unsigned.set(entry.seq, { entry, leaf });
    this.#settle(entry);
  }

  #seeState(entry: Entry): void {
    const text = (member: string) => String(entry[member] ?? '');
    switch (entry.kind) {
      case 'operator.token':
        this.cells.set(`token ${text('token')}`, text('verifier'));
        break;
      case 'operator.revoked':
        for (const id of listOf(entry['tokens'])) this.cells.delete(`token ${String(id)}`);
        break;
      case 'containment.stopped':
      case 'containment.tripped':
        this.cells.set(`level ${text('scope')}`, text('level'));
        break;
      case 'containment.released':
        this.cells.delete(`level ${text('scope')}`);
        break;
      case 'case.opened':
      case 'case.joined':
        this.cells.set(`case ${text('case')}`, `${text('scope')} ${text('level')}`);
        break;
      case 'case.closed':
        this.cells.delete(`case ${text('case')}`);
        break;
      case 'grant.given':
        this.cells.set(`grant ${text('grant')}`, text('verifier'));
        break;
      case 'grant.ended':
      case 'grant.revoked':
        this.cells.delete(`grant ${text('grant')}`);
        break;
      case 'operator.applied':
        this.cells.set('in-force set', text('set'));
        for (const key of listOf(entry['unpinned'])) this.#unpin(String(key));
        for (const key of listOf(entry['handedBack'])) this.cells.delete(`owner ${String(key)}`);
        break;
      case 'instance.pinned':
      case 'operator.accepted':
        this.#pin(`${text('upstream')}/${text('generation')}`, listOf(entry['definitions']));
        break;
      case 'containment.leased':
        for (const agent of listOf(entry['agents']))
          this.cells.set(`lease ${String(agent)}`, leaseOf(text('since'), entry['upTo']));
        break;
      case 'containment.taken-over':
        this.cells.set(`owner ${text('agent')}`, `${text('owner')} ${text('from')}`);
        break;
      case 'containment.looked':
        this.cells.set(`lease ${text('agent')}`, leaseOf(text('since'), entry['upTo']));
        break;
      default:
        this.#seePeople(entry);
    }
  }

  #pin(key: string, definitions: readonly unknown[]): void {
    const names = definitions.map((one) => nameOf(isJsonObject(one) ? one : {}));
    this.cells.set(`pins ${key}`, pinsOf(names));
    this.pinned.set(`pins ${key}`, new Set(names));
  }

  #unpin(key: string): void {
    this.cells.delete(`pins ${key}`);
    this.pinned.delete(`pins ${key}`);
  }

  #seePeople(entry: Entry): void {
    const text = (member: string) => String(entry[member] ?? '');
    if (entry.kind === 'person.enrolled') {
      this.claimed = true;
      this.cells.set(`passkey ${text('credential')}`, passkeyOf({ ...entry, person: text('subject') }));
      if (typeof entry['invitation'] === 'string') this.cells.delete(`invitation ${entry['invitation']}`);
    }
    if (entry.kind === 'person.stop-key') this.cells.set(`stop-key ${text('key')}`, text('verifier'));
    if (entry.kind === 'person.stop-codes')
      this.cells.set(`stop-codes ${text('subject')}`, listOf(entry['codes']).join(' '));
    if (entry.kind === 'person.stop-key-revoked') this.cells.delete(`stop-key ${text('key')}`);
    if (entry.kind === 'person.removed') this.cells.delete(`passkey ${text('credential')}`);
    if (entry.kind === 'person.invited')
      this.cells.set(`invitation ${text('invitation')}`, invitationOf({ ...entry, id: text('invitation') }));
    if (entry.kind === 'person.enrolled' || entry.kind === 'person.codes')
      this.cells.set(`recovery ${text('subject')}`, listOf(entry['recovery']).join(' '));
  }

  /** What no longer stands, or was signed for afterwards, needs nobody to confirm it. */
  #settle(entry: Entry): void {
    const drop = (gone: (other: Entry) => boolean) => {
      for (const [seq, { entry: other }] of this.unsigned)
        if (seq !== entry.seq && gone(other)) this.unsigned.delete(seq);
    };
    const same = (other: Entry, ...members: string[]) => members.every((one) => other[one] === entry[one]);
    if (entry.kind === 'operator.confirmed') {
      const confirmed = new Set(
        listOf(entry['entries']).map((one) => (isJsonObject(one) ? one['seq'] : null)),
      );
      drop(({ seq }) => confirmed.has(seq));
    }
    // What merely tightens a set keeps the rest of it, so it answers for nothing that nobody signed there.
    if (entry.kind === 'operator.applied' && entry['tightens'] !== true)
      drop((other) => other.kind === 'operator.applied');
    if (entry.kind === 'operator.accepted')
      drop((other) => other.kind === 'operator.accepted' && same(other, 'upstream', 'generation'));
    if (entry.kind === 'containment.stopped' || entry.kind === 'containment.tripped')
      drop((other) => other.kind === 'containment.released' && same(other, 'scope'));
    if (entry.kind === 'containment.released')
      drop((other) => other.kind === 'containment.released' && same(other, 'scope'));
    if (entry.kind === 'operator.revoked') {
      const gone = new Set(listOf(entry['tokens']));
      drop((other) => other.kind === 'operator.token' && gone.has(other.token ?? ''));
    }
  }

  /** Acts that somebody must confirm or undo. A token that has run out is undone by itself. */
  unconfirmed(nowMs: number): UnconfirmedAct[] {
    return [...this.unsigned.values()]
      .filter(
        ({ entry }) => !(entry.kind === 'operator.token' && Date.parse(String(entry['expiresAt'])) <= nowMs),
      )
      .map(({ entry, leaf }) => ({
        seq: entry.seq,
        at: entry.at,
        kind: entry.kind,
        says: saysOf(entry),
        leaf,
      }));
  }
}

/** What a cell must give, by its kind; null for kinds that the log does not tell of. */
function expectedOf(kind: string, value: string): string | null {
  if (kind === 'pins') return pinsIn(value);
  const parsed: unknown = kind === 'level' || kind === 'in-force' ? null : JSON.parse(value);
  const object: JsonObject = isJsonObject(parsed) ? parsed : {};
  switch (kind) {
    case 'token':
    case 'grant':
    case 'stop-key':
      return digestOf(value);
    case 'level':
    case 'in-force':
      return value;
    case 'passkey':
      return passkeyOf(object);
    case 'invitation':
      return invitationOf({ ...object, expiresAt: toInstant(Number(object['expiresAtMs'])) });
    case 'recovery':
    case 'stop-codes':
      return listOf(parsed).join(' ');
    case 'case':
      return `${String(object['scope'])} ${String(object['level'])}`;
    case 'owner':
      return `${String(object['owner'])} ${String(object['from'])}`;
    case 'lease':
      return leaseOf(String(object['since']), object['seq']);
    default:
      return null;
  }
}

const COMPARED = [
  'case',
  'token',
  'level',
  'in-force',
  'passkey',
  'invitation',
  'recovery',
  'grant',
  'lease',
  'owner',
  'stop-key',
  'stop-codes',
  'pins',
] as const;

/** How what the store remembers differs from what the log says, a line each. */
export async function differences(state: LogState, store: Store): Promise<string[]> {
  const lines = [...state.faults];
  const kept = new Set<string>();
  for (const kind of COMPARED) {
    for (const { key, value } of await store.cells(kind)) {
      const name = `${kind} ${key}`;
      kept.add(name);
      const expected = state.cells.get(name);
      // A token of before its entry said what is kept of it.
      if (expected === '' && kind === 'token') continue;
      if (expected === undefined) lines.push(`${name} is kept, and the log knows nothing of it`);
      else if (expected !== given(kind, value)) lines.push(`${name} is kept otherwise than the log says`);
    }
    for (const name of state.cells.keys())
      if (name.startsWith(`${kind} `) && !kept.has(name))
        lines.push(`${name} is missing, and the log says it stands`);
  }
  const digest = state.cells.get('in-force set');
  const text = digest === undefined ? null : await store.cell('set', digest);
  if (digest !== undefined && (text === null || digestOf(text) !== digest))
    lines.push('the text of the set in force is not the one that was applied');
  return lines;
}

function given(kind: string, value: string): string | null {
  try {
    return expectedOf(kind, value);
  } catch {
    return null;
  }
}

/** The state by the log, read along the index of rare kinds; with what is wrong with the signatures there. `instance`: see Statement. */
export async function readLogState(
  store: Store,
  instance: string,
  before = Number.POSITIVE_INFINITY,
): Promise<LogState> {
  const state = new LogState();
  const faults = new Faults();
  const proofs = new Proofs(faults);
  proofs.instance = instance;
  for await (const page of store.find({ kinds: [...STATE_KINDS, 'person.signed-in'] }))
    for (const { seq, text, leaf } of page) {
      if (seq >= before) return finish(state, faults);
      const entry = JSON.parse(text) as Entry & JsonObject;
      proofs.see(entry, seq);
      state.see(entry, Buffer.from(leaf).toString('base64'));
    }
  return finish(state, faults);
}

function finish(state: LogState, faults: Faults): LogState {
  state.faults.push(...faults.kept.map(({ what }) => what));
  return state;
}

/** What stands in the text of every entry that the fold looks at. */
const SEEN = ['"by":"', '"kind":"instance.pinned"', '"kind":"grant.'];

/** The same fold over every entry as it is read for another reason: what an index hides is seen here. */
export async function* following(
  pages: AsyncIterable<readonly StoredEntry[]>,
  state: LogState,
): AsyncIterable<readonly StoredEntry[]> {
  for await (const page of pages) {
    for (const { text, leaf } of page) {
      if (!SEEN.some((mark) => text.includes(mark))) continue;
      const entry = readEntry(text);
      if (entry !== null) state.see(entry, Buffer.from(leaf).toString('base64'));
    }
    yield page;
  }
}

/** What is no entry is told by whoever verifies it. */
function readEntry(text: string): Entry | null {
  try {
    return JSON.parse(text) as Entry;
  } catch {
    return null;
  }
}

/** Whether two readings of the same entries came to the same state. */
export function isSameState(a: LogState, b: LogState): boolean {
  const cells = (state: LogState) => JSON.stringify([...state.cells].sort());
  const unsigned = (state: LogState) => JSON.stringify([...state.unsigned.keys()].sort());
  return cells(a) === cells(b) && unsigned(a) === unsigned(b) && a.claimed === b.claimed;
}

/** How far it had run out when people were told last is no part of it: that takes nothing away and gives nothing. */
const leaseOf = (since: string, upTo: unknown): string => `${since} ${String(upTo)}`;

/** Whose it is, from when on, and by whose invitation, as much as the key: each of them gives something. */
const passkeyOf = (object: { readonly [member: string]: unknown }): string =>
  withOnly(object, [
    ...['credential', 'person', 'publicKey', 'cose', 'rpId', 'origin'],
    ...['via', 'enrolled', 'invitedBy', 'validFrom'],
  ]);
const invitationOf = (object: { readonly [member: string]: unknown }): string =>
  withOnly(object, ['id', 'subject', 'verifier', 'invitedBy', 'expiresAt']);
const withOnly = (object: { readonly [member: string]: unknown }, members: readonly string[]): string =>
  JSON.stringify(members.map((member) => object[member] ?? null));

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** One definition as the log names it. */
export const nameOf = ({ kind, name, digest }: { kind?: unknown; name?: unknown; digest?: unknown }) =>
  JSON.stringify([kind, name, digest]);
const pinsOf = (names: readonly string[]): string => digestOf(JSON.stringify([...names].sort()));

/** Digests are computed again: what was changed under an old one is another definition. */
function pinsIn(value: string): string | null {
  const pins = readPins(value);
  return pins.ok ? pinsOf([...pins.value.values()].map(nameOf)) : null;
}

function saysOf(entry: Entry): string {
  const text = (member: string) => String(entry[member] ?? '');
  switch (entry.kind) {
    case 'operator.token':
      return `a token of ${entry.agent ?? text('point')}, good until ${text('expiresAt')}`;
    case 'operator.applied':
      return `the set in force ${text('set')}: ${listOf(entry['changes']).slice(0, 3).join('; ')}`;
    case 'operator.accepted':
      return `what ${text('upstream')} lists: ${listOf(entry['accepted']).join(', ')}`;
    case 'containment.released':
      return `${text('scope')} was released: ${text('why')}`;
    default:
      return entry.kind;
  }
}
