import type { Clock } from '../../base/clock.ts';
import type { Ids } from '../../base/ids.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Entry, type EntryFields, entryIn } from '../../contract/log-entry.ts';
import type { Draft, Recorded } from '../../pipeline/recording/draft.ts';
import type { CellChange, Store } from '../../store/store.ts';
import { Alerts, type DueAlert } from './alerts.ts';
import { type Carrier, type Undelivered, undelivered } from './carrier.ts';
import { Lane } from './lane.ts';
import { laneOf, type Matter } from './matter.ts';
import { FOLLOWED_KINDS, Matters } from './matters.ts';
import { messageOf } from './message.ts';
import { type Directory, planFor, type Timing } from './plan.ts';

interface NotifierParts {
  readonly clock: Clock;
  readonly ids: Ids;
  readonly store: Pick<Store, 'find' | 'cells'>;
  record(draft: Draft): Promise<Recorded>;
  /** As in force now. */
  directory(): Directory;
  timing(): Timing;
  /** null: this person has no such channel any more. */
  carrier(person: string, channel: string): Carrier | null;
  /** The channel is gone for good (a browser took its subscription back); answers what the store forgets with it. */
  gone(person: string, channel: string): readonly CellChange[];
  /** Where people reach `control`; null where nobody said. */
  base(): string | null;
  log(line: string): void;
}

const CELLS = 'notice';
const NEXT = 'next';

/**
 * Reaches people. Follows the log, keeps what waits for whom (Matters), and brings it to each person's channels until it
 * is answered, acknowledged or given up on; nobody waits for it. What it has told is in the log, so it goes on after any
 * crash; a message that left just before one may come twice, with the same id where the channel has ids.
 */
export class Notifier {
  readonly matters = new Matters();
  readonly #parts: NotifierParts;
  readonly #alerts = new Alerts();
  readonly #lanes = new Map<string, Lane>();
  /** When each matter is to be looked at again. */
  readonly #wakeMs = new Map<string, number>();
  readonly #raising = new Set<string>();
  readonly #stop = new AbortController();
  #next = 0;
  #electorate: string | null = null;
  #timer: NodeJS.Timeout | undefined;
  #turn: Promise<void> = Promise.resolve();
  #turnWanted = false;
  #trouble: string | null = null;
  readonly #sending = new Set<Promise<void>>();

  constructor(parts: NotifierParts) {
    this.#parts = parts;
  }

  /** Takes in what was kept of what waits, and goes on from there. */
  async start(): Promise<void> {
    for (const { key, value } of await this.#parts.store.cells(CELLS)) {
      if (key === NEXT) this.#next = Number(value);
      else this.matters.recall(key, value);
    }
    await this.#recallAlerts();
    this.#timer = setInterval(() => this.nudge(), LIMITS.followEveryMs);
    this.#timer.unref();
    this.nudge();
  }

  /** Something may have happened: looks soon. */
  nudge(): void {
    void this.tick();
  }

  /** Reads what has come, and begins to send what is due. Resolves once it has looked: sending takes its own time. */
  tick(): Promise<void> {
    if (this.#turnWanted) return this.#turn;
    this.#turnWanted = true;
    this.#turn = this.#turn.then(async () => {
      this.#turnWanted = false;
      if (this.#stop.signal.aborted) return;
      try {
        await this.#read();
        this.#followElectorate();
        this.#pump();
        this.#said(null);
      } catch (error) {
        this.#said(String(error));
      }
    });
    return this.#turn;
  }

  /** Cuts what is being sent; what had not arrived is sent again after the next start. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#stop.abort();
    await this.#turn;
    await Promise.allSettled(this.#sending);
  }

  /** For tests: resolves once nothing is being sent any more. */
  async settled(): Promise<void> {
    await this.tick();
    while (this.#sending.size > 0) await Promise.allSettled(this.#sending);
  }

  /** Shows the alerts once more what was read in the last minutes: acts by the socket may be the first of too many. */
  async #recallAlerts(): Promise<void> {
    const sinceMs = this.#parts.clock.now() - LIMITS.quietSocketActs.withinMs;
    for await (const page of this.#parts.store.find({ kinds: FOLLOWED_KINDS, sinceMs })) {
      for (const { seq, text } of page) {
        if (seq < this.#next) this.#alerts.apply(entryIn(text));
      }
    }
  }

  async #read(): Promise<void> {
    for await (const page of this.#parts.store.find({ kinds: FOLLOWED_KINDS, from: this.#next })) {
      for (const { seq, text } of page) {
        if (seq < this.#next) continue;
        this.#apply(entryIn(text));
        this.#next = seq + 1;
      }
    }
    this.#raiseAlerts();
  }

  #apply(entry: Entry): void {
    this.#alerts.apply(entry);
    this.matters.apply(entry);
    for (const id of [entry['approval'], entry['alert'], entry['appeal']])
      if (typeof id === 'string') this.#wakeMs.delete(id);
    // People, channels or quiet hours may have changed.
    if (entry.kind.startsWith('operator.')) this.#wakeMs.clear();
  }

  /** Who enrols, or is given a role, while a question waits is asked like those who were there before her. */
  #followElectorate(): void {
    const electorate = this.#parts.directory().electorate();
    if (electorate === this.#electorate) return;
    this.#electorate = electorate;
    for (const { id, kind } of this.matters.open.values()) if (kind === 'approval') this.#wakeMs.delete(id);
  }

  #raiseAlerts(): void {
    for (const due of this.#alerts.due()) {
      const { subject, agent, scope, page } = due;
      const key = `${subject} ${agent ?? scope ?? ''}`;
      if (this.#raising.has(key)) continue;
      const open = [...this.matters.open.values()];
      // An alert about what is long past, in a log that nobody followed then, wakes nobody.
      const isStale = due.atMs < this.#parts.clock.now() - LIMITS.freshAlertMs;
      const saysSo = (matter: Matter) =>
        matter.subject === subject && matter.agent === agent && matter.scope === scope;
      const wide = open.filter((matter) => matter.scope !== undefined).length + this.#raising.size;
      const isTooMany = scope !== undefined && wide >= LIMITS.stoppedWideOpen;
      if (isStale || isTooMany || open.some(saysSo)) {
        this.#alerts.drop(due);
        continue;
      }
      this.#raising.add(key);
      const raised = this.#raise(due, page).finally(() => this.#raising.delete(key));
      this.#track(raised);
    }
  }

  async #raise({ subject, agent, scope, person }: DueAlert, page: boolean): Promise<void> {
    const whose = {
      ...(agent === undefined ? {} : { agent }),
      ...(scope === undefined ? {} : { scope, ...(await this.#toldOf(scope)) }),
      ...(person === undefined ? {} : { person }),
    };
    const fields = { kind: 'alert.raised', alert: this.#parts.ids(), subject, page, ...whose } as const;
    const entry = await this.#record(fields, []);
    if (entry === null) return;
    this.#apply(entry);
    this.nudge();
  }

  /** Who answers for the agents concerned; where that is nobody, or cannot be found out, whoever looks after everything. */
  async #toldOf(scope: string): Promise<{ readonly people: string[]; readonly backups?: string[] }> {
    try {
      const { owners, backups } = await this.#parts.directory().answerableFor(scope);
      if (owners.length > 0) return { people: [...owners], backups: [...backups] };
    } catch (error) {
      this.#said(String(error));
    }
    return { people: ['role:security'] };
  }

  /** Looks at what is due, and sends it. */
  #pump(): void {
    const { clock, directory, timing } = this.#parts;
    const nowMs = clock.now();
    if (this.#wakeMs.size > this.matters.open.size)
      for (const id of this.#wakeMs.keys()) if (!this.matters.open.has(id)) this.#wakeMs.delete(id);
    for (const known of this.matters.open.values()) {
      if ((this.#wakeMs.get(known.id) ?? 0) > nowMs) continue;
      const matter = this.#askedNow(known);
      const { due, nextMs } = planFor(matter, nowMs, directory(), timing());
      for (const { person, channel } of due) this.#lane(person, channel).waiting.add(matter.id);
      this.#wakeMs.set(matter.id, nextMs);
    }
    for (const lane of this.#lanes.values()) {
      if (lane.busy || lane.waiting.size === 0) continue;
      const matters = this.#dueOver(lane, nowMs);
      const page = matters.some((matter) => matter.page);
      if (matters.length > 0 && lane.ready(nowMs, page)) this.#track(this.#send(lane, matters));
    }
  }

  #askedNow(matter: Matter): Matter {
    const people = matter.kind === 'approval' ? this.#parts.directory().mayAnswer(matter.id) : null;
    return people === null ? matter : this.matters.asks(matter, people);
  }

  /**
   * What to send over a lane: what waits there and is still due; of a message that is tried again, as much of it as
   * still is.
   */
  #dueOver(lane: Lane, nowMs: number): readonly Matter[] {
    const { directory, timing } = this.#parts;
    const stillDue = (id: string): Matter | null => {
      const matter = this.matters.open.get(id);
      if (matter === undefined) return null;
      const { due } = planFor(matter, nowMs, directory(), timing());
      return due.some(({ person, channel }) => person === lane.person && channel === lane.channel)
        ? matter
        : null;
    };
    const all: Matter[] = [];
    for (const id of lane.parcel?.matters ?? lane.waiting) {
      const matter = stillDue(id);
      if (matter === null) lane.waiting.delete(id);
      else all.push(matter);
    }
    if (all.length === 0) lane.parcel = null;
    // Pages first, because a message names only the first few.
    return all.sort((a, b) => Number(b.page) - Number(a.page)).slice(0, LIMITS.noticeMatters);
  }

  async #send(lane: Lane, matters: readonly Matter[]): Promise<void> {
    const { clock, ids, carrier, base } = this.#parts;
    lane.busy = true;
    const same = lane.parcel !== null && lane.parcel.matters.length === matters.length;
    const parcel =
      same && lane.parcel !== null ? lane.parcel : { notice: ids(), matters: matters.map(({ id }) => id) };
    lane.parcel = parcel;
    const found = carrier(lane.person, lane.channel);
    const message = messageOf(parcel.notice, matters, base(), clock.now(), lane.person);
    let failure: Undelivered | null = null;
    try {
      const signal = AbortSignal.any([AbortSignal.timeout(LIMITS.noticeMs), this.#stop.signal]);
      await found?.send(message, signal);
    } catch (error) {
      failure = undelivered(error);
    }
    if (found === null) lane.ended(clock.now());
    else if (failure === null) await this.#told(lane, message.page, null);
    else if (!this.#stop.signal.aborted) {
      const over = lane.failed(clock.now()) || failure.final;
      if (over) await this.#told(lane, message.page, failure);
    }
    lane.busy = false;
    if (lane.parcel === null) this.nudge();
  }

  /**
   * Records that a message arrived, or that it was given up on. Where that cannot be recorded, it holds as long as this
   * process lives.
   */
  async #told(lane: Lane, page: boolean, failure: Undelivered | null): Promise<void> {
    const { clock, gone } = this.#parts;
    const { person, channel, parcel, attempts } = lane;
    if (parcel === null) return;
    const matters = [...parcel.matters];
    const told = { notice: parcel.notice, person, channel, page, matters };
    const fields: EntryFields =
      failure === null
        ? { kind: 'notice.sent', ...told }
        : { kind: 'notice.failed', ...told, code: failure.code, attempts };
    const isGone = failure !== null && /^http-4(04|10)$/.test(failure.code);
    const entry = await this.#record(fields, isGone ? gone(person, channel) : []);
    this.#apply(entry ?? { ...fields, seq: 0, at: new Date(clock.now()).toISOString() });
    for (const id of matters) this.#wakeMs.delete(id);
    lane.ended(clock.now());
    if (failure !== null)
      this.#parts.log(
        `${person} could not be reached by ${channel} (${failure.code}); ./lanyard inbox shows what is undelivered`,
      );
  }

  /** Records an entry, and with it what has changed and how far the log was read. null: it could not be recorded. */
  async #record(fields: EntryFields, cells: readonly CellChange[]): Promise<Entry | null> {
    const keys = this.matters.take();
    const next = Math.min(this.#next, ...this.#alerts.due().map(({ seq }) => seq));
    try {
      const { entry } = await this.#parts.record({
        fields,
        cells: [
          ...cells,
          ...keys.map((key) => ({ kind: CELLS, key, value: this.matters.textOf(key) })),
          { kind: CELLS, key: NEXT, value: String(next) },
        ],
      });
      return entry;
    } catch (error) {
      this.matters.untake(keys);
      this.#said(String(error));
      return null;
    }
  }

  #lane(person: string, channel: string): Lane {
    const key = laneOf(person, channel);
    const lane = this.#lanes.get(key) ?? new Lane(person, channel);
    this.#lanes.set(key, lane);
    return lane;
  }

  #track(work: Promise<void>): void {
    const tracked = work.catch((error: unknown) => this.#said(String(error)));
    this.#sending.add(tracked);
    void tracked.finally(() => this.#sending.delete(tracked));
  }

  #said(trouble: string | null): void {
    if (trouble !== null && this.#trouble === null)
      this.#parts.log(`what waits for people cannot be followed now (${trouble}); it is tried again`);
    this.#trouble = trouble;
  }
}
