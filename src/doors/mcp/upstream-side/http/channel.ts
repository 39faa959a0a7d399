import type { Dispatcher } from 'undici';
import { type Problem, problem } from '../../../../base/errors.ts';
import type { JsonObject } from '../../../../base/json.ts';
import { LIMITS } from '../../../../base/limits.ts';
import type { Generation } from '../../../../pipeline/ports/call.ts';
import type { Reply } from '../../../../pipeline/ports/upstream.ts';
import { AskDesk, type AskedBack } from '../ask-desk.ts';
import { Backoff } from '../backoff.ts';
import { declaredTo, toldWith } from '../capabilities.ts';
import type { Call, Channel, OnNotification } from '../channel.ts';
import type { HttpUpstream, UpstreamLimits } from '../config.ts';
import { cancelParams, frameNotification, frameRequest } from '../frame.ts';
import type { UpstreamMessage } from '../message.ts';
import { lostAnswer, notTaken, replyOf } from '../reply.ts';
import { Running, type RunningOwner } from '../running.ts';
import { Exchange, type ExchangeEnd } from './exchange.ts';
import { openPool } from './pool.ts';
import { RequestHeaders } from './request-headers.ts';
import { SideStream } from './side-stream.ts';
import { statusReply } from './status-reply.ts';

/** After the answer has come, how long the rest of an event stream may take before its connection is cut. */
const LINGER_MS = 1000;
/** How long a message of ours that nobody waits for (a cancellation, the end of a session) may take. */
const COURTESY_MS = 2000;
/** Answers of ours, to what an upstream asks on the streams of one session, that may be on their way; more are not sent. */
const ANSWERS_IN_FLIGHT = 16;

/**
 * Streamable HTTP: one POST per call over a pool of kept connections that belongs to this session alone. Redirects are
 * answers and never followed, so no header of ours, secrets included, reaches another origin.
 */
export class HttpChannel implements Channel, RunningOwner {
  readonly generation: Generation;
  readonly isProcess = false;
  readonly ended: Promise<Problem>;
  readonly capabilities: JsonObject;
  alive = true;
  readonly #upstream: string;
  readonly #limits: UpstreamLimits;
  readonly #onNotification: OnNotification;
  readonly #pool: ReturnType<typeof openPool>;
  readonly #path: string;
  readonly #headers: RequestHeaders;
  readonly #running = new Map<Running, Exchange>();
  #nextId = 1;
  #answering = 0;
  readonly #asks: AskDesk;
  /** What the server says by itself. */
  readonly #side: SideStream;
  #ending: Promise<void> | null = null;
  #resolveEnded: (why: Problem) => void = () => {};

  constructor(
    config: HttpUpstream,
    generation: Generation,
    limits: UpstreamLimits,
    onNotification: OnNotification,
  ) {
    const url = new URL(config.url);
    this.#upstream = config.id;
    this.generation = generation;
    this.#limits = limits;
    this.#onNotification = onNotification;
    this.capabilities = declaredTo(config.asking);
    this.#asks = new AskDesk(
      config.id,
      generation,
      config.asking,
      (answer) => this.#answer(answer),
      () => this.hear(),
    );
    this.#side = new SideStream({
      upstream: config.id,
      limits,
      backoff: new Backoff(limits.backoffMs),
      open: (exchange) => this.#dispatch('GET', this.#headers.ofStream(), null, exchange),
      onMessage: (message) => this.#onSideMessage(message, null),
    });
    this.#path = url.pathname + url.search;
    this.#headers = new RequestHeaders(config.headers, generation);
    this.#pool = openPool(url.origin, {
      connections: limits.connections,
      connect: { timeout: limits.connectMs },
      headersTimeout: 0, // a call has one time-out, its own
      bodyTimeout: 0,
      pipelining: 1,
      allowH2: false,
    });
    this.ended = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
  }

  call(call: Call): Promise<Reply> {
    const refusal = notTaken(this.#upstream, this, this.#limits.callsPerSession, call);
    if (refusal !== null) return Promise.resolve(refusal);
    const running = new Running(this.#nextId++, call, this.#upstream, this);
    const exchange: Exchange = new Exchange(
      {
        admit: () => running.admit(),
        onHead: (status, headers) => this.#onHead(running, status, headers['mcp-session-id']),
        onMessage: (message, status) => this.#onMessage(running, message, status),
        onEnd: (end) => this.#onEnd(running, exchange, end),
      },
      this.#upstream,
      this.#limits,
    );
    this.#running.set(running, exchange);
    const body = frameRequest(this.generation, running.id, call, toldWith(call, this.capabilities));
    this.#dispatch('POST', this.#headers.ofCall(call), body, exchange);
    return running.reply;
  }

  get load(): number {
    return this.#running.size;
  }

  get headed(): boolean {
    return this.generation === '2026';
  }

  stderr(): string {
    return '';
  }

  async notify(method: string, paramsText: string): Promise<void> {
    if (!this.alive) return;
    const body = frameNotification(this.generation, method, paramsText);
    await this.#courtesy('POST', this.#headers.ofMessage(method), body);
  }

  agree(version: string): void {
    this.#headers.agree(version);
  }

  /** 2025: the stream on which a server may speak by itself. 2026-07-28 has none: there it is a call, and listens so. */
  hear(): void {
    if (this.generation === '2025' && this.alive) this.#side.open();
  }

  end(): Promise<void> {
    this.#ending ??= this.#end();
    return this.#ending;
  }

  async #end(): Promise<void> {
    const namedSession = this.#headers.namesSession && this.alive;
    this.#close(problem('UPSTREAM_LOST', { upstream: this.#upstream }));
    for (const [running, exchange] of [...this.#running]) {
      running.lose(problem('UPSTREAM_LOST', { upstream: this.#upstream }));
      exchange.abort();
    }
    if (namedSession) await this.#courtesy('DELETE', this.#headers.plain(), null);
    await this.#pool.destroy();
  }

  onGivenUp(running: Running, why: string): void {
    // 2026-07-28: closing the stream is the cancellation. 2025: a message, and then the answer is not waited for.
    if (this.generation === '2025' && running.call.method !== 'initialize') {
      void this.notify('notifications/cancelled', cancelParams(running.id, why));
    }
  }

  onSettled(running: Running): void {
    const exchange = this.#running.get(running);
    this.#running.delete(running);
    if (exchange === undefined || exchange.over) return;
    if (!running.answered) exchange.abort();
    else setTimeout(() => exchange.abort(), LINGER_MS).unref();
  }

  #dispatch(
    method: 'POST' | 'GET' | 'DELETE',
    headers: Record<string, string>,
    body: string | null,
    exchange: Exchange,
  ): void {
    const options: Dispatcher.DispatchOptions = { path: this.#path, method, headers, body };
    try {
      this.#pool.dispatch(options, exchange);
    } catch {
      exchange.abort();
    }
  }

  #onHead(running: Running, status: number, sessionId: string | string[] | undefined): void {
    if (this.generation !== '2025') return;
    if (running.call.method === 'initialize') {
      this.#headers.nameSession(sessionId);
    } else if (status === 404 && this.#headers.namesSession) {
      // 2025-11-25, "Session Management": 404 says that the session is over. This call is not sent again; a later one
      // finds a new session.
      this.#close(problem('UPSTREAM_LOST', { upstream: this.#upstream }));
    }
  }

  #onMessage(running: Running, message: UpstreamMessage, status: number): void {
    if (message.kind === 'result' && message.id === running.id) {
      running.answer(replyOf(this.#upstream, running.call, this.generation, message.result));
    } else if (
      message.kind === 'error' &&
      (message.id === running.id || (message.id === null && status >= 400))
    ) {
      running.answer({ kind: 'error', error: message.error });
    } else if (message.kind === 'stray' && message.id === running.id) {
      running.answer({ kind: 'lost', problem: message.why });
    } else if (message.kind === 'notification' && message.method === 'notifications/progress') {
      if (message.params['progressToken'] === running.id) running.progress(message.params);
    } else if (message.kind !== 'notification' || !running.notify(message.method, message.params)) {
      this.#onSideMessage(message, running.mayBeAsked ? running : null);
    }
  }

  #onSideMessage(message: UpstreamMessage, own: Running | null): void {
    if (message.kind === 'notification') {
      this.#asks.hear(message.method, message.params);
      this.#onNotification(message.method, message.params);
    }
    // 2026-07-28 has no requests from servers; there is nobody to answer.
    if (this.generation !== '2025') return;
    if (message.kind === 'stray' && message.asks !== null) this.#asks.refuseUnread(message.asks);
    if (message.kind !== 'request') return;
    this.#asks.take(message, own, this.#running.keys());
  }

  /** An answer to what the server asked: a POST of its own, which may wait for a connection. */
  #answer({ text, admit }: AskedBack): void {
    if (!this.alive || this.#answering >= ANSWERS_IN_FLIGHT) return;
    this.#answering++;
    const admitted = () => admit?.() !== false;
    void this.#courtesy('POST', this.#headers.ofMessage(), text, admitted).then(() => this.#answering--);
  }

  #onEnd(running: Running, exchange: Exchange, end: ExchangeEnd): void {
    if (running.settled || this.#takeUp(running, exchange, end)) return;
    const limit = this.#limits.messageBytes;
    const own = running.call.admit === undefined;
    if (end.kind === 'too-large') {
      const large = problem('UPSTREAM_ANSWER_TOO_LARGE', { upstream: this.#upstream, limit });
      running.answer({ kind: 'lost', problem: large });
    } else if (end.kind === 'unreadable') {
      running.answer(lostAnswer(this.#upstream, end.what));
    } else if (end.kind === 'complete' && running.takenUp === 0) {
      running.answer(statusReply(this.#upstream, end.status, running.call));
    } else if (end.kind === 'broken' && own && !running.sent) {
      running.answer(lostAnswer(this.#upstream, `no connection (${end.code})`));
    } else {
      running.lose(problem('UPSTREAM_LOST', { upstream: this.#upstream }));
    }
  }

  /**
   * 2025-11-25, "Sending Messages to the Server": a server may close a stream before it has answered, and give the
   * answer on one that takes up at the last event. That is a GET; the call itself is not sent again. "Resumability and
   * Redelivery": the wait that a server names is kept, within bounds of ours. False: there is nothing to take up.
   */
  #takeUp(running: Running, from: Exchange, end: ExchangeEnd): boolean {
    if (from.lastEventId !== null) running.lastEventId = from.lastEventId;
    if (from.retryMs !== null) running.retryMs = Math.min(from.retryMs, LIMITS.upstreamRetryMs);
    const lastId = running.lastEventId;
    if (this.generation !== '2025' || lastId === null || !this.alive) return false;
    if (end.kind !== 'broken' && (end.kind !== 'complete' || end.status !== 200)) return false;
    if (++running.takenUp > this.#limits.streamsPerCall) return false;
    running.call.onBroken?.();
    const next: Exchange = new Exchange(
      {
        admit: () => !running.settled,
        // Its status is that of the GET, and says nothing of the call.
        onMessage: (message) => this.#onMessage(running, message, 0),
        onEnd: (ended) => this.#onEnd(running, next, ended),
      },
      this.#upstream,
      this.#limits,
    );
    this.#running.set(running, next);
    const headers = this.#headers.ofStream(lastId);
    const waitMs = Math.max(running.retryMs ?? 0, this.#limits.backoffMs.first);
    setTimeout(() => {
      if (!running.settled) this.#dispatch('GET', headers, null, next);
    }, waitMs);
    return true;
  }

  /** Sends something whose answer is of no interest; resolves at its end, however that came. */
  #courtesy(
    method: 'POST' | 'DELETE',
    headers: Record<string, string>,
    body: string | null,
    admit: () => boolean = () => true,
  ): Promise<void> {
    return new Promise((resolve) => {
      const late = setTimeout(() => exchange.abort(), COURTESY_MS);
      const onEnd = () => {
        clearTimeout(late);
        resolve();
      };
      const events = { admit, onMessage: () => {}, onEnd };
      const exchange: Exchange = new Exchange(events, this.#upstream, this.#limits);
      this.#dispatch(method, headers, body, exchange);
    });
  }

  #close(why: Problem): void {
    if (!this.alive) return;
    this.alive = false;
    this.#side.close();
    this.#asks.close();
    this.#resolveEnded(why);
  }
}
