import { BriefMap } from '../base/brief-map.ts';
import { LIMITS } from '../base/limits.ts';
import { MARKS, type Mark } from '../model/mark.ts';
import { Expected, listOf, type MarkSet, markSetOf, NO_MARKS } from './mark-set.ts';

/** Who acts. `token` is null where nobody's token stands behind it: an operator only asks. */
export interface Who {
  readonly agent: string;
  readonly token: string | null;
  /** Our own id; empty where there is none. */
  readonly session: string;
}

/** That a session of this token held a mark at this time: what is kept across restarts. */
export interface Held {
  readonly agent: string;
  readonly token: string;
  readonly mark: Mark;
  readonly atMs: number;
}

/** Sessions that may pass each other what they read: a parent and its children. They have their marks in common. */
class Family {
  #joined: Family | null = null;
  marks: MarkSet = NO_MARKS;
  readonly expected = new Expected();
  /** Whose tokens its sessions were used with: nearly always one. */
  readonly tokens = new Set<TokenMarks>();

  root(): Family {
    if (this.#joined === null) return this;
    this.#joined = this.#joined.root();
    return this.#joined;
  }

  join(other: Family): void {
    const [mine, theirs] = [this.root(), other.root()];
    if (mine === theirs) return;
    theirs.marks |= mine.marks;
    theirs.expected.take(mine.expected);
    for (const token of mine.tokens) theirs.tokens.add(token);
    mine.#joined = theirs;
  }
}

/** What one token's sessions hold, each mark with the last time that an acting session held it. */
class TokenMarks {
  readonly agent: string;
  readonly token: string;
  readonly heldMs = MARKS.map(() => Number.NEGATIVE_INFINITY);
  /** As much of `heldMs` as the store has, or soon will. */
  readonly storedMs = MARKS.map(() => Number.NEGATIVE_INFINITY);
  readonly expected = new Expected();
  /** Marks of sessions that were forgotten, for as long as this process lives: such a session may act again. */
  kept: MarkSet = NO_MARKS;

  constructor(agent: string, token: string) {
    this.agent = agent;
    this.token = token;
  }

  liveAt(nowMs: number): MarkSet {
    let set = this.kept;
    for (let i = 0; i < MARKS.length; i++)
      if (nowMs - (this.heldMs[i] ?? 0) < LIMITS.marksLastMs) set |= 1 << i;
    return set;
  }

  hold(marks: MarkSet, nowMs: number): void {
    for (let i = 0; i < MARKS.length; i++)
      if ((marks & (1 << i)) !== 0 && nowMs > (this.heldMs[i] ?? 0)) this.heldMs[i] = nowMs;
  }

  /** Which of `marks` the store does not know of, or not recently enough. */
  due(marks: MarkSet): readonly Held[] {
    let due: Held[] | null = null;
    for (let i = 0; i < MARKS.length; i++) {
      const [mark, atMs = 0] = [MARKS[i], this.heldMs[i]];
      if ((marks & (1 << i)) === 0 || mark === undefined || !Number.isFinite(atMs)) continue;
      if (atMs - (this.storedMs[i] ?? 0) < LIMITS.marksStoredEveryMs) continue;
      this.storedMs[i] = atMs;
      due ??= [];
      due.push({ agent: this.agent, token: this.token, mark, atMs });
    }
    return due ?? NOTHING;
  }
}

const NOTHING: readonly Held[] = [];

interface Running {
  readonly who: Who;
  brings: MarkSet;
  /** The part of `brings` that was not expected when the action began. */
  unforeseen: MarkSet;
  readonly family: Family | null;
}

/**
 * The marks of sessions: what each has read. A mark is there from the moment an action that may bring it is allowed,
 * and stays once that action has answered or might have. It is never shed by what a caller chooses: every session of
 * a token sees what the token's sessions held within LIMITS.marksLastMs, and is itself one that holds it. In memory;
 * `Held` says what the store must keep. docs/decisions/0010 has the reasons.
 */
export class Marks {
  /** By agent, then by token: a key of both would be made, and hashed, several times with every call. */
  readonly #tokens = new Map<string, Map<string, TokenMarks>>();
  /** By agent and id: sessions with marks or relatives; the one that acted longest ago first. */
  readonly #sessions = new Map<string, Family>();
  readonly #running = new BriefMap<string, Running>();
  #newest: Family | null = null;
  readonly #mostSessions: number;

  constructor(mostSessions: number = LIMITS.markedSessions) {
    this.#mostSessions = mostSessions;
  }

  /** The marks that a decision sees now. The session and its token hold them from here on. */
  seen(who: Who, nowMs: number): readonly Mark[] {
    const token = this.#tokenOf(who);
    const known = this.#sessions.get(keyOf(who.agent, who.session))?.root();
    const held = (known?.marks ?? NO_MARKS) | (token?.liveAt(nowMs) ?? NO_MARKS);
    if (held !== NO_MARKS) {
      token?.hold(held, nowMs);
      const family = this.#use(who, token)?.root();
      if (family !== undefined) family.marks |= held;
    }
    const expected = (known?.expected.set ?? NO_MARKS) | (token?.expected.set ?? NO_MARKS);
    return listOf(held | expected);
  }

  /** Two sessions of one agent belong together from now on. */
  join(agent: string, one: string, other: string): void {
    if (one === other || one === '' || other === '') return;
    this.#sessionOf(keyOf(agent, one)).join(this.#sessionOf(keyOf(agent, other)));
  }

  /**
   * An action was allowed whose answer may bring these marks: concurrent actions see them from here on. Expecting a
   * mark of the same action again changes nothing.
   */
  expect(action: string, who: Who, brings: readonly Mark[]): void {
    const known = this.#running.get(action);
    if (known !== undefined) {
      this.#add(known, markSetOf(brings) & ~known.brings);
      return;
    }
    const family = this.#use(who, this.#tokenOf(who));
    const running = { who, brings: NO_MARKS, unforeseen: NO_MARKS, family };
    this.#running.set(action, running);
    this.#add(running, markSetOf(brings));
  }

  /** A running action brought marks that were not expected of it. */
  told(action: string, marks: readonly Mark[]): void {
    const running = this.#running.get(action);
    if (running === undefined) return;
    const more = markSetOf(marks) & ~running.brings;
    running.unforeseen |= more;
    this.#add(running, more);
  }

  /** The marks that a running action brought and that were not expected of it. */
  unforeseen(action: string): readonly Mark[] {
    return listOf(this.#running.get(action)?.unforeseen ?? NO_MARKS);
  }

  #add(running: Running, marks: MarkSet): void {
    if (marks === NO_MARKS) return;
    running.brings |= marks;
    running.family?.root().expected.add(marks, 1);
    this.#tokenOf(running.who)?.expected.add(marks, 1);
  }

  /**
   * An action has ended. `answered`: something of it may have reached the agent. Answers what the store must keep of
   * it.
   */
  end(action: string, answered: boolean, nowMs: number): readonly Held[] {
    const running = this.#running.get(action);
    if (running === undefined) return [];
    this.#running.delete(action);
    const { who, brings, family } = running;
    const token = this.#tokenOf(who);
    family?.root().expected.add(brings, -1);
    token?.expected.add(brings, -1);
    if (!answered || brings === NO_MARKS) return [];
    if (family !== null) family.root().marks |= brings;
    const now = this.#use(who, token)?.root();
    if (now !== undefined) now.marks |= brings;
    token?.hold(brings, nowMs);
    return token?.due(brings) ?? NOTHING;
  }

  /** Marks held by this token of which the store has not been told for a while. */
  due(who: Who, nowMs: number): readonly Held[] {
    const token = this.#tokenOf(who);
    return token === null ? NOTHING : token.due(token.liveAt(nowMs));
  }

  /** What was due could not be stored: it is due again. */
  unstored({ agent, token }: Pick<Who, 'agent' | 'token'>): void {
    if (token !== null) this.#tokens.get(agent)?.get(token)?.storedMs.fill(Number.NEGATIVE_INFINITY);
  }

  /** From the store, at start. It may have been held a little later than was stored, and is taken to have been. */
  recall({ agent, token, mark, atMs }: Held, nowMs: number): void {
    const found = this.#token(agent, token);
    found.hold(markSetOf([mark]), Math.max(atMs, Math.min(atMs + LIMITS.marksStoredEveryMs, nowMs)));
    found.storedMs[MARKS.indexOf(mark)] = atMs;
  }

  /** Takes up an action that was running when the process ended: what it may have answered counts as read. */
  recover(
    { agent, token }: { agent: string; token: string },
    brings: readonly Mark[],
    nowMs: number,
  ): readonly Held[] {
    const found = this.#token(agent, token);
    const marks = markSetOf(brings);
    found.hold(marks, nowMs);
    return found.due(marks);
  }

  #tokenOf({ agent, token }: Who): TokenMarks | null {
    return token === null ? null : this.#token(agent, token);
  }

  #token(agent: string, token: string): TokenMarks {
    let own = this.#tokens.get(agent);
    if (own === undefined) {
      own = new Map();
      this.#tokens.set(agent, own);
    }
    let found = own.get(token);
    if (found === undefined) {
      found = new TokenMarks(agent, token);
      own.set(token, found);
    }
    return found;
  }

  /** The session's family, with the session now the one that acted last. */
  #use(who: Who, token: TokenMarks | null): Family | null {
    if (who.session === '') return null;
    const family = this.#sessionOf(keyOf(who.agent, who.session));
    if (token !== null) family.root().tokens.add(token);
    return family;
  }

  #sessionOf(key: string): Family {
    const known = this.#sessions.get(key);
    // Most often it is the one that acted last already: a Map whose entries are moved makes tables (see BriefMap).
    if (known !== undefined && known === this.#newest) return known;
    const family = known ?? new Family();
    if (known !== undefined) this.#sessions.delete(key);
    this.#sessions.set(key, family);
    this.#newest = family;
    if (known === undefined && this.#sessions.size > this.#mostSessions) this.#forgetOldest();
    return family;
  }

  /** Forgetting sheds nothing: its tokens keep what it held. */
  #forgetOldest(): void {
    for (const [key, family] of this.#sessions) {
      this.#sessions.delete(key);
      const { marks, expected, tokens } = family.root();
      for (const token of tokens) token.kept |= marks | expected.set;
      return;
    }
  }
}

/** Tokens and sessions belong to an agent; an id of an agent holds no slash. */
function keyOf(agent: string, id: string): string {
  return `${agent}/${id}`;
}
