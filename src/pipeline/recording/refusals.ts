import { type Clock, toInstant } from '../../base/clock.ts';
import { MINUTE_MS, minuteOf } from '../../base/duration.ts';
import type { Recorder } from '../record.ts';

interface Counted {
  readonly agent: string | null;
  readonly point?: string;
  readonly code: string;
  readonly count: number;
}

/**
 * Refusals (malformed, unknown, over a limit, failed authentication) are counted: one `instance.refused` entry for
 * each agent (none, where authentication failed), code and minute, written when the minute ends. They are never
 * denials, and a flood of them costs the log one entry.
 */
export class Refusals {
  readonly #clock: Clock;
  readonly #recorder: Recorder;
  #minute = 0;
  #counts = new Map<string, Counted>();
  #timer: NodeJS.Timeout | undefined;

  constructor(clock: Clock, recorder: Recorder) {
    this.#clock = clock;
    this.#recorder = recorder;
  }

  /** `agent` is null where nobody authenticated, or a point did and spoke for none of its agents. */
  count(agent: string | null, code: string, point?: string): void {
    const minute = minuteOf(this.#clock.now());
    if (minute !== this.#minute) this.flush();
    this.#minute = minute;
    this.#add({ agent, code, count: 1, ...(point === undefined ? {} : { point }) });
    this.#timer ??= setTimeout(() => this.flush(), (minute + 1) * MINUTE_MS - this.#clock.now()).unref();
  }

  #add(counted: Counted): void {
    const key = `${counted.agent ?? ''} ${counted.point ?? ''} ${counted.code}`;
    const before = this.#counts.get(key)?.count ?? 0;
    this.#counts.set(key, { ...counted, count: before + counted.count });
  }

  /** Writes what the minute so far has counted. */
  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const minute = toInstant(this.#minute * MINUTE_MS);
    const counts = [...this.#counts.values()];
    this.#counts = new Map();
    for (const counted of counts) {
      const { agent, point, code, count } = counted;
      const fields = {
        kind: 'instance.refused',
        ...(agent === null ? {} : { agent }),
        ...(point === undefined ? {} : { point }),
        code,
        count,
        minute,
      } as const;
      // A count that cannot be written is added to the next one: nothing was allowed, so nothing depends on it.
      this.#recorder.record({ fields }).catch(() => this.#add(counted));
    }
  }
}
