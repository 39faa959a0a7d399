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
import type { Answer } from '../ports/answer.ts';
import type { CallControl, Caller, Generation } from '../ports/call.ts';
import type { Listing } from '../ports/corridor.ts';
import { LIST_KINDS, type Listener, type ListKind, type OpenListener } from '../ports/listener.ts';
import type { OnMessage } from '../ports/upstream.ts';
import type { Rooms } from '../rooms.ts';
import type { Standing } from '../standing.ts';
import { AttachedListener, type ListenerKeeper, type Shown } from './attached-listener.ts';
import { NOTHING_LISTED, shownTo } from './listing.ts';
import { cleanMessage } from './log-message.ts';

/**
 * What agents are told without having just asked: that what they are shown has changed, that a resource they are
 * subscribed to has, and what an upstream logs outside of calls. Nothing goes out because an upstream says so: each time
 * it is looked at whether the agent lives, its token holds, it is not stopped, and may (still) read what it is about.
 */
export class Notices implements ListenerKeeper {
  readonly #rooms: Rooms;
  readonly #standing: Standing;
  readonly #tokens: Tokens;
  readonly #listeners = new Map<string, Set<AttachedListener>>();
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

  listen(listener: Listener): Result<OpenListener, Problem> {
    const { agent } = listener.caller;
    const own = this.#listeners.get(agent) ?? new Set();
    if (own.size >= LIMITS.listenersPerAgent)
      return err(problem('TOO_MANY_STREAMS', { limit: LIMITS.listenersPerAgent }));
    const open = new AttachedListener(listener, this);
    open.shown = listener.lists.size === 0 ? null : this.shownOn(listener);
    this.#listeners.set(agent, own.add(open));
    this.#sweep ??= setInterval(() => this.#endDead(), LIMITS.listenerSweepMs).unref();
    return ok(open);
  }

  close(open: AttachedListener): void {
    const own = this.#listeners.get(open.listener.caller.agent);
    own?.delete(open);
    if (own?.size === 0) this.#listeners.delete(open.listener.caller.agent);
    if (this.#listeners.size > 0 || this.#sweep === null) return;
    clearInterval(this.#sweep);
    this.#sweep = null;
  }

  readonly onMessage: OnMessage = (upstream, agent, params) => {
    if (whyNotNow(this.#rooms, agent, { upstream }) !== null) return;
    for (const open of this.#listeners.get(agent) ?? []) {
      const { listener } = open;
      if (listener.log === null || (listener.upstream !== null && listener.upstream !== upstream)) continue;
      if (!this.mayTell(open) || !open.hasRoomForMessage(this.#rooms.clock.monotonicMs())) continue;
      const message = cleanMessage(this.#rooms, params, listener.log.level());
      if (message === null) continue;
      this.#markAsRead({ ...listener.caller, session: listener.log.session });
      listener.tell('notifications/message', message);
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

  subscriptionsOf(agent: string): number {
    let count = 0;
    for (const open of this.#listeners.get(agent) ?? []) count += open.size;
    return count;
  }

  /** Whether anything may be told there now. A listener whose token or agent is gone is ended. */
  mayTell(open: AttachedListener): boolean {
    if (!this.#lives(open)) {
      open.end();
      return false;
    }
    return whyNotNow(this.#rooms, open.listener.caller.agent) === null;
  }

  mayBeTold(open: AttachedListener, attempt: Attempt): 'now' | 'after the stop' | 'never' {
    if (!this.mayTell(open)) return 'after the stop';
    const inForce = this.#rooms.inForce();
    const prepared = prepare(this.#rooms, inForce, attempt, open.listener.generation);
    if (prepared.kind !== 'ready') return 'never';
    if (whyNotNow(this.#rooms, attempt.agent, prepared.action) !== null) return 'after the stop';
    return decide(this.#rooms, inForce, prepared).decision === 'allow' ? 'now' : 'never';
  }

  shownOn({ caller, upstream, generation }: Listener): Shown {
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

  #lives({ listener: { caller } }: AttachedListener): boolean {
    const { token, ofRun = token } = caller;
    return (
      this.#tokens.isLive(token) &&
      this.#tokens.isLive(ofRun) &&
      this.#rooms.inForce().agents.has(caller.agent)
    );
  }

  /** Ends at once the listeners that must end. What the others are shown is looked at in a moment, once for many changes. */
  #changed(): void {
    this.#shown.clear();
    if (this.#listeners.size === 0) return;
    this.#endDead();
    this.#noteStops();
    this.#due ??= setTimeout(() => {
      this.#due = null;
      this.#tellAll();
    }, LIMITS.shownGapMs).unref();
  }

  #endDead(): void {
    for (const own of this.#listeners.values())
      for (const open of [...own]) if (!this.#lives(open)) open.end();
  }

  /**
   * A stopped agent is shown nothing from this tick on. That is noted now, because the stop may be over when `#tellAll` looks,
   * and the client may have asked for a list in between.
   */
  #noteStops(): void {
    for (const [agent, own] of this.#listeners) {
      if (whyNotNow(this.#rooms, agent) === null) continue;
      for (const open of own)
        if (open.shown !== null) open.shown = this.#joined(open.listener.upstream, () => NOTHING_SHOWN);
    }
  }

  #tellAll(): void {
    for (const own of this.#listeners.values())
      for (const open of [...own]) {
        this.#tellOfLists(open);
        open.tellMissed();
      }
  }

  #tellOfLists(open: AttachedListener): void {
    const { listener, shown: before } = open;
    if (before === null) return;
    // A stopped agent is shown nothing and told nothing. It is told of the change once it is shown something again.
    const now = this.shownOn(listener);
    open.shown = now;
    if (!this.mayTell(open)) return;
    for (const kind of LIST_KINDS)
      if (listener.lists.has(kind) && now[kind] !== before[kind])
        listener.tell(`notifications/${kind}/list_changed`, {});
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
