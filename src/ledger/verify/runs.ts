import { MINUTE_MS } from '../../base/duration.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';

/**
 * A time in which nothing was recorded. `stopped`: between two runs, announced. `cut-off`: between two runs, and the
 * first did not say that it ended. `silent`: within a run, although something was due.
 */
export interface Stretch {
  readonly kind: 'stopped' | 'cut-off' | 'silent';
  readonly from: string;
  readonly to: string;
  /** The entry before it. */
  readonly after: number;
}

/** What the log says of its own completeness (docs/formats/log.md §7). */
export interface CoverageReport {
  /** How many entries say what is covered. */
  readonly entries: number;
  /** What was governed, and which holes were known, by the last of them. */
  readonly governed: Json | null;
  readonly holes: readonly JsonObject[];
  /** The first LIMITS.reportedStretches of them. */
  readonly stretches: readonly Stretch[];
  readonly stretchCount: number;
}

interface Seen {
  readonly at: string;
  readonly seq: number;
}

/** How much later than it is due an entry may come. */
const GRACE_MS = MINUTE_MS;

/** Follows the runs of an instance through its log. Judges nothing: clocks step and machines sleep. */
export class Runs {
  #entries = 0;
  #governed: Json | null = null;
  #holes: readonly JsonObject[] = [];
  #stretches: Stretch[] = [];
  #count = 0;
  #everyMs: number | null = null;
  /** `before`: the last entry with another time than the newest; entries of one commit have one time. */
  #before: Seen | null = null;
  #last: Seen | null = null;
  #run: 'none' | 'open' | 'ended' = 'none';

  see(entry: JsonObject, seq: number): void {
    const { kind, at } = entry;
    if (typeof at !== 'string' || Number.isNaN(Date.parse(at))) return;
    if (this.#last !== null && this.#last.at !== at) this.#before = this.#last;
    this.#last = { at, seq };
    if (kind === 'instance.started') this.#start(at);
    else if (this.#run === 'open' && this.#isLate(at)) this.#add('silent', at);
    if (kind === 'instance.stopped') this.#run = 'ended';
    if (kind === 'instance.coverage') this.#cover(entry);
  }

  report(): CoverageReport {
    return {
      entries: this.#entries,
      governed: this.#governed,
      holes: this.#holes,
      stretches: this.#stretches,
      stretchCount: this.#count,
    };
  }

  #start(at: string): void {
    // What a start writes in one go with `started` (ends of interrupted actions) belongs to the new run.
    if (this.#stretches.at(-1)?.to === at && this.#stretches.at(-1)?.kind === 'silent') {
      this.#stretches.pop();
      this.#count--;
    }
    if (this.#run === 'open') this.#add('cut-off', at);
    else if (this.#run === 'ended') this.#add('stopped', at);
    this.#run = 'open';
  }

  #isLate(at: string): boolean {
    if (this.#everyMs === null || this.#before === null) return false;
    // Only once for each new time: what shares a commit is not late again.
    if (this.#stretches.at(-1)?.to === at) return false;
    return Date.parse(at) - Date.parse(this.#before.at) > this.#everyMs + GRACE_MS;
  }

  #add(kind: Stretch['kind'], to: string): void {
    if (this.#before === null) return;
    this.#count++;
    if (this.#stretches.length >= LIMITS.reportedStretches) return;
    this.#stretches.push({ kind, from: this.#before.at, to, after: this.#before.seq });
  }

  #cover(entry: JsonObject): void {
    this.#entries++;
    const { every, governed, holes } = entry;
    if (typeof every === 'number' && every > 0) this.#everyMs = every * 1000;
    if (governed !== undefined) this.#governed = governed;
    if (Array.isArray(holes)) this.#holes = holes.filter((hole): hole is JsonObject => isJsonObject(hole));
  }
}
