import { LIMITS } from '../../base/limits.ts';
import { isScope } from '../../containment/levels.ts';
import { ENTRY_KINDS, type Entry } from '../../contract/log-entry.ts';
import { ID_PATTERN } from '../../model/agent.ts';
import { APPEAL_KINDS } from '../../model/appeal.ts';
import { ROLES } from '../../model/person.ts';
import { type AlertSubject, isAlertSubject, LEASE_ALERTS, STOP_ALERTS, WAYS } from './alerts.ts';
import { type Letter, laneOf, type Matter, stoppedScopeOf, type Told } from './matter.ts';

/** The inbox and the alerts are made from entries whose kind begins with one of these. */
const FOLLOWED = [
  'alert.',
  'drill.',
  'appeal.',
  'approval.',
  'containment.',
  'instance.gap',
  'instance.brake',
  'instance.stop-channel',
  'notice.',
  'operator.',
  'person.enrolled',
  'person.stop-codes',
] as const;

export const isFollowed = (kind: string): boolean => FOLLOWED.some((prefix) => kind.startsWith(prefix));

/** Those kinds, by their full names. */
export const FOLLOWED_KINDS: readonly string[] = [
  ...new Set<string>([
    ...ENTRY_KINDS.filter((kind) => isFollowed(kind)),
    ...['asked', 'edited', 'answered', 'spent', 'expired', 'cancelled'].map((what) => `approval.${what}`),
  ]),
];

/**
 * The inbox: what waits for whom, as a reducer over the log. Text is taken from an entry only where it has the form of
 * an id, of an operation's name or of a scope: what people are told is made of nothing else.
 */
export class Matters {
  readonly #open = new Map<string, Matter>();
  readonly #letters = new Map<string, Letter>();
  /** Keys of what has changed since `take` was called last, and so has to be kept. */
  #changed = new Set<string>();
  /** By kind of entry: what it changes. Entries of other kinds change nothing. */
  readonly #reducers = this.#reducersByKind();

  get open(): ReadonlyMap<string, Matter> {
    return this.#open;
  }

  get letters(): ReadonlyMap<string, Letter> {
    return this.#letters;
  }

  /** Follows an entry. The same entry a second time changes nothing. */
  apply(entry: Entry): void {
    this.#reducers.get(entry.kind)?.(entry);
  }

  #reducersByKind(): ReadonlyMap<string, (entry: Entry) => void> {
    const closeQuestion = (entry: Entry) => this.#close(idOf(entry['approval']));
    const closeAppeal = (entry: Entry) => this.#close(idOf(entry['appeal']));
    const wayChanged = (entry: Entry) => {
      if (entry['state'] === 'back') this.#back(WAYS.get(entry.kind));
    };
    return new Map<string, (entry: Entry) => void>([
      ['approval.asked', (entry) => this.#asked(entry)],
      ['approval.answered', (entry) => this.#answered(entry)],
      ['approval.edited', (entry) => this.#edited(entry)],
      ['approval.spent', closeQuestion],
      ['approval.expired', closeQuestion],
      ['approval.cancelled', closeQuestion],
      ['appeal.made', (entry) => this.#made(entry)],
      ['appeal.answered', closeAppeal],
      ['appeal.expired', closeAppeal],
      ['alert.raised', (entry) => this.#raised(entry)],
      ['alert.acknowledged', (entry) => this.#acknowledged(entry)],
      ['containment.looked', (entry) => this.#looked(entry)],
      ['containment.released', (entry) => this.#released(entry)],
      ['drill.done', (entry) => this.#drilled(entry)],
      ['notice.sent', (entry) => this.#delivered(entry)],
      ['notice.failed', (entry) => this.#undelivered(entry)],
      ...[...WAYS.keys()].map((kind) => [kind, wayChanged] as const),
    ]);
  }

  /** Ids of what changed since the last call: matters (`m/…`) and letters (`l/…`). */
  take(): readonly string[] {
    const changed = [...this.#changed];
    this.#changed = new Set();
    return changed;
  }

  /** Puts back keys that `take` gave and that could not be kept. */
  untake(keys: readonly string[]): void {
    for (const key of keys) this.#changed.add(key);
  }

  /** The text to be kept under a key that `take` gave; null: nothing is to be kept under it any more. */
  textOf(key: string): string | null {
    const found = key.startsWith('m/') ? this.#open.get(key.slice(2)) : this.#letters.get(key.slice(2));
    return found === undefined ? null : JSON.stringify(found);
  }

  /** Takes in what was kept, at a start. */
  recall(key: string, text: string): void {
    const value = JSON.parse(text) as Matter & Letter;
    if (key.startsWith('m/')) this.#open.set(key.slice(2), value);
    else this.#letters.set(key.slice(2), value);
  }

  /**
   * A question as it stands for whoever may answer it now. Who was told of it as somebody else's to answer is told anew
   * once it is hers.
   */
  asks(matter: Matter, people: readonly string[]): Matter {
    const before = new Set(matter.people);
    const newcomers = people.filter((person) => !before.has(person));
    if (newcomers.length === 0 && people.length === matter.people.length) return matter;
    const isHers = (lane: string) => newcomers.some((person) => lane.startsWith(laneOf(person, '')));
    const told = Object.fromEntries(Object.entries(matter.told).filter(([lane]) => !isHers(lane)));
    const now = { ...matter, people: [...people], told };
    this.#set(now);
    return now;
  }

  #set(matter: Matter): void {
    this.#open.set(matter.id, matter);
    this.#changed.add(`m/${matter.id}`);
  }

  #asked(entry: Entry, answered: readonly string[] = []): void {
    const id = idOf(entry['approval']);
    if (id === null || this.#open.has(id)) return;
    const expiresMs = instantOf(entry['expires']);
    this.#set({
      ...subjectOf(entry),
      id,
      kind: 'approval',
      page: false,
      openedMs: Date.parse(entry.at),
      ...(expiresMs === null ? {} : { expiresMs }),
      people: peopleOf(entry['people']),
      answered,
      needs: needed(entry.reviews),
      told: {},
    });
  }

  /** A no ends a question, and so do as many yeses as could be needed. Whoever has said yes is told no more. */
  #answered(entry: Entry): void {
    const id = idOf(entry['approval']);
    const person = idOf(entry['person']);
    // A late yes that others have to join: what had run out waits for them once more.
    if (entry['revived'] === true && entry['answer'] === 'approve' && person !== null) {
      this.#close(id);
      if (needed(entry.reviews) > 1) this.#asked(entry, [person]);
      return;
    }
    const matter = id === null ? undefined : this.#open.get(id);
    if (matter === undefined) return;
    const answered = new Set(person === null ? matter.answered : [...matter.answered, person]);
    if (entry['answer'] !== 'approve' || answered.size >= matter.needs) this.#close(matter.id);
    else this.#set({ ...matter, answered: [...answered] });
  }

  /**
   * An edit voids every yes, which was to something else: whoever gave one is told again, and everybody is where the
   * question was over.
   */
  #edited(entry: Entry): void {
    const id = idOf(entry['approval']);
    const matter = id === null ? undefined : this.#open.get(id);
    if (matter === undefined) {
      this.#asked(entry);
      return;
    }
    const isAgain = (lane: string) => matter.answered.some((person) => lane.startsWith(laneOf(person, '')));
    const expiresMs = instantOf(entry['expires']);
    this.#set({
      ...matter,
      ...(expiresMs === null ? {} : { expiresMs }),
      people: entry['people'] === undefined ? matter.people : peopleOf(entry['people']),
      answered: [],
      needs: needed(entry.reviews),
      told: Object.fromEntries(Object.entries(matter.told).filter(([lane]) => !isAgain(lane))),
    });
  }

  #raised(entry: Entry): void {
    const { subject } = entry;
    const id = idOf(entry['alert']);
    if (id === null || this.#open.has(id)) return;
    this.#set({
      ...subjectOf(entry),
      id,
      kind: 'alert',
      page: entry['page'] === true,
      ...(isAlertSubject(subject) ? { subject } : {}),
      ...scopeOf(entry),
      openedMs: Date.parse(entry.at),
      people: peopleOf(entry['people'] ?? entry['person']),
      ...(entry['backups'] === undefined ? {} : { backups: peopleOf(entry['backups']) }),
      answered: [],
      needs: 1,
      told: {},
    });
  }

  #made(entry: Entry): void {
    const id = idOf(entry['appeal']);
    const subject = APPEAL_KINDS.find((kind) => kind === entry['what']);
    if (id === null || subject === undefined || this.#open.has(id)) return;
    const { agent } = subjectOf(entry);
    const expiresMs = instantOf(entry['expires']);
    this.#set({
      ...(agent === undefined ? {} : { agent }),
      id,
      kind: 'appeal',
      subject,
      page: false,
      openedMs: Date.parse(entry.at),
      ...(expiresMs === null ? {} : { expiresMs }),
      people: peopleOf(entry.owner),
      answered: [],
      needs: 1,
      told: {},
    });
  }

  /** Whoever has looked has seen what the lease's alerts told her of. */
  #looked({ agent }: Entry): void {
    this.#closeEach(
      (matter) => matter.agent === agent && LEASE_ALERTS.some((subject) => subject === matter.subject),
    );
  }

  /** A person who has signed the release has seen what stopped it. The socket proves no person. */
  #released({ scope, by }: Entry): void {
    if (by !== 'person') return;
    this.#closeEach((matter) => STOPS.has(matter.subject) && stoppedScopeOf(matter) === scope);
  }

  /** The drill could be done after all; its own entry says whether the stop held. */
  #drilled({ agent }: Entry): void {
    this.#closeEach((matter) => matter.subject === 'drill-overdue' && matter.agent === agent);
  }

  /** The way works again: nobody needs to be told that it does not. */
  #back(subject: string | undefined): void {
    this.#closeEach((matter) => matter.kind === 'alert' && matter.subject === subject);
  }

  #acknowledged(entry: Entry): void {
    this.#close(idOf(entry['alert']));
    this.#forgive(entry['lane']);
  }

  #delivered(entry: Entry): void {
    const notice = noticeOf(entry);
    if (notice === null) return;
    this.#told(notice, { atMs: notice.atMs });
    this.#forgive(notice.lane);
  }

  #undelivered(entry: Entry): void {
    const notice = noticeOf(entry);
    if (notice === null) return;
    const { lane, person, channel, atMs, matters } = notice;
    this.#told(notice, { atMs, dead: true });
    const known = this.#letters.get(lane);
    if (known !== undefined && known.atMs >= atMs) return;
    this.#letters.set(lane, {
      lane,
      person,
      channel,
      code: codeOf(entry.code),
      atMs,
      count: (known?.count ?? 0) + 1,
      matters: matters.slice(0, LIMITS.noticeLines),
    });
    this.#changed.add(`l/${lane}`);
  }

  /** Keeps with each matter of a notice what became of it, unless a later notice over the same lane is known. */
  #told({ lane, matters, atMs }: Notice, told: Told): void {
    for (const id of matters) {
      const matter = this.#open.get(id);
      if (matter === undefined || (matter.told[lane]?.atMs ?? 0) > atMs) continue;
      this.#set({ ...matter, told: { ...matter.told, [lane]: told } });
    }
  }

  #closeEach(isOver: (matter: Matter) => boolean): void {
    for (const matter of this.#open.values()) if (isOver(matter)) this.#close(matter.id);
  }

  #close(id: string | null): void {
    if (id !== null && this.#open.delete(id)) this.#changed.add(`m/${id}`);
  }

  #forgive(lane: unknown): void {
    if (typeof lane === 'string' && this.#letters.delete(lane)) this.#changed.add(`l/${lane}`);
  }
}

/** One message over one lane, as `notice.sent` and `notice.failed` tell of it. */
interface Notice {
  readonly lane: string;
  readonly person: string;
  readonly channel: string;
  readonly atMs: number;
  /** Ids of what it was about. */
  readonly matters: readonly string[];
}

/** null: the entry does not say whom it was for, or over which channel. */
function noticeOf(entry: Entry): Notice | null {
  const [person, channel] = [idOf(entry['person']), idOf(entry['channel'])];
  if (person === null || channel === null) return null;
  const matters = (Array.isArray(entry['matters']) ? entry['matters'] : []).map(idOf);
  return {
    lane: laneOf(person, channel),
    person,
    channel,
    atMs: Date.parse(entry.at),
    matters: matters.filter((id) => id !== null),
  };
}

function subjectOf({ agent, operation }: Entry): Pick<Matter, 'agent' | 'operation'> {
  return {
    ...(agent !== undefined && ID_PATTERN.test(agent) ? { agent } : {}),
    ...(operation !== undefined && OPERATION.test(operation) ? { operation } : {}),
  };
}

function scopeOf({ scope }: Entry): Pick<Matter, 'scope'> {
  return typeof scope === 'string' && isScope(scope) ? { scope } : {};
}

const STOPS: ReadonlySet<string | undefined> = new Set<AlertSubject>(STOP_ALERTS);

const ID = /^[A-Za-z0-9_-]{1,64}$/;
/** `mcp:<upstream>/<tool>` and its kin: what an upstream calls its tools is held to these letters (interface.md). */
const OPERATION = /^[a-z]{2,16}:[A-Za-z0-9_./-]{1,180}$/;
const CODE = /^[a-z0-9-]{1,32}$/;

const idOf = (value: unknown): string | null => (typeof value === 'string' && ID.test(value) ? value : null);
const codeOf = (value: unknown): string =>
  typeof value === 'string' && CODE.test(value) ? value : 'unknown';

function instantOf(value: unknown): number | null {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
}

/**
 * How many people must answer at most, over all reviews of a question: two where one says `2 of role:reviewer`,
 * otherwise one.
 */
function needed(reviews: unknown): number {
  const all = new Set((Array.isArray(reviews) ? reviews : []).map(String));
  const counts = [...all].map((who) => Math.min(100, Number(/^(\d{1,3}) of /.exec(who)?.[1] ?? 1)));
  return Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
}

/** Ids of people, and `role:<role>`; anything else is left out. Where nothing is left, the owner is told. */
function peopleOf(value: unknown): string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.filter(
    (who): who is string =>
      typeof who === 'string' && (ID_PATTERN.test(who) || ROLES.some((role) => who === `role:${role}`)),
  );
}
