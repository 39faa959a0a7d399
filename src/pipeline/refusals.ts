import { type Clock, toInstant } from '../base/clock.ts';
import type { Recorder } from './record.ts';

const MINUTE_MS = 60_000;

/**
 * Refusals (malformed, unknown, over a limit, failed authentication) are counted: one `instance.refused` entry for
 * each agent (none, where authentication failed), code and minute, written when the minute ends. They are never
 * denials, and a flood of them costs the log one entry.
 */
export class Refusals {
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  #minute = 0;
  #counts = new Map<string, { agent: string | null; code: string; count: number }>();
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock, recorder: Recorder) {
    this.#clock = clock;
    this.#recorder = recorder;
  }

  count(agent: string | null, code: string): void {
    const minute = Math.floor(this.#clock.now() / MINUTE_MS);
    if (minute !== this.#minute) this.flush();
    this.#minute = minute;
    const key = `${agent ?? ''} ${code}`;
    const entry = this.#counts.get(key) ?? { agent, code, count: 0 };
    entry.count++;
    this.#counts.set(key, entry);
    this.#timer ??= setTimeout(() => this.flush(), (minute + 1) * MINUTE_MS - this.#clock.now()).unref();
  }

  /** Writes what the minute so far has counted. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const minute = toInstant(this.#minute * MINUTE_MS);
    const counts = [...this.#counts.values()];
    this.#counts = new Map();
    for (const { agent, code, count } of counts) {
      const fields = {
        kind: 'instance.refused',
        ...(agent === null ? {} : { agent }),
        code,
        count,
        minute,
      } as const;
      // A count that cannot be written is counted on: nothing was allowed, so nothing depends on it.
      this.#recorder.record({ fields }).catch(() => {
        const key = `${agent ?? ''} ${code}`;
        const entry = this.#counts.get(key) ?? { agent, code, count: 0 };
        entry.count += count;
        this.#counts.set(key, entry);
      });
    }
  }
}
