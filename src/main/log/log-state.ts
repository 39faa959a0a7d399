import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import type { UnconfirmedAct } from '../../control/operations.ts';
import { Faults, Proofs } from '../../ledger/verify/index.ts';
import type { Store, StoredEntry } from '../../store/store.ts';
import { listOf, pinnedBy, pinsCellOf, TELLING_KINDS, textOf, toldBy } from './log-cells.ts';

/** An act that nobody signed. */
interface Unsigned {
  readonly entry: Entry;
  readonly leaf: string;
  /** Unsigned acts whose place it took, oldest first. */
  readonly before: readonly Entry[];
}

/** Entries by which somebody took definitions. */
const PINNING: ReadonlySet<string> = new Set(['instance.pinned', 'operator.accepted']);

/**
 * What the state must be by the log alone: tokens, levels, the set in force, pins, passkeys, invitations, recovery codes; and which
 * acts nobody has signed. A pure fold over entries, in order.
 */
export class LogState {
  /** By cell: `token 1a2b3c4d` → what its value must give (`log-cells.ts`). */
  readonly cells = new Map<string, string>();
  /** By `pins UPSTREAM/GENERATION`: each definition that somebody took, as `nameOf` writes it. */
  readonly pinned = new Map<string, ReadonlySet<string>>();
  readonly unsigned = new Map<number, Unsigned>();
  claimed = false;
  /** The highest signature counter that each passkey showed in what was read (WebAuthn §6.1.1): a copy of it is behind. */
  readonly counters = new Map<string, number>();
  /** What is wrong with what people signed, a line each. */
  readonly faults: string[] = [];

  see(entry: Entry, leaf: string): void {
    const told = toldBy(entry);
    if (told === null) return;
    for (const [cell, gives] of told) {
      if (gives !== null) this.cells.set(cell, gives);
      else {
        this.cells.delete(cell);
        this.pinned.delete(cell);
      }
    }
    if (PINNING.has(entry.kind)) this.pinned.set(pinsCellOf(entry), new Set(pinnedBy(entry)));
    if (entry.kind === 'person.enrolled') this.claimed = true;
    // What a case said permits nothing, whoever said it; nor does a confirmation that nobody signed.
    const permits = !['person.enrolled', 'case.closed', 'operator.confirmed'].includes(entry.kind);
    if (entry.proof === 'none' && permits) this.unsigned.set(entry.seq, { entry, leaf, before: [] });
    this.#settle(entry);
  }

  /** What no longer stands, or was signed for afterwards, needs nobody to confirm it. */
  #settle(entry: Entry): void {
    const drop = (gone: (other: Entry, before: readonly Entry[]) => boolean) => {
      for (const [seq, other] of this.unsigned) {
        if (seq === entry.seq || !gone(other.entry, other.before)) continue;
        this.unsigned.delete(seq);
        // What nobody signed stands in what took its place unsigned: it is shown with that, and not hidden by it.
        const mine = this.unsigned.get(entry.seq);
        if (mine !== undefined)
          this.unsigned.set(entry.seq, { ...mine, before: [...mine.before, ...other.before, other.entry] });
      }
    };
    const same = (other: Entry, ...members: string[]) => members.every((one) => other[one] === entry[one]);
    // Otherwise whoever acted before the claim could take it off the list by the same socket.
    if (entry.kind === 'operator.confirmed' && entry.proof !== 'none') {
      const confirmed = new Set(
        listOf(entry['entries']).map((one) => (isJsonObject(one) ? one['seq'] : null)),
      );
      drop(({ seq }) => confirmed.has(seq));
    }
    // What merely tightens a set keeps the rest of it, so it answers for nothing that nobody signed there.
    if (entry.kind === 'operator.applied' && entry['tightens'] !== true)
      drop((other) => other.kind === 'operator.applied');
    if (entry.kind === 'operator.accepted')
      drop(
        (other, before) =>
          other.kind === 'operator.accepted' &&
          same(other, 'upstream', 'generation') &&
          // Who signs has seen what she takes, and nothing of what was taken before.
          (entry.proof === 'none' || [...before, other].every((one) => isTakenAnew(one, entry))),
      );
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
      .map(({ entry, leaf, before }) => ({
        seq: entry.seq,
        at: entry.at,
        kind: entry.kind,
        says: saysOf(entry, before),
        leaf,
      }));
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
  for await (const page of store.find({ kinds: [...TELLING_KINDS, 'person.signed-in'] }))
    for (const { seq, text, leaf } of page) {
      if (seq >= before) return finish(state, faults);
      const entry = JSON.parse(text) as Entry & JsonObject;
      proofs.see(entry, seq);
      countIn(state.counters, entry);
      state.see(entry, Buffer.from(leaf).toString('base64'));
    }
  return finish(state, faults);
}

function countIn(counters: Map<string, number>, { proof }: Entry): void {
  if (!isJsonObject(proof)) return;
  const { credential, authenticatorData } = proof;
  if (typeof credential !== 'string' || typeof authenticatorData !== 'string') return;
  const data = Buffer.from(authenticatorData, 'base64url');
  if (data.length < 37) return;
  counters.set(credential, Math.max(counters.get(credential) ?? 0, data.readUInt32BE(33)));
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
    return entryIn(text);
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

function isTakenAnew(before: Entry, now: Entry): boolean {
  const taken = new Set(listOf(now['accepted']));
  return listOf(before['accepted']).every((name) => taken.has(name));
}

function saysOf(entry: Entry, before: readonly Entry[]): string {
  const all = (member: string) =>
    shortList([...before, entry].flatMap((one) => listOf(one[member]).map(String)));
  switch (entry.kind) {
    case 'operator.token':
      return `a token of ${entry.agent ?? textOf(entry, 'point')}, good until ${textOf(entry, 'expiresAt')}`;
    case 'operator.applied':
      return `the set in force ${textOf(entry, 'set')}: ${all('changes')}`;
    case 'operator.accepted':
      return `what ${textOf(entry, 'upstream')} lists: ${all('accepted')}`;
    case 'containment.released':
      return `${textOf(entry, 'scope')} was released: ${textOf(entry, 'why')}`;
    default:
      return entry.kind;
  }
}

/** What differs, without the lines of files; how many more there are is said, so that nothing is buried. */
function shortList(said: readonly string[]): string {
  const places = [...new Set(said.filter((line) => !line.startsWith(' ')))];
  const more = places.length - MOST_PLACES;
  return `${places.slice(0, MOST_PLACES).join('; ')}${more > 0 ? `; and ${more} more` : ''}`;
}

const MOST_PLACES = 20;
