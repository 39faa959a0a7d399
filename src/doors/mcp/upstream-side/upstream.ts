import type { Clock } from '../../../base/clock.ts';
import { type Problem, problem } from '../../../base/errors.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { Generation } from '../../../pipeline/ports/call.ts';
import type {
  Definitions,
  OnListed,
  OnMessage,
  Upstream,
  UpstreamSession,
} from '../../../pipeline/ports/upstream.ts';
import type { UpstreamHalt } from '../../../pipeline/stop/upstream-halt.ts';
import { AgentSession } from './agent-session.ts';
import { Backoff } from './backoff.ts';
import type { UpstreamConfig, UpstreamLimits } from './config.ts';
import { Failures } from './failures.ts';
import { type Found, findBoth, findOne } from './generations.ts';
import { HttpChannel } from './http/channel.ts';
import { Session } from './session.ts';
import { StdioChannel } from './stdio/channel.ts';

interface UpstreamDeps {
  readonly clock: Clock;
  readonly onListed: OnListed;
  readonly onMessage: OnMessage;
  readonly log: (line: string) => void;
  readonly limits: UpstreamLimits;
  readonly halt: UpstreamHalt;
}

/**
 * One configured upstream: the sessions that belong to no agent (one per generation it speaks), kept connected and
 * compared; and each agent's own. What the upstream lists is told to `onListed` every time it has been read.
 */
export class ManagedUpstream implements Upstream {
  readonly id: string;
  readonly #config: UpstreamConfig;
  readonly #deps: UpstreamDeps;
  readonly #agents = new Map<string, AgentSession>();
  readonly #stopping = new AbortController();
  readonly #failures = new Failures();
  readonly #stopped: Promise<Problem>;
  /** Every session that has been opened and is not gone. */
  readonly #sessions = new Set<Session>();
  /** Processes and sockets of failed attempts that are not gone yet. */
  readonly #leaving = new Set<Promise<void>>();
  #found: Found = new Map();
  #generations: readonly Generation[] = [];
  #supervision: Promise<void> = Promise.resolve();

  constructor(config: UpstreamConfig, deps: UpstreamDeps) {
    this.id = config.id;
    this.#config = config;
    this.#deps = deps;
    this.#stopped = new Promise((resolve) => {
      this.#stopping.signal.addEventListener('abort', () => resolve(this.#unavailable()), { once: true });
    });
  }

  generations(): readonly Generation[] {
    return this.#generations;
  }

  async list(generation: Generation): Promise<Result<Definitions, Problem>> {
    const session = this.#found.get(generation);
    if (session === undefined) return err(this.#unavailable());
    return this.#isQuiet ? ok(session.definitions()) : session.relist();
  }

  listSoon(generation: Generation): void {
    if (!this.#isQuiet) this.#found.get(generation)?.relistSoon();
  }

  session(agent: string, generation: Generation): Promise<Result<UpstreamSession, Problem>> {
    const common = this.#found.get(generation);
    if (common === undefined || this.#stopping.signal.aborted) {
      return Promise.resolve(err(this.#unavailable()));
    }
    if (this.#config.shared) return Promise.resolve(ok(common));
    return this.#agentSession(agent, generation).get();
  }

  /** Resolves when it is connected for the first time, or given up on for now; it goes on trying. */
  async start(): Promise<void> {
    const { log, limits } = this.#deps;
    let late: NodeJS.Timeout | undefined;
    const givenUp = new Promise<void>((resolve) => {
      late = setTimeout(() => {
        log(`upstream ${this.id} is not connected yet; its operations are denied until it is`);
        resolve();
      }, limits.connectMs);
    });
    const connected = new Promise<void>((resolve) => {
      this.#supervision = this.#keepConnected(resolve);
    });
    await Promise.race([connected, givenUp]);
    clearTimeout(late);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    const agents = [...this.#agents.values()].map((agent) => agent.stop());
    const sessions = [...this.#sessions].map((session) => session.end());
    await Promise.all([...agents, ...sessions, this.#supervision]);
    await Promise.all(this.#leaving);
    this.#agents.clear();
  }

  /** Why it could not be connected the last time; null where it is, or nothing was tried yet. */
  get trouble(): string | null {
    return this.#failures.reason;
  }

  /** The last of each process's stderr, by `pins <generation>` or the agent; unscrubbed. */
  stderr(): ReadonlyMap<string, string> {
    const texts = new Map<string, string>();
    for (const [generation, session] of this.#found) texts.set(`pins ${generation}`, session.stderr());
    for (const [name, agent] of this.#agents) if (agent.session) texts.set(name, agent.session.stderr());
    return texts;
  }

  /** Everything, or this upstream, is stopped: nothing is asked of it, not even what it lists. */
  get #isQuiet(): boolean {
    return !this.#deps.halt.mayOpen(null, this.id);
  }

  #unavailable(): Problem {
    return problem('UPSTREAM_UNAVAILABLE', { upstream: this.id });
  }

  #agentSession(agent: string, generation: Generation): AgentSession {
    const key = `${agent} ${generation}`;
    const known = this.#agents.get(key);
    if (known !== undefined) return known;
    const { clock, halt, limits, log } = this.#deps;
    const session = new AgentSession({
      upstream: this.id,
      agent,
      halt,
      limits,
      log,
      monotonicMs: () => clock.monotonicMs(),
      open: (signal) => this.#open(generation, signal, agent),
    });
    this.#agents.set(key, session);
    return session;
  }

  /** `agent`: whose own it is; absent: it belongs to none. */
  async #open(
    generation: Generation,
    signal: AbortSignal,
    agent?: string,
  ): Promise<Result<Session, Problem>> {
    const { limits } = this.#deps;
    const config = this.#config;
    const opened = await Session.open({
      upstream: this.id,
      limits,
      owner:
        agent === undefined ? null : { onMessage: (params) => this.#deps.onMessage(this.id, agent, params) },
      signal: AbortSignal.any([signal, this.#stopping.signal]),
      openChannel: (onNotification) =>
        config.kind === 'stdio'
          ? new StdioChannel(config, generation, limits, onNotification)
          : new HttpChannel(config, generation, limits, onNotification),
      onLeaving: (left) => {
        this.#leaving.add(left);
        void left.then(() => this.#leaving.delete(left));
      },
    });
    if (!opened.ok) return opened;
    const session = opened.value;
    if (this.#stopping.signal.aborted) {
      await session.end();
      return err(this.#unavailable());
    }
    this.#sessions.add(session);
    void session.gone.then(() => this.#sessions.delete(session));
    return opened;
  }

  async #keepConnected(onFirst: () => void): Promise<void> {
    const { log, limits, clock } = this.#deps;
    const backoff = new Backoff(limits.backoffMs);
    while (!this.#stopping.signal.aborted) {
      const found = await this.#find();
      if (found.ok) {
        const beganMs = clock.monotonicMs();
        this.#adopt(found.value);
        onFirst();
        const why = await this.#untilLost(found.value);
        this.#found = new Map();
        this.#generations = [];
        if (this.#stopping.signal.aborted) {
          await Promise.all([...found.value.values()].map((session) => session.end()));
          return;
        }
        // Calls of agents that share it may be under way.
        for (const session of found.value.values()) void session.retire();
        log(`upstream ${this.id} was lost: ${why.sentence}`);
        if (clock.monotonicMs() - beganMs > limits.backoffMs.most) backoff.reset();
      } else if (!this.#stopping.signal.aborted) {
        const said = this.#failures.note(found.error.sentence, clock.monotonicMs());
        if (said !== null) log(`upstream ${this.id} is not connected: ${said}`);
      }
      await Promise.all([this.#pause(backoff.next()), ...this.#leaving]);
    }
  }

  #find(): Promise<Result<Found, Problem>> {
    const open = (generation: Generation, signal: AbortSignal) => this.#open(generation, signal);
    if (!this.#config.shared || this.#config.kind === 'http') return findBoth(open, this.#deps.limits);
    // One process is one process: the next is not started before the last is gone.
    const openAlone: typeof open = async (generation, signal) => {
      const opened = await open(generation, signal);
      await Promise.all(this.#leaving);
      return opened;
    };
    return findOne(openAlone, this.#deps.limits);
  }

  #adopt(found: Found): void {
    const { log, onListed } = this.#deps;
    // Before the first list is told: whoever pins must know how many are still to come.
    this.#generations = [...found.keys()];
    for (const [generation, session] of found) {
      session.onListed = (definitions) => onListed(this.id, generation, definitions);
      onListed(this.id, generation, session.definitions());
    }
    this.#found = found;
    const versions = [...found.values()].map((session) => session.version).join(', ');
    log(`upstream ${this.id} is connected: ${versions}${this.#failures.end()}`);
  }

  /** Watches the sessions and reads their lists at intervals, until one is lost or everything stops. */
  async #untilLost(found: Found): Promise<Problem> {
    const sessions = [...found.values()];
    let lost: (why: Problem) => void = () => {};
    const broken = new Promise<Problem>((resolve) => {
      lost = resolve;
    });
    const check = async () => {
      if (this.#isQuiet) return;
      for (const session of sessions) {
        const listed = await session.relist();
        if (listed.ok) continue;
        this.#deps.log(`upstream ${this.id}: its lists could not be read: ${listed.error.sentence}`);
        // A busy server may be late; anything else means that it can no longer be compared with its pins.
        const { code } = listed.error;
        if (code !== 'UPSTREAM_TIMEOUT' && code !== 'UPSTREAM_BUSY') lost(listed.error);
      }
    };
    const timer = setInterval(() => void check(), this.#deps.limits.pinCheckMs);
    const why = await Promise.race([broken, this.#stopped, ...sessions.map((session) => session.ended)]);
    clearInterval(timer);
    return why;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.#stopping.signal.aborted) {
        resolve();
        return;
      }
      const done = () => {
        clearTimeout(timer);
        this.#stopping.signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      this.#stopping.signal.addEventListener('abort', done, { once: true });
    });
  }
}
