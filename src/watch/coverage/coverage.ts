import { canonicalize } from '../../base/canonical.ts';
import { type Clock, toInstant } from '../../base/clock.ts';
import { digestOf } from '../../base/hash.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Draft } from '../../pipeline/recording/draft.ts';

/** What is known not to be covered; docs/formats/log.md §7 says what each means. */
const HOLES = [
  'unclaimed',
  'uncontained',
  'unwitnessed',
  'witness-unreachable',
  'witness-ahead',
  'upstream-missing',
  'upstream-shared',
  'secret-without-revoke',
  'catalog-stale',
  'catalog-incomplete',
  'unreached',
  'undelivered',
  'stop-channel-unreachable',
  'brake-unreachable',
] as const;

export interface Hole {
  readonly hole: (typeof HOLES)[number];
  /** The upstream or witness that it is about. */
  readonly about?: string;
  readonly what?: string;
}

/** What is governed, each list in order, and what is not. */
export interface CoverageNow {
  readonly governed: {
    readonly agents: readonly string[];
    readonly doors: readonly string[];
    readonly parts: readonly string[];
    readonly upstreams: readonly string[];
  };
  readonly holes: readonly Hole[];
}

type KnownHole = Hole & { readonly since: string };
type Why = 'started' | 'changed' | 'running' | 'stopped';

interface CoverageParts {
  readonly clock: Clock;
  record(draft: Draft): Promise<unknown>;
  look(): CoverageNow;
  /** What an earlier run wrote to the cell `coverage/holes`; null where there was none. */
  readonly remembered: string | null;
}

/**
 * Records what is governed and what is known not to be: at start, when it changes, an hour after the last record at the
 * latest, and at a stop. Where one of these entries is due and missing, the log lacks something; where they all are, a
 * quiet day was quiet.
 */
export class Coverage {
  readonly #parts: CoverageParts;
  #known: Map<string, KnownHole>;
  #ended: JsonObject[] = [];
  /** Of the last entry of this run. */
  #state: string | null = null;
  #saidAtMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #saying: Promise<void> = Promise.resolve();

  constructor(parts: CoverageParts) {
    this.#parts = parts;
    this.#known = new Map(readHoles(parts.remembered).map((hole) => [keyOf(hole), hole]));
  }

  /** Records what is covered now, and goes on looking. */
  async start(): Promise<void> {
    await this.#say('started');
    this.#timer = setInterval(() => void this.tick(), LIMITS.coverageLookMs);
    this.#timer.unref();
  }

  /** Looks, and records what has changed or is due. */
  async tick(): Promise<void> {
    const silentMs = this.#parts.clock.monotonicMs() - this.#saidAtMs;
    if (silentMs >= LIMITS.coverageEveryMs) await this.#say('running');
    else if (this.#follow() !== this.#state && silentMs >= LIMITS.coverageGapMs) await this.#say('changed');
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#say('stopped');
  }

  /** Records one after the other; what cannot be recorded now is recorded at the next look. */
  #say(why: Why): Promise<void> {
    this.#saying = this.#saying.then(() => this.#record(why)).catch(() => undefined);
    return this.#saying;
  }

  async #record(why: Why): Promise<void> {
    const state = this.#follow();
    const holes = this.#holes();
    const ended = this.#ended.slice(0, LIMITS.endedHoles);
    const news = state !== this.#state;
    await this.#parts.record({
      fields: {
        kind: 'instance.coverage',
        why,
        every: LIMITS.coverageEveryMs / 1000,
        state,
        ...(news ? { governed: this.#parts.look().governed as JsonObject, holes } : {}),
        ...(ended.length === 0 ? {} : { ended }),
      },
      ...(news ? { cells: [{ kind: 'coverage', key: 'holes', value: canonicalize(holes) }] } : {}),
    });
    this.#state = state;
    this.#ended = this.#ended.slice(ended.length);
    this.#saidAtMs = this.#parts.clock.monotonicMs();
  }

  /** Takes in what there is now: new holes begin, others end. Answers a digest of it all. */
  #follow(): string {
    const { governed, holes } = this.#parts.look();
    const at = toInstant(this.#parts.clock.now());
    const now = new Map<string, KnownHole>();
    for (const hole of holes) now.set(keyOf(hole), this.#known.get(keyOf(hole)) ?? { ...hole, since: at });
    for (const [key, hole] of this.#known)
      if (!now.has(key) && this.#ended.length < LIMITS.endedHoles) this.#ended.push({ ...hole, until: at });
    this.#known = now;
    return digestOf(canonicalize({ governed: governed as JsonObject, holes: this.#holes() }));
  }

  #holes(): JsonObject[] {
    return [...this.#known.values()].map((hole) => ({ ...hole }));
  }
}

const keyOf = ({ hole, about = '' }: Hole): string => `${hole} ${about}`;

function readHoles(text: string | null): KnownHole[] {
  const value: Json = text === null ? [] : (JSON.parse(text) as Json);
  return (Array.isArray(value) ? value : []).filter((one): one is KnownHole & JsonObject =>
    isJsonObject(one),
  );
}
