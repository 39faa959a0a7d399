import { isJsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import { DRILL_PREFIX } from '../../model/agent.ts';
import type { Store } from '../../store/store.ts';

/** An action of which nobody knows how it ended, and nobody has said. */
type OpenEnd = Pick<Entry, 'agent' | 'operation' | 'at'> & {
  readonly action: string;
  /** Where bytes had left to. */
  readonly upstream?: string;
};

/** What drills stop at their own canaries is nobody's to find out. */
const DRILLED = `mcp:${DRILL_PREFIX}`;

const KINDS = ['action.outcome', 'operator.resolved', 'drill.done'];

/**
 * The unknown ends that wait for a person, kept from one look to the next: the first reads the last
 * LIMITS.followBacklog entries, every later one only what has come since. Of more than LIMITS.keptResolutions the oldest go.
 */
export class OpenEnds {
  readonly #open = new Map<string, OpenEnd>();
  #upTo: number | null = null;
  #reading: Promise<void> | null = null;

  /** The newest first. Callers at the same time share one reading. */
  async newest(store: Store, most: number): Promise<readonly OpenEnd[]> {
    this.#reading ??= this.#read(store).finally(() => {
      this.#reading = null;
    });
    await this.#reading;
    return [...this.#open.values()].slice(-most).reverse();
  }

  async #read(store: Store): Promise<void> {
    const to = await store.size();
    const from = this.#upTo ?? Math.max(0, to - LIMITS.followBacklog);
    for await (const page of store.find({ kinds: KINDS, from }))
      for (const { text } of page) if (mayMatter(text)) this.#take(entryIn(text));
    this.#upTo = to;
  }

  #take({ kind, action, agent, operation, at, outcome, ...rest }: Entry): void {
    if (kind === 'operator.resolved') {
      this.#open.delete(String(rest['resolves']));
      return;
    }
    if (kind === 'drill.done') {
      this.#drilled(agent, rest['tunnel']);
      return;
    }
    if (outcome !== 'unknown' || action === undefined || operation?.startsWith(DRILLED)) return;
    const { upstream } = rest;
    this.#open.set(action, {
      action,
      at,
      ...(agent && { agent }),
      ...(operation && { operation }),
      ...(typeof upstream === 'string' && { upstream }),
    });
    const [oldest] = this.#open.keys();
    if (this.#open.size > LIMITS.keptResolutions && oldest !== undefined) this.#open.delete(oldest);
  }

  /** The tunnel of a drill led to a canary at a port that was the drill's own meanwhile. */
  #drilled(agent: string | undefined, tunnel: unknown): void {
    if (!isJsonObject(tunnel)) return;
    const [to, since] = [String(tunnel['to']), String(tunnel['since'])];
    for (const [action, one] of this.#open)
      if (one.agent === agent && one.upstream === to && one.at >= since) this.#open.delete(action);
  }
}

const MATTERING = ['"outcome":"unknown"', '"kind":"operator.resolved"', '"kind":"drill.done"'];

/** Spares parsing the many ends that are known. In canonical text no string looks so. */
function mayMatter(text: string): boolean {
  return MATTERING.some((mark) => text.includes(mark));
}
