import type {
  AppendBatch,
  Body,
  BodyPart,
  Cell,
  CheckpointRow,
  EntryFilter,
  NewEntry,
  NewestSearch,
  StoredEntry,
} from '../../store.ts';

/** What has been appended and is not in the tables yet, as it would be found there. */
export class Tail {
  /** Where the tables end and this begins. */
  readonly first: number;
  readonly #entries: NewEntry[] = [];
  readonly #bodies = new Map<string, Body>();
  readonly #cells = new Map<string, Map<string, string | null>>();
  #checkpoint: CheckpointRow | null = null;

  constructor(first: number, batches: Iterable<AppendBatch>) {
    this.first = first;
    for (const batch of batches) this.#take(batch);
  }

  get size(): number {
    return this.first + this.#entries.length;
  }

  get checkpoint(): CheckpointRow | null {
    return this.#checkpoint;
  }

  /** Entries with from ≤ seq < to that match, in order. */
  entries(from: number, to: number, filter: EntryFilter = {}): StoredEntry[] {
    const start = Math.max(from, this.first);
    return this.#entries
      .slice(start - this.first, Math.max(0, to - this.first))
      .flatMap((entry, i) => (matches(entry, filter) ? [storedOf(entry, start + i)] : []));
  }

  newest(search: NewestSearch): StoredEntry[] {
    const held = (text: string) => (search.holding ?? []).every((part) => text.includes(part));
    return this.entries(search.from, search.before, search)
      .filter(({ text }) => held(text))
      .reverse()
      .slice(0, search.limit);
  }

  body(action: string, part: BodyPart): Body | null {
    return this.#bodies.get(`${part} ${action}`) ?? null;
  }

  /** undefined: not changed here. null: removed here. */
  cell(kind: string, key: string): string | null | undefined {
    return this.#cells.get(kind)?.get(key);
  }

  /** The cells of a kind, with what changed here. */
  over(kind: string, cells: readonly Cell[]): readonly Cell[] {
    const changed = this.#cells.get(kind);
    if (changed === undefined) return cells;
    const all = new Map<string, string | null>(cells.map(({ key, value }) => [key, value]));
    for (const [key, value] of changed) all.set(key, value);
    const left = [...all].flatMap(([key, value]) => (value === null ? [] : [{ key, value }]));
    return left.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  }

  #take(batch: AppendBatch): void {
    if (batch.first !== this.size)
      throw new Gap(`a batch begins at ${batch.first} where ${this.size} is next`);
    this.#entries.push(...batch.entries);
    for (const body of batch.bodies) this.#bodies.set(`${body.part} ${body.action}`, body);
    for (const { kind, key, value } of batch.cells) {
      const cells = this.#cells.get(kind) ?? new Map<string, string | null>();
      cells.set(key, value);
      this.#cells.set(kind, cells);
    }
    this.#checkpoint = batch.checkpoint ?? this.#checkpoint;
  }
}

/** The batches do not continue the tables: they were read while both moved on, or something is missing. */
export class Gap extends Error {
  override readonly name = 'Gap';
}

function storedOf({ text, leaf }: NewEntry, seq: number): StoredEntry {
  return { seq, text, leaf };
}

function matches(entry: NewEntry, { kinds, action, agent, session, sinceMs }: EntryFilter): boolean {
  return (
    (kinds === undefined || kinds.includes(entry.kind)) &&
    (action === undefined || entry.action === action) &&
    (agent === undefined || entry.agent === agent) &&
    (session === undefined || entry.session === session) &&
    (sinceMs === undefined || entry.atMs >= sinceMs)
  );
}
