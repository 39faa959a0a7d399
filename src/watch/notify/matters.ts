import { LIMITS } from '../../base/limits.ts';
import { isScope } from '../../containment/levels.ts';
import { ENTRY_KINDS, type Entry } from '../../contract/log-entry.ts';
import { ID_PATTERN } from '../../model/agent.ts';
import { APPEAL_KINDS } from '../../model/appeal.ts';
import { ROLES } from '../../model/person.ts';
import { type AlertSubject, isAlertSubject, LEASE_ALERTS, STOP_ALERTS, WAYS } from './alerts.ts';
import { type Letter, laneOf, type Matter, stoppedBy } from './matter.ts';

/** What of the log this is made from: all kinds that begin so. */
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

/** What this is made from, by name. */
export const FOLLOWED_KINDS: readonly string[] = [
  ...new Set<string>([
    ...ENTRY_KINDS.filter((kind) => isFollowed(kind)),
    ...['asked', 'edited', 'answered', 'spent', 'expired', 'cancelled'].map((what) => `approval.${what}`),
  ]),
];

/**
 * The inbox: what waits for whom, as a reducer over the log. Nothing is taken from an entry that does not have the form
 * of an id or of an operation's name: what is told to people is made of this alone.
 */
export class Matters {
  readonly #open = new Map<string, Matter>();
  readonly #letters = new Map<string, Letter>();
  /** Changed since `take` was called last: what has to be kept. */
  #changed = new Set<string>();

  get open(): ReadonlyMap<string, Matter> {
    return this.#open;
  }

  get letters(): ReadonlyMap<string, Letter> {
    return this.#letters;
  }

  /** An entry, once or again: a second time changes nothing. */
  apply(entry: Entry): void {
    const kind: string = entry.kind;
    if (kind === 'approval.asked') this.#asked(entry);
    else if (kind === 'approval.answered') this.#answered(entry);
    else if (kind === 'approval.edited') this.#edited(entry);
    else if (CLOSING.has(kind)) this.#close(idOf(entry['approval']));
    else if (kind === 'appeal.made') this.#made(entry);
    else if (kind === 'appeal.answered' || kind === 'appeal.expired') this.#close(idOf(entry['appeal']));
    else if (kind === 'alert.raised') this.#raised(entry);
    else if (kind === 'containment.looked') this.#looked(entry);
    else if (kind === 'containment.released') this.#released(entry);
    else if (kind === 'drill.done') this.#drilled(entry);
    else if (WAYS.has(kind) && entry['state'] === 'back') this.#back(WAYS.get(kind));
    else if (kind === 'alert.acknowledged') {
      this.#close(idOf(entry['alert']));
      this.#forgive(entry['lane']);
    } else if (kind === 'notice.sent' || kind === 'notice.failed')
      this.#told(entry, kind === 'notice.failed');
  }

  /** Ids of what changed since the last call: matters (`m/…`) and letters (`l/…`). */
  take(): readonly string[] {
    const changed = [...this.#changed];
    this.#changed = new Set();
    return changed;
  }

  /** What was taken could not be kept: it has changed still. */
  untake(keys: readonly string[]): void {
    for (const key of keys) this.#changed.add(key);
  }

  /** The text to be kept under a key that `take` gave; null: nothing any more. */
  textOf(key: string): string | null {
    const found = key.startsWith('m/') ? this.#open.get(key.slice(2)) : this.#letters.get(key.slice(2));
    return found === undefined ? null : JSON.stringify(found);
  }

  /** What was kept, at start. */
  recall(key: string, text: string): void {
    const value = JSON.parse(text) as Matter & Letter;
    if (key.startsWith('m/')) this.#open.set(key.slice(2), value);
    else this.#letters.set(key.slice(2), value);
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

  /** A no ends it, and so do as many as could be needed. Who has said yes is told no more. */
  #answered(entry: Entry): void {
    const id = idOf(entry['approval']);
    const person = idOf(entry['person']);
    // A late yes that others have to join: what ran out waits for them once more.
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

  /** Whoever has said yes said so of something else: she is told again, and so is everybody where that was over. */
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

  /** Whoever has looked has seen what she was told of. */
  #looked({ agent }: Entry): void {
    for (const matter of this.#open.values())
      if (matter.agent === agent && LEASE_ALERTS.some((subject) => subject === matter.subject))
        this.#close(matter.id);
  }

  /** Whoever has signed that it may go on has seen what stopped it; what came by the socket is nobody's. */
  #released({ scope, by }: Entry): void {
    if (by !== 'person') return;
    for (const matter of this.#open.values())
      if (STOPS.has(matter.subject) && stoppedBy(matter) === scope) this.#close(matter.id);
  }

  /** It could be done after all, and says itself whether the stop held. */
  #drilled({ agent }: Entry): void {
    for (const matter of this.#open.values())
      if (matter.subject === 'drill-overdue' && matter.agent === agent) this.#close(matter.id);
  }

  /** It works again: nobody needs to be told that it does not. */
  #back(subject: string | undefined): void {
    for (const matter of this.#open.values())
      if (matter.kind === 'alert' && matter.subject === subject) this.#close(matter.id);
  }

  #told(entry: Entry, dead: boolean): void {
    const [person, channel] = [idOf(entry['person']), idOf(entry['channel'])];
    if (person === null || channel === null) return;
    const lane = laneOf(person, channel);
    const atMs = Date.parse(entry.at);
    const ids = (Array.isArray(entry['matters']) ? entry['matters'] : []).map(idOf);
    for (const id of ids) {
      const matter = id === null ? undefined : this.#open.get(id);
      if (matter === undefined || (matter.told[lane]?.atMs ?? 0) > atMs) continue;
      this.#set({ ...matter, told: { ...matter.told, [lane]: dead ? { atMs, dead } : { atMs } } });
    }
    if (dead) this.#undelivered(entry, person, channel, ids);
    else this.#forgive(lane);
  }

  #undelivered(entry: Entry, person: string, channel: string, ids: readonly (string | null)[]): void {
    const [lane, atMs] = [laneOf(person, channel), Date.parse(entry.at)];
    const known = this.#letters.get(lane);
    if (known !== undefined && known.atMs >= atMs) return;
    this.#letters.set(lane, {
      lane,
      person,
      channel,
      code: codeOf(entry.code),
      atMs,
      count: (known?.count ?? 0) + 1,
      matters: ids.filter((id) => id !== null).slice(0, LIMITS.noticeLines),
    });
    this.#changed.add(`l/${lane}`);
  }

  #close(id: string | null): void {
    if (id !== null && this.#open.delete(id)) this.#changed.add(`m/${id}`);
  }

  #forgive(lane: unknown): void {
    if (typeof lane === 'string' && this.#letters.delete(lane)) this.#changed.add(`l/${lane}`);
  }
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

const CLOSING: ReadonlySet<string> = new Set(['approval.spent', 'approval.expired', 'approval.cancelled']);

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

/** `2 of role:reviewer` needs two, anything else one; a question may have several. */
function needed(reviews: unknown): number {
  const all = new Set((Array.isArray(reviews) ? reviews : []).map(String));
  const counts = [...all].map((who) => Math.min(100, Number(/^(\d{1,3}) of /.exec(who)?.[1] ?? 1)));
  return Math.max(
    1,
    counts.reduce((sum, count) => sum + count, 0),
  );
}

/** Ids of people and roles; what is neither is left out, and then the owner is told. */
function peopleOf(value: unknown): string[] {
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.filter(
    (who): who is string =>
      typeof who === 'string' && (ID_PATTERN.test(who) || ROLES.some((role) => who === `role:${role}`)),
  );
}
