import type { Clock } from '../../base/clock.ts';
import { minuteOf } from '../../base/duration.ts';
import { LIMITS } from '../../base/limits.ts';
import type { ActionRow, ChangedThing, LiveEvent } from '../../contract/control-reads.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import type { NewEntry, Store } from '../../store/store.ts';
import { rowFrom, rowOf } from './action-rows.ts';

type Minute = [allowed: number, held: number, denied: number];

interface Pulse {
  /** Of the newest of the minutes. */
  minute: number;
  readonly minutes: Minute[];
  lastMs: number;
}

const empty = (): Minute => [0, 0, 0];

/**
 * What happened in the last minutes, and who wants to hear of it, told by what goes into the store: durable, in order,
 * and without reading it again. Costs next to nothing for an entry while no console is open.
 */
export class Activity {
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #pulses = new Map<string, Pulse>();
  readonly #listeners = new Set<(events: readonly LiveEvent[]) => void>();
  /** Decided while a console was open, and not ended yet: what the row of an end is made of without reading it again. */
  readonly #decided = new Map<string, string>();
  #recent: string[] = [];
  #newest: { readonly most: number; readonly rows: readonly ActionRow[] } | null = null;
  #waiting: string[] = [];
  #changed = new Set<ChangedThing>();
  #timer: NodeJS.Timeout | undefined;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
    const append = store.append.bind(store);
    store.append = async (batch) => {
      await append(batch);
      this.#see(batch.entries);
    };
  }

  /** Reads the end of the log, so that the last minutes are known after a restart too. */
  async start(): Promise<void> {
    const size = await this.#store.size();
    for await (const page of this.#store.entries(Math.max(0, size - LIMITS.followEntries), size))
      this.#see(page.map(({ text }) => newEntryOf(text)));
  }

  /** From the first of the last minutes on in which anything was decided. */
  minutesOf(agent: string): readonly Readonly<Minute>[] {
    const pulse = this.#pulses.get(agent);
    if (pulse === undefined) return [];
    this.#advance(pulse, minuteOf(this.#clock.now()));
    const first = pulse.minutes.findIndex((counts) => counts.some((count) => count > 0));
    return first === -1 ? [] : pulse.minutes.slice(first);
  }

  lastMsOf(agent: string): number | null {
    return this.#pulses.get(agent)?.lastMs ?? null;
  }

  /** The newest actions, the newest first; worked out once for however many consoles ask until the next comes. */
  recent(most: number): readonly ActionRow[] {
    if (this.#newest?.most !== most) this.#newest = { most, rows: this.#newestRows(most) };
    return this.#newest.rows;
  }

  #newestRows(most: number): readonly ActionRow[] {
    const entries = this.#recent.map((text) => entryIn(text));
    const rows: ActionRow[] = [];
    const seen = new Set<string>();
    const ended = new Map(
      entries.filter(({ kind }) => kind === 'action.outcome').map((entry) => [entry.action, entry]),
    );
    for (const entry of entries.reverse()) {
      if (entry.kind !== 'action.decided' || entry.action === undefined || seen.has(entry.action)) continue;
      seen.add(entry.action);
      rows.push(rowOf(entry, ended.get(entry.action) ?? null));
      if (rows.length === most) break;
    }
    return rows;
  }

  /** What changed without an entry: a stop on a full disk, say. */
  changed(what: ChangedThing): void {
    if (this.#listeners.size === 0) return;
    this.#changed.add(what);
    this.#tellSoon();
  }

  follow(tell: (events: readonly LiveEvent[]) => void): () => void {
    this.#listeners.add(tell);
    return () => {
      this.#listeners.delete(tell);
      if (this.#listeners.size === 0) this.#decided.clear();
    };
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#listeners.clear();
  }

  #see(entries: readonly NewEntry[]): void {
    for (const entry of entries) {
      if (entry.kind === 'action.decided') this.#count(entry);
      if (entry.kind === 'action.decided' || entry.kind === 'action.outcome') this.#keep(entry);
      else if (this.#listeners.size > 0) for (const what of changedBy(entry.kind)) this.#changed.add(what);
    }
    if (this.#listeners.size > 0 && entries.length > 0) this.#tellSoon();
  }

  #tellSoon(): void {
    const { liveGatherMs, liveGatherPerConsoleMs } = LIMITS;
    const gatherMs = liveGatherMs + liveGatherPerConsoleMs * this.#listeners.size;
    this.#timer ??= setTimeout(() => void this.#tell(), gatherMs);
  }

  #keep({ kind, action, text }: NewEntry): void {
    this.#newest = null;
    this.#recent.push(text);
    if (this.#recent.length > 2 * LIMITS.liveRecent) this.#recent = this.#recent.slice(-LIMITS.liveRecent);
    if (this.#listeners.size === 0) return;
    if (kind === 'action.decided' && action !== undefined) this.#remember(action, text);
    this.#waiting.push(text);
    if (this.#waiting.length > 2 * LIMITS.liveBurst) this.#waiting = this.#waiting.slice(-LIMITS.liveBurst);
  }

  #count({ agent, text, atMs }: NewEntry): void {
    if (agent === undefined) return;
    const minute = minuteOf(atMs);
    let pulse = this.#pulses.get(agent);
    if (pulse === undefined) {
      pulse = { minute, minutes: Array.from({ length: LIMITS.pulseMinutes }, empty), lastMs: atMs };
      this.#pulses.set(agent, pulse);
    }
    pulse.lastMs = atMs;
    this.#advance(pulse, minute);
    const now = pulse.minutes.at(-1);
    if (now === undefined) return;
    if (text.includes('"decision":"allow"')) now[0]++;
    else if (text.includes('"decision":"review"')) now[1]++;
    else now[2]++;
  }

  #advance(pulse: Pulse, minute: number): void {
    const steps = Math.min(minute - pulse.minute, LIMITS.pulseMinutes);
    for (let i = 0; i < steps; i++) {
      pulse.minutes.shift();
      pulse.minutes.push(empty());
    }
    if (steps > 0) pulse.minute = minute;
  }

  async #tell(): Promise<void> {
    const texts = this.#waiting.splice(0).slice(-LIMITS.liveBurst);
    const changed = [...this.#changed];
    this.#changed.clear();
    this.#timer = undefined;
    const rows = new Map<string, ActionRow>();
    const others = new Set<string>();
    for (const text of texts) {
      const entry = entryIn(text);
      const { action = '' } = entry;
      const decided = this.#decided.get(action);
      if (entry.kind === 'action.decided') rows.set(action, rowOf(entry, null));
      else if (decided === undefined) others.add(action);
      else rows.set(action, rowOf(JSON.parse(decided) as Entry, entry));
      if (entry.kind === 'action.outcome') this.#decided.delete(action);
    }
    this.#send([
      ...changed.map((what): LiveEvent => ({ event: 'change', data: { what } })),
      ...[...rows.values()].map((data): LiveEvent => ({ event: 'action', data })),
    ]);
    // What cannot be read now stands on the page when it asks anew.
    const found = await Promise.all(
      [...others].map((action) => rowFrom(this.#store, action).catch(() => null)),
    );
    this.#send(found.flatMap((data) => (data === null ? [] : [{ event: 'action', data }])));
  }

  #remember(action: string, decided: string): void {
    this.#decided.delete(action);
    this.#decided.set(action, decided);
    const [eldest = ''] = this.#decided.keys();
    if (this.#decided.size > LIMITS.liveOpenActions) this.#decided.delete(eldest);
  }

  #send(events: readonly LiveEvent[]): void {
    if (events.length === 0) return;
    for (const tell of this.#listeners) tell(events);
  }
}

function changedBy(kind: string): readonly ChangedThing[] {
  const [noun] = kind.split('.');
  if (noun === 'approval' || noun === 'alert' || noun === 'appeal') return ['approvals'];
  if (noun === 'containment' || noun === 'grant') return ['agents'];
  if (noun === 'person') return ['people', 'overview'];
  if (noun === 'drill') return ['agents', 'overview'];
  if (noun === 'operator' || kind === 'instance.pinned') return ['rules', 'overview'];
  return ['overview'];
}

function newEntryOf(text: string): NewEntry {
  const { kind, at, agent } = entryIn(text);
  return {
    text,
    leaf: new Uint8Array(),
    kind,
    atMs: Date.parse(at),
    ...(agent === undefined ? {} : { agent }),
  };
}
