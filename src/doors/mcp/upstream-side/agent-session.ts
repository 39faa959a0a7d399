import { type Problem, problem } from '../../../base/errors.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import type { Cut } from '../../../pipeline/stop/live.ts';
import type { UpstreamHalt } from '../../../pipeline/stop/upstream-halt.ts';
import { Backoff } from './backoff.ts';
import type { UpstreamLimits } from './config.ts';
import type { Session } from './session.ts';

interface AgentSessionDeps {
  readonly upstream: string;
  readonly limits: UpstreamLimits;
  readonly monotonicMs: () => number;
  readonly log: (line: string) => void;
  readonly open: (signal: AbortSignal) => Promise<Result<Session, Problem>>;
  readonly agent: string;
  readonly halt: UpstreamHalt;
}

/**
 * One agent's own session with one upstream in one generation: opened at the first call, ended when idle, opened again
 * at the next call. After a crash the next start waits its turn; a call waits for it a moment, and is refused beyond.
 */
export class AgentSession {
  readonly #deps: AgentSessionDeps;
  readonly #backoff: Backoff;
  #current: Promise<Result<Session, Problem>> | null = null;
  #session: Session | null = null;
  readonly #stopped = new AbortController();
  #notBeforeMs = 0;
  #usedMs = 0;
  #beganMs = 0;
  #idleTimer: NodeJS.Timeout | undefined;
  /** Of the opening that is under way. */
  #cutOpening: AbortController | null = null;
  #leave: () => void = () => undefined;

  constructor(deps: AgentSessionDeps) {
    this.#deps = deps;
    this.#backoff = new Backoff(deps.limits.backoffMs);
  }

  get session(): Session | null {
    return this.#session;
  }

  get(): Promise<Result<Session, Problem>> {
    this.#usedMs = this.#deps.monotonicMs();
    if (this.#session !== null && !this.#session.alive) this.#lose(this.#session);
    if (this.#current !== null) return this.#current;
    // A handshake is bytes too.
    if (!this.#deps.halt.mayOpen(this.#deps.agent, this.#deps.upstream))
      return Promise.resolve(this.#unavailable());
    const waitMs = this.#notBeforeMs - this.#deps.monotonicMs();
    if (waitMs > this.#deps.limits.backoffWaitMs || this.#stopped.signal.aborted) {
      return Promise.resolve(this.#unavailable());
    }
    this.#current = this.#open(waitMs);
    return this.#current;
  }

  async stop(): Promise<void> {
    this.#stopped.abort();
    clearTimeout(this.#idleTimer);
    const current = await this.#current;
    if (current?.ok) await current.value.end();
  }

  /** A stop: what is being opened is not; at `killed` its process or sockets end. */
  #cut(level: Cut): Promise<void> | null {
    const session = this.#session;
    if (session === null) {
      if (this.#cutOpening === null) return null;
      this.#cutOpening.abort();
      return this.#current?.then(() => undefined) ?? null;
    }
    if (level !== 'killed') return null;
    this.#drop();
    // A server of its own could go on with what it has begun for as long as it is let.
    return session.end(true);
  }

  #drop(): void {
    clearTimeout(this.#idleTimer);
    this.#leave();
    this.#session = null;
    this.#current = null;
  }

  #unavailable(): { readonly ok: false; readonly error: Problem } {
    return err(problem('UPSTREAM_UNAVAILABLE', { upstream: this.#deps.upstream }));
  }

  async #open(waitMs: number): Promise<Result<Session, Problem>> {
    const { agent, upstream, limits, halt, log } = this.#deps;
    const cut = new AbortController();
    this.#cutOpening = cut;
    const about = { agent, upstream };
    this.#leave = halt.register({
      kind: 'upstream',
      name: upstream,
      about,
      cut: (level) => this.#cut(level),
    });
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    const patience = AbortSignal.any([
      this.#stopped.signal,
      cut.signal,
      AbortSignal.timeout(limits.connectMs),
    ]);
    const opened = await this.#deps.open(patience);
    this.#cutOpening = null;
    if (!opened.ok) {
      this.#leave();
      log(`upstream ${upstream}: no session for an agent: ${opened.error.sentence}`);
      this.#current = null;
      this.#delay();
      return this.#unavailable();
    }
    this.#begin(opened.value);
    return ok(opened.value);
  }

  #begin(session: Session): void {
    this.#session = session;
    this.#beganMs = this.#deps.monotonicMs();
    this.#watchIdleness(this.#deps.limits.idleMs);
    void session.ended.then(() => this.#lose(session));
  }

  #lose(session: Session): void {
    if (this.#session !== session) return;
    const { limits, monotonicMs } = this.#deps;
    this.#drop();
    if (monotonicMs() - this.#beganMs > limits.backoffMs.most) this.#backoff.reset();
    this.#delay();
    void session.retire();
  }

  #delay(): void {
    this.#notBeforeMs = this.#deps.monotonicMs() + this.#backoff.next();
  }

  #watchIdleness(inMs: number): void {
    const { limits, monotonicMs } = this.#deps;
    this.#idleTimer = setTimeout(() => {
      const session = this.#session;
      if (session === null) return;
      if (session.busy) this.#usedMs = monotonicMs();
      const leftMs = this.#usedMs + limits.idleMs - monotonicMs();
      if (leftMs > 0) {
        this.#watchIdleness(leftMs);
        return;
      }
      this.#drop();
      void session.end();
    }, inMs);
    this.#idleTimer.unref();
  }
}
