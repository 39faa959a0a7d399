import { type Entry, entryIn } from '../../contract/log-entry.ts';
import type { Store } from '../../store/store.ts';

/** What the log says of one agent and one operation. */
interface Use {
  /** `at` of the newest action that was carried out, or begun; null where there is none. */
  lastUsed: string | null;
  /** Actions that were carried out or begun. */
  used: number;
  /** Actions that were denied or held. */
  denied: number;
}

const UNUSED: Readonly<Use> = { lastUsed: null, used: 0, denied: 0 };

/**
 * How often and when each agent last used each operation, counted from the log. The first count reads all of it, page
 * by page, so that what runs meanwhile has its turn; every later one reads only what has come since. An action that was
 * allowed and of which not a byte was sent is no use.
 */
export class Uses {
  readonly #counted = new Map<string, Use>();
  #upTo = 0;
  #counting: Promise<void> | null = null;

  of(agent: string, operation: string): Readonly<Use> {
    return this.#counted.get(keyOf(agent, operation)) ?? UNUSED;
  }

  /** Counts what the log holds by now. Callers at the same time share one reading. */
  catchUp(store: Store): Promise<void> {
    this.#counting ??= this.#read(store).finally(() => {
      this.#counting = null;
    });
    return this.#counting;
  }

  async #read(store: Store): Promise<void> {
    const size = await store.size();
    for await (const page of store.entries(this.#upTo, size)) {
      for (const { text, seq } of page) {
        if (mayCount(text)) this.#count(entryIn(text));
        this.#upTo = seq + 1;
      }
    }
  }

  #count({ kind, agent, operation, at, decision, outcome }: Entry): void {
    if (agent === undefined || operation === undefined) return;
    const wasDenied = kind === 'action.decided' && decision !== 'allow';
    const wasUsed = kind === 'action.outcome' && outcome !== 'aborted';
    if (!wasDenied && !wasUsed) return;
    const key = keyOf(agent, operation);
    let use = this.#counted.get(key);
    if (use === undefined) {
      use = { ...UNUSED };
      this.#counted.set(key, use);
    }
    if (wasDenied) use.denied++;
    else {
      use.used++;
      use.lastUsed = at;
    }
  }
}

/** Spares parsing what is no action, and the allows, whose outcome follows. In canonical text no string looks so. */
function mayCount(text: string): boolean {
  return text.includes('"kind":"action.') && !text.includes('"decision":"allow"');
}

const keyOf = (agent: string, operation: string): string => `${agent} ${operation}`;
