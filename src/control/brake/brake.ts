import { MessageChannel, Worker } from 'node:worker_threads';
import { LIMITS } from '../../base/limits.ts';
import type { StopKey } from '../../pipeline/credentials/stop-keys.ts';
import { OutsideLine, type OutsideStop } from '../../pipeline/stop/outside.ts';
import type {
  BrakeNews,
  BrakePlace,
  BrakeStart,
  FromThread,
  StopCodeRows,
  StopReport,
  ToThread,
} from './messages.ts';
import type { ChannelPlace } from './stop-channel.ts';

export interface BrakeParts {
  readonly state: string;
  readonly stops: string;
  readonly place: BrakePlace | null;
  keys(): readonly StopKey[];
  codes(): StopCodeRows;
  channel(): ChannelPlace | null;
  /** The channel cannot be read, and why; or null: it can be. */
  onTrouble(why: string | null): void;
  /** The brake does not answer, and why; or null: it does. */
  onUnreachable(why: string | null): void;
  news(): BrakeNews;
  /** A stop has come in; called in the tick in which anybody looks at the switch. */
  onStop(stop: OutsideStop): void;
  /** Something was announced and could not be read. */
  onLost(): void;
  /** A bearer of ours that is no stop key was tried. */
  onRefused(bearer: string): void;
  /** The line of a new thread, for the switch to look at. */
  onLine(line: OutsideLine): void;
  log(line: string): void;
}

/** The brake's thread, seen from the main one: started, kept running, told what it needs to know. */
export class Brake {
  readonly #parts: BrakeParts;
  #worker: Worker | null = null;
  #line: OutsideLine | null = null;
  #port: number | null = null;
  #closing = false;
  #failures = 0;
  #hasListened = false;
  /** Until it is started again. */
  #waits = false;
  #again: NodeJS.Timeout | undefined;
  #news: NodeJS.Timeout | undefined;

  constructor(parts: BrakeParts) {
    this.#parts = parts;
  }

  /** Whether the thread runs. */
  get alive(): boolean {
    return this.#worker !== null;
  }

  /** Of the brake, with the port that was really taken; null without one. */
  get url(): string | null {
    const { place } = this.#parts;
    if (place === null) return null;
    const host = place.host.includes(':') ? `[${place.host}]` : place.host;
    return `${place.tls === undefined ? 'http' : 'https'}://${host}:${this.#port ?? place.port}`;
  }

  /** Resolves once it listens and looks; rejects with why where it cannot. */
  async start(): Promise<void> {
    await this.#run();
    this.#news = setInterval(() => this.tellNews(), LIMITS.brakeNewsMs);
    this.#news.unref();
  }

  tellKeys(): void {
    this.#tell({ kind: 'keys', keys: this.#parts.keys() });
  }

  tellCodes(): void {
    this.#tell({ kind: 'codes', codes: this.#parts.codes() });
  }

  tellChannel(): void {
    this.#tell({ kind: 'channel', channel: this.#parts.channel() });
  }

  tellNews(): void {
    this.#tell({ kind: 'news', news: this.#parts.news() });
  }

  /** What became of a stop. */
  report(id: string, report: StopReport): void {
    // Before the report: the page that shows it shows what runs then.
    this.tellNews();
    this.#tell({ kind: 'report', id, report });
  }

  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#news);
    clearTimeout(this.#again);
    const worker = this.#worker;
    if (worker === null) return;
    const gone = new Promise<void>((done) => worker.once('exit', () => done()));
    worker.ref();
    this.#tell({ kind: 'close' });
    const late = setTimeout(() => void worker.terminate(), LIMITS.socketEndMs);
    await gone;
    clearTimeout(late);
    this.#line?.take();
    this.#line?.close();
  }

  #tell(message: ToThread): void {
    this.#worker?.postMessage(message);
  }

  async #run(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const { port1, port2 } = new MessageChannel();
    const word = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
    const { state, stops, place } = this.#parts;
    const workerData: BrakeStart = {
      word,
      port: port2,
      state,
      stops,
      // After a restart of the thread the port that people know.
      place: place === null ? null : { ...place, port: this.#port ?? place.port },
      isBack: this.#hasListened,
      keys: this.#parts.keys(),
      codes: this.#parts.codes(),
      channel: this.#parts.channel(),
      news: this.#parts.news(),
    };
    this.#line?.take();
    this.#line = new OutsideLine(word, port1, this.#parts.onStop, this.#parts.onLost);
    this.#parts.onLine(this.#line);
    const worker = new Worker(new URL('./thread.ts', import.meta.url), {
      workerData,
      transferList: [port2],
      name: 'brake',
      resourceLimits: { maxYoungGenerationSizeMb: 8 },
    });
    this.#worker = worker;
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'ready') {
        this.#port = message.port;
        this.#failures = 0;
        this.#hasListened = true;
        this.#parts.onUnreachable(null);
        // It must keep no process alive that is over.
        worker.unref();
        resolve();
      } else if (message.kind === 'failed') reject(new Error(message.why));
      else if (message.kind === 'unreachable') this.#parts.onUnreachable(message.why);
      else if (message.kind === 'refused') this.#parts.onRefused(message.bearer);
      else if (message.kind === 'channel') this.#parts.onTrouble(message.trouble);
      else this.#parts.log(message.line);
    });
    worker.on('error', (error) => reject(error instanceof Error ? error : new Error(String(error))));
    worker.on('exit', () => {
      reject(new Error('the thread ended'));
      if (this.#worker === worker) this.#lost();
    });
    await promise;
  }

  #lost(): void {
    this.#worker = null;
    if (this.#closing) return;
    const { first, most } = LIMITS.brakeRestartMs;
    const waitMs = Math.min(most, first * 2 ** this.#failures++);
    this.#parts.onUnreachable('its thread was lost');
    this.#waits = true;
    this.#again = setTimeout(() => {
      this.#waits = false;
      this.#run().catch((error: unknown) => {
        this.#parts.log(`the brake could not be started again: ${String(error)}`);
        // One that ended was counted as lost; one that never began was not.
        if (this.#worker === null && !this.#waits) this.#lost();
      });
    }, waitMs);
    this.#again.unref();
  }
}
