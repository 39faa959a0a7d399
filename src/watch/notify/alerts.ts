import { LIMITS } from '../../base/limits.ts';
import { isDrillScope, isScope } from '../../containment/levels.ts';
import type { Entry } from '../../contract/log-entry.ts';
import { ID_PATTERN } from '../../model/agent.ts';

/** What alerts are about: `brief` in the subject of a mail, and the sentence that people read. Ours, every word. */
export const ALERTS = {
  'socket-acts': {
    page: true,
    brief: 'acts came by the socket',
    sentence:
      'Operator acts came by the socket, one soon after the other. If that was not you, a program of this user did it.',
  },
  fault: {
    page: true,
    brief: 'something broke, everything is frozen',
    sentence: 'Something of Lanyard broke, and everything was frozen.',
  },
  gap: {
    page: true,
    brief: 'denials were not recorded',
    sentence: 'Denials could not be recorded for a while; look at the disk and the log.',
  },
  'drill-failed': {
    page: true,
    brief: 'a stop does not hold',
    sentence: 'A drill found that a stop does not hold; ./lanyard log show, entry drill.done, says where.',
  },
  'drill-overdue': {
    page: true,
    brief: 'a drill could not be done',
    sentence: 'A drill was due and could not be done, so nobody knows whether a stop would hold.',
  },
  tripped: {
    page: true,
    brief: 'a breaker stopped an agent',
    sentence: 'A breaker tripped: an agent behaved abnormally and was stopped.',
  },
  recovery: {
    page: true,
    brief: 'a recovery code was used',
    sentence:
      'A recovery code was used: a new passkey is good in a day, and everything is frozen. If that was not its person, take the passkey away.',
  },
  'revoke-failed': {
    page: true,
    brief: 'a secret is not revoked',
    sentence:
      'After a kill the secret of an upstream could not be revoked, or nothing proves that it is: look whether it works still, and revoke it by hand (./lanyard log show, entry containment.revoked).',
  },
  budget: {
    page: false,
    brief: 'a budget is nearly spent',
    sentence: 'A budget of an agent is nearly spent.',
  },
  'stop-channel': {
    page: true,
    brief: 'the stop channel cannot be read',
    sentence: 'The channel that stops come by from outside cannot be read; nobody can stop over it now.',
  },
  brake: {
    page: true,
    brief: 'the brake does not answer',
    sentence:
      'The brake does not answer, though everything else does; ./lanyard stop, the console and SIGUSR2 still stop.',
  },
  'stop-codes': {
    page: false,
    brief: 'few stop codes are left',
    sentence: 'Few of your codes that stop from a phone are left; make a new page at the console.',
  },
  // Pages where no person is known to have done it.
  stopped: { page: false, brief: 'an agent was stopped', sentence: 'An agent was stopped.' },
  'stopped-wide': {
    page: false,
    brief: 'more than one agent was stopped',
    sentence: 'More was stopped than one agent.',
  },
  // No page: what nobody looks at stops by itself, and stands still until somebody does.
  'lease-warned': {
    page: false,
    brief: 'look at an agent, or it stops soon',
    sentence:
      'An agent soon stops acting by itself, unless its owner or backup looks at what it did (console, Duties).',
  },
  'lease-watched': {
    page: false,
    brief: 'nobody looked, an agent is watched',
    sentence:
      'Nobody looked at an agent in time: all but reads need a person now, and soon nothing runs (console, Duties).',
  },
  'lease-frozen': {
    page: false,
    brief: 'nobody looked, an agent is frozen',
    sentence:
      'Nobody looked at an agent for too long: nothing of it runs until somebody does (console, Duties).',
  },
} as const satisfies Record<string, { page: boolean; brief: string; sentence: string }>;
export type AlertSubject = keyof typeof ALERTS;

export const isAlertSubject = (text: unknown): text is AlertSubject =>
  typeof text === 'string' && Object.hasOwn(ALERTS, text);

/** An alert that is due: an entry is to say so, and from then on it is a matter of its own. */
export interface DueAlert {
  readonly subject: AlertSubject;
  readonly page: boolean;
  readonly agent?: string;
  /** What was stopped, where that is no one agent. Who is to know of it, the house says. */
  readonly scope?: string;
  readonly person?: string;
  /** The entry that called for it, and when that was. */
  readonly seq: number;
  readonly atMs: number;
}

/** These are over once somebody has looked at what the agent did. */
export const LEASE_ALERTS = ['lease-warned', 'lease-watched', 'lease-frozen'] as const;

/** These are over once a person has released what was stopped. */
export const STOP_ALERTS = ['tripped', 'stopped', 'stopped-wide'] as const;

/**
 * Kinds of entries about a way by which people can stop, with the alert about each: due when the way is lost, over when
 * it is back.
 */
export const WAYS: ReadonlyMap<string, AlertSubject> = new Map([
  ['instance.stop-channel', 'stop-channel'],
  ['instance.brake', 'brake'],
]);

const SECURITY = 'role:security';

/** Stops that need no page: a known person gave them, or they follow from a page that is out already. */
const SEEN: ReadonlySet<unknown> = new Set(['person', 'stop-key', 'stop-code', 'case']);
/** Stops that people are told of in other words, or have just caused themselves. */
const SAID: ReadonlySet<unknown> = new Set(['claim', 'recovery']);
const isSeen = (by: unknown): boolean => SEEN.has(by);

/**
 * Works out from the log which alerts are due. Ask `due` only once everything has been read: an alert that was raised
 * already must not be raised anew when the same stretch is read again.
 */
export class Alerts {
  readonly #due = new Map<string, DueAlert>();
  /** When acts came by the socket (epoch milliseconds), since the last alert about them was raised or acknowledged. */
  #actsMs: number[] = [];

  /** By kind of entry: what it calls for, or makes needless. Entries of other kinds do neither. */
  readonly #reducers = this.#reducersByKind();

  apply(entry: Entry): void {
    this.#reducers.get(entry.kind)?.(entry);
    if (entry['by'] === 'socket') this.#actsBySocket(entry);
    // Behind the others, because it may be an act by the socket itself.
    if (entry.kind === 'alert.acknowledged') this.#acknowledged(entry);
  }

  #reducersByKind(): ReadonlyMap<string, (entry: Entry) => void> {
    return new Map<string, (entry: Entry) => void>([
      ['alert.raised', (entry) => this.#raised(entry)],
      ['containment.stopped', (entry) => this.#stopped(entry)],
      ['containment.released', (entry) => this.#released(entry)],
      ['containment.tripped', (entry) => this.#ofAgent('tripped', entry)],
      ['containment.revoked', (entry) => this.#revoked(entry)],
      ['containment.lease-due', (entry) => this.#leaseDue(entry)],
      ['containment.looked', (entry) => this.#looked(entry)],
      ['containment.budget', (entry) => this.#ofAgent('budget', entry)],
      ['drill.overdue', (entry) => this.#drill('drill-overdue', entry)],
      ['drill.done', (entry) => this.#drilled(entry)],
      ['instance.gap', (entry) => this.#forSecurity('gap', entry)],
      ['person.enrolled', (entry) => this.#enrolled(entry)],
      ['person.stop-codes', (entry) => this.#codesLeft(entry)],
      ...[...WAYS].map(([kind, subject]) => [kind, (entry: Entry) => this.#way(subject, entry)] as const),
    ]);
  }

  /**
   * Forgets what is due and is not to be raised: an open alert says the same already, or it is stale, or too many are
   * open.
   */
  drop({ subject, agent, scope }: DueAlert): void {
    this.#due.delete(keyOf(subject, agent ?? scope));
    if (subject === 'socket-acts') this.#actsMs = [];
  }

  /** What is due now. The same until an entry says that it was raised. */
  due(): readonly DueAlert[] {
    return [...this.#due.values()];
  }

  #raised({ subject, agent, scope }: Entry): void {
    if (typeof subject !== 'string') return;
    this.#due.delete(keyOf(subject, agent ?? textOf(scope)));
    if (subject === 'socket-acts') this.#actsMs = [];
  }

  /** Acknowledging by the socket is itself an act by the socket, the first of those to be counted from here on. */
  #acknowledged({ subject, agent, scope }: Entry): void {
    this.#due.delete(keyOf(String(subject), agent ?? textOf(scope)));
    this.#actsMs = this.#actsMs.slice(-1);
  }

  #stopped(entry: Entry): void {
    const { scope, by } = entry;
    if (typeof scope !== 'string' || !isScope(scope) || isDrillScope(scope)) return;
    const agent = /^agent:(.+)$/.exec(scope)?.[1];
    if (agent !== undefined) this.#set({ subject: 'stopped', agent, ...placeOf(entry) }, !isSeen(by));
    else if (by === 'fault') this.#forSecurity('fault', entry);
    else if (!SAID.has(by)) this.#set({ subject: 'stopped-wide', scope, ...placeOf(entry) }, !isSeen(by));
  }

  /** What a person has released needs nobody's attention any more. */
  #released({ scope, by }: Entry): void {
    if (by !== 'person' || typeof scope !== 'string') return;
    const what = scope.replace(/^agent:/, '');
    for (const subject of STOP_ALERTS) this.#due.delete(keyOf(subject, what));
  }

  #leaseDue(entry: Entry): void {
    const subject = `lease-${String(entry['stage'])}`;
    const agent = idOf(entry.agent);
    if (agent !== undefined && isAlertSubject(subject)) this.#set({ subject, agent, ...placeOf(entry) });
  }

  #ofAgent(subject: AlertSubject, entry: Entry): void {
    if (entry.agent !== undefined) this.#set({ subject, agent: entry.agent, ...placeOf(entry) });
  }

  #forSecurity(subject: AlertSubject, entry: Entry): void {
    this.#set({ subject, person: SECURITY, ...placeOf(entry) });
  }

  #revoked(entry: Entry): void {
    if (entry['proved'] !== true || entry['failed'] !== undefined) this.#forSecurity('revoke-failed', entry);
  }

  #enrolled(entry: Entry): void {
    if (entry['via'] === 'recovery') this.#forSecurity('recovery', entry);
  }

  #way(subject: AlertSubject, entry: Entry): void {
    if (entry['state'] === 'lost') this.#forSecurity(subject, entry);
    else this.#due.delete(subject);
  }

  #drilled(entry: Entry): void {
    this.#due.delete(keyOf('drill-overdue', entry.agent));
    if (entry['held'] !== true) this.#drill('drill-failed', entry);
  }

  #drill(subject: 'drill-failed' | 'drill-overdue', entry: Entry): void {
    const agent = idOf(entry.agent);
    if (agent !== undefined) this.#set({ subject, agent, ...placeOf(entry) });
  }

  #looked({ agent }: Entry): void {
    for (const subject of LEASE_ALERTS) this.#due.delete(keyOf(subject, agent));
  }

  #codesLeft(entry: Entry): void {
    const { by, codes, subject } = entry;
    if (by !== 'stop-code' || !Array.isArray(codes) || codes.length > LIMITS.stopCodesLow) return;
    if (typeof subject === 'string') this.#set({ subject: 'stop-codes', person: subject, ...placeOf(entry) });
  }

  #actsBySocket(entry: Entry): void {
    const { repeats } = entry;
    // One entry may stand for several acts.
    const acts = typeof repeats === 'number' ? Math.min(repeats, LIMITS.quietSocketActs.most + 1) : 1;
    for (let i = 0; i < acts; i++) this.#act(placeOf(entry));
  }

  #act({ atMs, seq }: Pick<DueAlert, 'atMs' | 'seq'>): void {
    const { most, withinMs } = LIMITS.quietSocketActs;
    if (!Number.isFinite(atMs)) return;
    this.#actsMs = [...this.#actsMs.filter((before) => before > atMs - withinMs), atMs].slice(-most - 1);
    if (this.#actsMs.length > most) this.#set({ subject: 'socket-acts', person: SECURITY, atMs, seq });
  }

  /**
   * Keeps the `seq` of the first entry that called for the alert, where reading must begin again, and the time of the
   * last one, which says how fresh it is.
   */
  #set(alert: Omit<DueAlert, 'page'>, page: boolean = ALERTS[alert.subject].page): void {
    const key = keyOf(alert.subject, alert.agent ?? alert.scope);
    const seq = this.#due.get(key)?.seq ?? alert.seq;
    this.#due.set(key, { ...alert, seq, page });
  }
}

const idOf = (agent: string | undefined) =>
  agent !== undefined && ID_PATTERN.test(agent) ? agent : undefined;

/** The entry that an alert is due by: its `seq`, and when it was written. */
const placeOf = ({ seq, at }: Entry): Pick<DueAlert, 'atMs' | 'seq'> => ({ seq, atMs: Date.parse(at) });

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const keyOf = (subject: string, what: string | undefined): string =>
  what === undefined ? subject : `${subject} ${what}`;
