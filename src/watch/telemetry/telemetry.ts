import { LIMITS } from '../../base/limits.ts';
import type { Store } from '../../store/store.ts';
import { Follower } from '../follower.ts';
import { openSpanSink, type SpanSink, type TelemetryPlace } from './exporter.ts';
import { Spans } from './spans.ts';

interface TelemetryParts {
  readonly store: Pick<Store, 'size' | 'entries'>;
  readonly place: TelemetryPlace;
  readonly version: string;
  log(line: string): void;
}

/** Tells an OTLP receiver what happens, from the log. It is no evidence, and nothing waits for it. */
export class Telemetry {
  readonly #parts: TelemetryParts;
  readonly #spans = new Spans();
  readonly #follower: Follower;
  #sink: SpanSink | null = null;
  #skipped = 0;
  #told = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: TelemetryParts) {
    this.#parts = parts;
    this.#follower = new Follower({
      store: parts.store,
      onEntry: (entry) => {
        const span = this.#spans.see(entry);
        if (span !== null) this.#sink?.send(span);
      },
      onSkipped: (count) => {
        this.#skipped += count;
      },
    });
  }

  /** Spans that were not told, and entries that were passed over. */
  get dropped(): number {
    return this.#skipped + (this.#sink?.dropped ?? 0);
  }

  /** Reads what has come since, without waiting for the next time it would. */
  read(): Promise<void> {
    return this.#follower.read();
  }

  async start(): Promise<void> {
    this.#sink = await openSpanSink(this.#parts.place, this.#parts.version);
    await this.#follower.start();
    this.#timer = setInterval(() => this.#tellDropped(), LIMITS.telemetryTellMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#follower.stop();
    await this.#sink?.end();
    this.#tellDropped();
  }

  #tellDropped(): void {
    const { dropped } = this;
    if (dropped === this.#told) return;
    this.#parts.log(
      `telemetry: ${dropped - this.#told} spans did not reach ${this.#parts.place.otlp}, ${dropped} since the start; the log has all of it`,
    );
    this.#told = dropped;
  }
}
