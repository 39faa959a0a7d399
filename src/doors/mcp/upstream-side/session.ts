import { type Problem, problem } from '../../../base/errors.ts';
import { isJsonObject, type Json, type JsonObject } from '../../../base/json.ts';
import { err, ok, type Result } from '../../../base/result.ts';
import { type HeaderParam, headerParamsOf, paramHeaders } from '../../../intake/header-params.ts';
import { type Pass, spend } from '../../../pipeline/pass.ts';
import type { Generation } from '../../../pipeline/ports/call.ts';
import type {
  Definitions,
  ExecuteControl,
  Order,
  Reply,
  TaskQuestion,
  TaskTerms,
  UpstreamSession,
} from '../../../pipeline/ports/upstream.ts';
import { Backoff } from './backoff.ts';
import { toldIn } from './capabilities.ts';
import type { Call, Channel, OnNotification } from './channel.ts';
import type { UpstreamLimits } from './config.ts';
import { paramsOf } from './frame.ts';
import { type Handshake, shakeHands } from './handshake.ts';
import { listDefinitions } from './lists.ts';
import { LOG_MESSAGE, type Owner, SessionLog } from './session-log.ts';
import { SessionTasks } from './session-tasks.ts';
import { isTooLate, type Reached, silenceOf } from './silence.ts';
import { RESOURCE_UPDATED, Subscriptions } from './subscriptions.ts';

const NO_HEADERS: Pick<Call, 'name' | 'headers'> = {};
const LIST_CHANGED = /^notifications\/(tools|prompts|resources)\/list_changed$/;

/** Which upstream, how it is reached, and whose session it becomes. */
interface Opening {
  readonly upstream: string;
  readonly limits: UpstreamLimits;
  /** The agent whose own it is; null: it belongs to none. */
  readonly owner: Owner | null;
  /** Given up when it aborts. */
  readonly signal: AbortSignal;
  /** Makes a channel that tells its notifications to the given function. */
  openChannel(onNotification: OnNotification): Channel;
  /** Given the end of a channel from which no session came: its process may need a while to go. */
  onLeaving(left: Promise<void>): void;
}

/** What was learnt of an upstream by meeting it over a channel. */
interface Met {
  readonly channel: Channel;
  readonly handshake: Handshake;
  readonly definitions: Definitions;
}

/**
 * A channel with its handshake done and its lists read. Whoever opens one ends it. Lists are read again when the
 * server says that they changed, and whenever `relist` is called.
 */
export class Session implements UpstreamSession {
  readonly generation: Generation;
  readonly version: string;
  /** Resolves when it has been ended and its process or sockets are gone. */
  readonly gone: Promise<void>;
  /** Told after each new reading of the lists. */
  onListed: (definitions: Definitions) => void = () => {};
  readonly #upstream: string;
  readonly #channel: Channel;
  readonly #handshake: Handshake;
  readonly #limits: UpstreamLimits;
  readonly #listenBackoff: Backoff;
  readonly #log: SessionLog;
  readonly #subscriptions: Subscriptions;
  readonly #tasks: SessionTasks;
  #definitions: Definitions;
  #paramHeaders: ReadonlyMap<string, readonly HeaderParam[]>;
  #reading: Promise<Result<Definitions, Problem>> | null = null;
  #nextReading: Promise<Result<Definitions, Problem>> | null = null;
  #relistTimer: NodeJS.Timeout | undefined;
  #listenTimer: NodeJS.Timeout | undefined;
  #listening = 0;
  #ending: Promise<void> | null = null;
  #resolveGone: () => void = () => {};

  private constructor({ upstream, limits, owner }: Opening, { channel, handshake, definitions }: Met) {
    this.#upstream = upstream;
    this.#channel = channel;
    this.#handshake = handshake;
    this.#limits = limits;
    this.#definitions = definitions;
    this.#paramHeaders = this.#declaredHeaders(definitions);
    this.#listenBackoff = new Backoff(limits.backoffMs);
    this.#subscriptions = new Subscriptions(upstream, channel, limits);
    void channel.ended.then(() => this.#subscriptions.lose());
    this.#tasks = new SessionTasks(channel, handshake.capabilities, limits);
    this.#log = new SessionLog(channel, handshake.capabilities, limits, owner);
    this.gone = new Promise((resolve) => {
      this.#resolveGone = resolve;
    });
    this.generation = channel.generation;
    this.version = handshake.version;
  }

  /**
   * Connects, meets and lists. On failure, or when `signal` aborts first, the channel is being ended when this resolves, and
   * `onLeaving` has been given the end of it.
   */
  static async open(opening: Opening): Promise<Result<Session, Problem>> {
    const { upstream, limits, signal } = opening;
    if (signal.aborted) return err(problem('UPSTREAM_UNAVAILABLE', { upstream }));
    let session: Session | null = null;
    let channel: Channel;
    try {
      channel = opening.openChannel((method, params) => {
        if (session !== null) session.#notified(method, params);
      });
    } catch {
      // An address or a command that the system does not even take.
      return err(problem('UPSTREAM_FAILED', { upstream, what: 'it cannot be reached as it is configured' }));
    }
    const onAbort = () => void channel.end(true);
    signal.addEventListener('abort', onAbort, { once: true });
    const { opened, reached } = await Session.#meet(opening, channel);
    signal.removeEventListener('abort', onAbort);
    if (!opened.ok || signal.aborted) {
      const died = !channel.alive;
      opening.onLeaving(channel.end());
      if (isTooLate(signal) || (!opened.ok && opened.error.code === 'UPSTREAM_TIMEOUT'))
        return err(silenceOf(upstream, channel, reached, limits.connectMs));
      return opened.ok || died ? err(await channel.ended) : opened;
    }
    session = opened.value;
    session.#hear();
    return opened;
  }

  static async #meet(
    opening: Opening,
    channel: Channel,
  ): Promise<{ opened: Result<Session, Problem>; reached: Reached }> {
    const { upstream, limits } = opening;
    const handshake = await shakeHands(upstream, channel, limits.connectMs);
    if (!handshake.ok) return { opened: handshake, reached: 'nothing' };
    const listed = await listDefinitions(upstream, channel, handshake.value, limits);
    if (!listed.ok) return { opened: listed, reached: 'handshake' };
    const met = { channel, handshake: handshake.value, definitions: listed.value };
    return { opened: ok(new Session(opening, met)), reached: 'handshake' };
  }

  get alive(): boolean {
    return this.#channel.alive;
  }

  get ended(): Promise<Problem> {
    return this.#channel.ended;
  }

  /** Calls waiting or under way, without our own subscriptions. */
  get load(): number {
    return this.#channel.load - this.#listening - this.#subscriptions.listening;
  }

  /** Whether anybody has anything of it: a call, or a subscription. */
  get busy(): boolean {
    return this.load > 0 || this.#subscriptions.size > 0;
  }

  stderr(): string {
    return this.#channel.stderr();
  }

  definitions(): Definitions {
    return this.#definitions;
  }

  execute(order: Order, pass: Pass, control: ExecuteControl): Promise<Reply> {
    const { signal, onProgress, onMessage, logLevel, onAsk, asker, watch, onBroken } = control;
    const task = this.#tasks.offer(order, control.tasks, this.#definitions);
    const capabilities = toldIn(this.#channel.capabilities, control.can, task?.extensions);
    if (logLevel !== undefined) this.#log.ask(logLevel);
    const { name, headers } = this.#channel.headed ? this.#headersOf(order) : NO_HEADERS;
    const call: Call = {
      method: order.method,
      paramsText: task === null ? paramsOf(order) : `${paramsOf(order).slice(0, -1)}${task.params}}`,
      name,
      headers,
      mayBeTask: task?.mayBeTask,
      admit: () => spend(pass, order.digest),
      signal,
      timeoutMs: this.#limits.callMs,
      onProgress,
      onNotification: onMessage === undefined ? undefined : this.#log.listener(onMessage),
      logLevel: onMessage === undefined ? undefined : logLevel,
      capabilities,
      onAsk,
      asker,
      onBroken,
    };
    if (watch !== undefined && order.method === 'resources/subscribe')
      return this.#subscriptions.subscribe(call, watch);
    const reply = this.#channel.call(call);
    return logLevel === undefined || onMessage === undefined ? reply : this.#log.during(reply, onMessage);
  }

  runsAsTask(order: Order, terms: TaskTerms): boolean {
    return this.generation === '2025' && this.#tasks.offer(order, terms, this.#definitions) !== null;
  }

  askTask(question: TaskQuestion): Promise<Reply> {
    return this.#tasks.ask(question);
  }

  hearTask(id: string, then: () => void): () => void {
    return this.#tasks.hear(id, then);
  }

  /** Reads the lists now: a reading that begins after this call, shared by all who ask meanwhile. */
  relist(): Promise<Result<Definitions, Problem>> {
    if (this.#reading === null) {
      this.#reading = this.#read();
      return this.#reading;
    }
    this.#nextReading ??= this.#reading.then(() => {
      this.#nextReading = null;
      this.#reading = this.#read();
      return this.#reading;
    });
    return this.#nextReading;
  }

  /** Reads the lists again in a moment; many such wishes are one reading. */
  relistSoon(): void {
    if (this.#relistTimer !== undefined) return;
    this.#relistTimer = setTimeout(() => {
      this.#relistTimer = undefined;
      if (this.alive) void this.relist();
    }, this.#limits.relistGapMs);
    this.#relistTimer.unref();
  }

  /** Takes no new calls, waits for those under way, then ends. */
  async retire(): Promise<void> {
    const deadline = AbortSignal.timeout(this.#limits.callMs);
    while (this.load > 0 && this.alive && !deadline.aborted) {
      await new Promise((resolve) => setTimeout(resolve, 50).unref());
    }
    await this.end();
  }

  end(atOnce = false): Promise<void> {
    clearTimeout(this.#relistTimer);
    clearTimeout(this.#listenTimer);
    const ended = this.#channel.end(atOnce);
    this.#ending ??= ended.then(this.#resolveGone);
    return this.#ending;
  }

  /** What came outside of every call. */
  #notified(method: string, params: JsonObject): void {
    if (LIST_CHANGED.test(method)) this.relistSoon();
    else if (method === LOG_MESSAGE) this.#log.take(params);
    else if (method === RESOURCE_UPDATED) this.#subscriptions.take(params);
    else this.#tasks.take(method, params);
  }

  async #read(): Promise<Result<Definitions, Problem>> {
    const listed = await listDefinitions(this.#upstream, this.#channel, this.#handshake, this.#limits);
    this.#reading = null;
    if (!listed.ok) return listed;
    this.#definitions = listed.value;
    this.#paramHeaders = this.#declaredHeaders(listed.value);
    this.onListed(listed.value);
    return listed;
  }

  /** Asks to be told when lists change, where the server offers to tell. */
  #hear(): void {
    const offers = (name: string): boolean => {
      const capability = this.#handshake.capabilities[name];
      return isJsonObject(capability) && capability['listChanged'] === true;
    };
    const wanted = {
      promptsListChanged: offers('prompts'),
      resourcesListChanged: offers('resources'),
      toolsListChanged: offers('tools'),
    };
    if (!Object.values(wanted).includes(true)) return;
    if (this.generation === '2025') this.#channel.hear();
    else void this.#subscribe(JSON.stringify({ notifications: wanted }));
  }

  /** 2026-07-28: changes are told on a subscription, which is a request that stays open. */
  async #subscribe(paramsText: string): Promise<void> {
    this.#listening = 1;
    const reply = await this.#channel.call({ method: 'subscriptions/listen', paramsText, timeoutMs: 0 });
    this.#listening = 0;
    if (!this.alive || reply.kind === 'error') return;
    this.#listenTimer = setTimeout(() => void this.#subscribe(paramsText), this.#listenBackoff.next());
    this.#listenTimer.unref();
  }

  #declaredHeaders(definitions: Definitions): ReadonlyMap<string, readonly HeaderParam[]> {
    const declared = new Map<string, readonly HeaderParam[]>();
    if (!this.#channel.headed) return declared;
    for (const tool of definitions.tools) {
      const schema = tool['inputSchema'];
      const headers = isJsonObject(schema) ? headerParamsOf(schema) : null;
      if (headers?.ok && headers.value.length > 0) declared.set(String(tool['name']), headers.value);
    }
    return declared;
  }

  #headersOf(order: Order): Pick<Call, 'name' | 'headers'> {
    if (order.method === 'completion/complete' || order.method === 'resources/subscribe') return {};
    if (order.method === 'tasks/update') return { name: order.name };
    if (order.method === 'resources/read') {
      const uri = parseObject(order.argumentsText)['uri'];
      return { name: typeof uri === 'string' ? uri : '' };
    }
    const declared = order.method === 'tools/call' ? this.#paramHeaders.get(order.name) : undefined;
    if (declared === undefined) return { name: order.name };
    return { name: order.name, headers: paramHeaders(declared, parseObject(order.argumentsText)) };
  }
}

function parseObject(text: string): JsonObject {
  const value = JSON.parse(text) as Json;
  return isJsonObject(value) ? value : {};
}
