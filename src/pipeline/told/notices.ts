import { minuteOf } from '../../base/duration.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { digestOf } from '../../base/hash.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Who } from '../../history/index.ts';
import type { Attempt } from '../../model/action.ts';
import { act } from '../act.ts';
import { decide } from '../action/decide.ts';
import { prepare } from '../action/prepare.ts';
import { whyNotNow } from '../action/why-not-now.ts';
import type { Tokens } from '../credentials/tokens.ts';
import {
  type Answer,
  type CallControl,
  type Caller,
  type Ear,
  type Generation,
  type Hearing,
  LIST_KINDS,
  type Listing,
  type ListKind,
  type OnMessage,
} from '../ports.ts';
import type { Rooms } from '../rooms.ts';
import type { Standing } from '../standing.ts';
import { NOTHING_LISTED, shownTo } from './listing.ts';
import { cleanMessage } from './log-message.ts';
import { Subscription } from './subscription.ts';

/** Digests of what an agent is shown, one for each kind of list. */
type Shown = Readonly<Record<ListKind, string>>;

/**
 * What agents are told without having just asked: that what they are shown has changed, that a resource they are
 * subscribed to has, and what an upstream logs outside of calls. Nothing goes out because an upstream says so: each time
 * it is looked at whether the agent lives, its token holds, it is not stopped, and may (still) read what it is about.
 */
export class Notices {
  readonly #rooms: Rooms;
  readonly #standing: Standing;
  readonly #tokens: Tokens;
  readonly #ears = new Map<string, Set<OpenEar>>();
  /** What was worked out since the last change, for all who are shown the same. */
  readonly #shown = new Map<string, Shown>();
  #due: NodeJS.Timeout | null = null;
  #sweep: NodeJS.Timeout | null = null;

  constructor(rooms: Rooms, standing: Standing, tokens: Tokens) {
    this.#rooms = rooms;
    this.#standing = standing;
    this.#tokens = tokens;
    const changed = () => this.#changed();
    standing.watch(changed);
    rooms.halt.watch(changed);
    tokens.watch(changed);
  }

  hear(ear: Ear): Result<Hearing, Problem> {
    const { agent } = ear.caller;
    const own = this.#ears.get(agent) ?? new Set();
    if (own.size >= LIMITS.earsPerAgent)
      return err(problem('TOO_MANY_STREAMS', { limit: LIMITS.earsPerAgent }));
    const open = new OpenEar(ear, this);
    open.shown = ear.lists.size === 0 ? null : this.shownOn(ear);
    this.#ears.set(agent, own.add(open));
    this.#sweep ??= setInterval(() => this.#endDead(), LIMITS.earSweepMs).unref();
    return ok(open);
  }

  close(open: OpenEar): void {
    const own = this.#ears.get(open.ear.caller.agent);
    own?.delete(open);
    if (own?.size === 0) this.#ears.delete(open.ear.caller.agent);
    if (this.#ears.size > 0 || this.#sweep === null) return;
    clearInterval(this.#sweep);
    this.#sweep = null;
  }

  readonly onMessage: OnMessage = (upstream, agent, params) => {
    if (whyNotNow(this.#rooms, agent, { upstream }) !== null) return;
    for (const open of this.#ears.get(agent) ?? []) {
      const { ear } = open;
      if (ear.log === null || (ear.upstream !== null && ear.upstream !== upstream)) continue;
      if (!this.mayHear(open) || !open.hasRoomForMessage(this.#rooms.clock.monotonicMs())) continue;
      const message = cleanMessage(this.#rooms, params, ear.log.level());
      if (message === null) continue;
      this.#markAsRead({ ...ear.caller, session: ear.log.session });
      ear.tell('notifications/message', message);
    }
  };

  /** What an upstream says unasked counts as a stranger's words, read from here on; kept with the next entry. */
  #markAsRead(who: Who): void {
    const { marks, clock, ids } = this.#rooms;
    const reading = ids();
    marks.expect(reading, who, ['untrusted']);
    if (marks.end(reading, true, clock.now()).length > 0) marks.unstored(who);
  }

  act(attempt: Attempt, generation: Generation, control: CallControl): Promise<Answer> {
    return act(this.#rooms, attempt, generation, control);
  }

  /** Subscriptions of one agent, over all its ears. */
  subscriptionsOf(agent: string): number {
    let count = 0;
    for (const open of this.#ears.get(agent) ?? []) count += open.size;
    return count;
  }

  /** Whether anything may be told there now. An ear whose token or agent is gone is ended. */
  mayHear(open: OpenEar): boolean {
    if (!this.#lives(open)) {
      open.end();
      return false;
    }
    return whyNotNow(this.#rooms, open.ear.caller.agent) === null;
  }

  /** Whether the agent may be told now of what it is subscribed to: that is a read, by the rules in force now. */
  mayBeTold(open: OpenEar, attempt: Attempt): 'now' | 'after the stop' | 'never' {
    if (!this.mayHear(open)) return 'after the stop';
    const inForce = this.#rooms.inForce();
    const prepared = prepare(this.#rooms, inForce, attempt, open.ear.generation);
    if (prepared.kind !== 'ready') return 'never';
    if (whyNotNow(this.#rooms, attempt.agent, prepared.action) !== null) return 'after the stop';
    return decide(this.#rooms, inForce, prepared).decision === 'allow' ? 'now' : 'never';
  }

  shownOn({ caller, upstream, generation }: Ear): Shown {
    return this.#joined(upstream, (id) => this.#shownOf(caller, id, generation));
  }

  #joined(upstream: string | null, shownOf: (upstream: string) => Shown): Shown {
    const ids = upstream === null ? [...this.#rooms.inForce().upstreams.keys()] : [upstream];
    const all = ids.map(shownOf);
    const [only] = all;
    if (only !== undefined && all.length === 1) return only;
    const join = (kind: ListKind) => digestOf(all.map((one) => one[kind]).join());
    return { tools: join('tools'), prompts: join('prompts'), resources: join('resources') };
  }

  #shownOf(caller: Caller, upstream: string, wanted: Generation): Shown {
    const generation = this.#rooms.pins.generationFor(upstream, wanted);
    const key = `${caller.token} ${upstream} ${generation}`;
    const known = this.#shown.get(key);
    if (known !== undefined) return known;
    const resources = this.#standing.resources(upstream, generation);
    const listing = shownTo(this.#rooms, { caller, upstream, generation }, resources);
    const shown = digestsOf(listing);
    this.#shown.set(key, shown);
    return shown;
  }

  #lives({ ear: { caller } }: OpenEar): boolean {
    const { token, ofRun = token } = caller;
    return (
      this.#tokens.isLive(token) &&
      this.#tokens.isLive(ofRun) &&
      this.#rooms.inForce().agents.has(caller.agent)
    );
  }

  /** Ears that must go, go now; what those that stay are shown is looked at in a moment, once for many changes. */
  #changed(): void {
    this.#shown.clear();
    if (this.#ears.size === 0) return;
    this.#endDead();
    this.#noteStops();
    this.#due ??= setTimeout(() => {
      this.#due = null;
      this.#tellAll();
    }, LIMITS.shownGapMs).unref();
  }

  #endDead(): void {
    for (const own of this.#ears.values()) for (const open of [...own]) if (!this.#lives(open)) open.end();
  }

  /** Who is stopped is shown nothing from this tick on, and may have asked by the time that it is looked at: it may be over by then. */
  #noteStops(): void {
    for (const [agent, own] of this.#ears) {
      if (whyNotNow(this.#rooms, agent) === null) continue;
      for (const open of own)
        if (open.shown !== null) open.shown = this.#joined(open.ear.upstream, () => NOTHING_SHOWN);
    }
  }

  #tellAll(): void {
    for (const own of this.#ears.values())
      for (const open of [...own]) {
        this.#tellOfLists(open);
        open.tellMissed();
      }
  }

  #tellOfLists(open: OpenEar): void {
    const { ear, shown: before } = open;
    if (before === null) return;
    // A stopped agent is shown nothing, and told nothing; that is told when it is shown something again.
    const now = this.shownOn(ear);
    open.shown = now;
    if (!this.mayHear(open)) return;
    for (const kind of LIST_KINDS)
      if (ear.lists.has(kind) && now[kind] !== before[kind])
        ear.tell(`notifications/${kind}/list_changed`, {});
  }
}

function digestsOf({ tools, prompts, resources, resourceTemplates }: Listing): Shown {
  const digest = (value: unknown) => digestOf(JSON.stringify(value));
  return {
    tools: digest(tools),
    prompts: digest(prompts),
    resources: digest([resources, resourceTemplates]),
  };
}

const NOTHING_SHOWN = digestsOf(NOTHING_LISTED);

/** One ear with what it is subscribed to. */
class OpenEar implements Hearing {
  readonly ear: Ear;
  /** What it was shown when it was last told; null where it does not want to know. */
  shown: Shown | null = null;
  readonly #notices: Notices;
  readonly #subscriptions = new Map<string, Subscription>();
  /** What changed while it was stopped: told once that is over. */
  readonly #missed = new Set<Subscription>();
  #asking = 0;
  #closed = false;
  #minute = -1;
  #messages = 0;

  constructor(ear: Ear, notices: Notices) {
    this.ear = ear;
    this.#notices = notices;
  }

  /** Subscriptions that stand or are asked for. */
  get size(): number {
    return this.#subscriptions.size + this.#asking;
  }

  hasRoomForMessage(nowMs: number): boolean {
    const minute = minuteOf(nowMs);
    if (minute !== this.#minute) {
      this.#minute = minute;
      this.#messages = 0;
    }
    return ++this.#messages <= LIMITS.messagesPerMinute;
  }

  async subscribe(attempt: Attempt, asked: string, control: CallControl): Promise<Answer> {
    const { caller, generation } = this.ear;
    if (this.#notices.subscriptionsOf(caller.agent) >= LIMITS.subscriptionsPerAgent) {
      const limit = LIMITS.subscriptionsPerAgent;
      return { kind: 'refused', problem: problem('TOO_MANY_SUBSCRIPTIONS', { limit }) };
    }
    const subscription = new Subscription(attempt, asked, {
      onUpdate: (one) => this.#tell(one),
      onLost: (one) => this.#lose(one),
    });
    this.#asking++;
    const answer = await this.#notices.act(attempt, generation, { ...rest(control), watch: subscription });
    this.#asking--;
    if (answer.kind !== 'result' || this.#closed) {
      subscription.end();
      return answer;
    }
    this.#subscriptions.get(asked)?.end();
    this.#subscriptions.set(asked, subscription);
    // After the answer: a client that is told before it knows that it is subscribed would not know of what.
    setImmediate(() => subscription.begin());
    return { ...answer, result: {} };
  }

  unsubscribe(asked: string): void {
    for (const one of this.#missed) if (one.asked === asked) this.#missed.delete(one);
    this.#subscriptions.get(asked)?.end();
    this.#subscriptions.delete(asked);
  }

  tellMissed(): void {
    for (const one of [...this.#missed]) {
      this.#missed.delete(one);
      this.#tell(one);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const subscription of this.#subscriptions.values()) subscription.end();
    this.#subscriptions.clear();
    this.#missed.clear();
    this.#notices.close(this);
  }

  end(): void {
    if (this.#closed) return;
    this.close();
    this.ear.end();
  }

  #tell(subscription: Subscription): void {
    if (this.#closed) return;
    const may = this.#notices.mayBeTold(this, subscription.attempt);
    // Looking may have ended it.
    if (this.#closed) return;
    if (may === 'after the stop') this.#missed.add(subscription);
    if (may === 'now') this.ear.tell('notifications/resources/updated', { uri: subscription.asked });
  }

  /**
   * 2026-07-28 has an end for a subscription: the client then listens anew. The older generation has none: its client is
   * told once more that the resource changed, so that it reads it again, and that is all it can be told.
   */
  #lose(subscription: Subscription): void {
    if (this.#closed || this.#subscriptions.get(subscription.asked) !== subscription) return;
    if (this.ear.generation === '2026') {
      this.end();
      return;
    }
    this.unsubscribe(subscription.asked);
    this.#tell(subscription);
  }
}

function rest({ signal }: CallControl): CallControl {
  return { signal };
}
