import type { Entry } from '../../contract/log-entry.ts';
import { isProven } from '../../pipeline/stop/stop.ts';

/** What of the log says which secrets are to be revoked. */
export const REVOKE_KINDS = [
  'containment.stopped',
  'containment.tripped',
  'containment.released',
  'containment.revoking',
  'containment.revoked',
  'instance.started',
] as const;

/** A kill that a person, her key or code, or a breaker set. */
export interface Kill {
  readonly seq: number;
  readonly scope: string;
}

/** Scopes that cover agents, or an upstream, as a whole. */
const WHOLE = /^(all$|agent:|owner:|upstream:)/;

export function killOf({ kind, seq, scope, level, asked = level, by, ...more }: Entry): Kill | null {
  if (kind !== 'containment.stopped' && kind !== 'containment.tripped') return null;
  // Who asked for less, where it was killed already, has killed nothing.
  if (asked !== 'killed') return null;
  // One whose own entry was lost in a crash is told by the start, which kept whether it revokes.
  if (!isProven(by) && !(by === 'start' && more['proven'] === true)) return null;
  return typeof scope === 'string' && WHOLE.test(scope) ? { seq, scope } : null;
}

/** One secret that is to be revoked still. */
export interface OwedRevoke {
  readonly upstream: string;
  readonly scope: string;
  readonly stop: number;
}

/** What an earlier run did not get to: a pure fold over the log. */
export class DueRevokes {
  /** Kills of the last run and of this one of which the log does not say yet which secrets they are about. */
  #before: Kill[] = [];
  #now: Kill[] = [];
  readonly #owed = new Map<string, OwedRevoke>();

  get unplanned(): readonly Kill[] {
    return [...this.#before, ...this.#now];
  }

  get owed(): readonly OwedRevoke[] {
    return [...this.#owed.values()];
  }

  see(entry: Entry): void {
    const { kind, scope, upstream } = entry;
    const kill = killOf(entry);
    if (kill !== null) this.#now.push(kill);
    // What is older was dealt with, or there was nothing to revoke: a step that came later is not for it.
    if (kind === 'instance.started') [this.#before, this.#now] = [this.#now, []];
    if (kind === 'containment.released') this.#drop((one) => one.scope === scope);
    if (kind === 'containment.revoking') this.#planned(entry);
    if (kind === 'containment.revoked')
      for (const stop of listOf(entry['stops'])) this.#owed.delete(`${String(stop)} ${String(upstream)}`);
  }

  #planned({ stop, scope, secrets }: Entry): void {
    if (typeof stop !== 'number' || typeof scope !== 'string') return;
    this.#before = this.#before.filter(({ seq }) => seq !== stop);
    this.#now = this.#now.filter(({ seq }) => seq !== stop);
    for (const secret of listOf(secrets)) {
      const { upstream, revoke } = secret as { upstream?: unknown; revoke?: unknown };
      if (typeof upstream === 'string' && revoke !== 'none')
        this.#owed.set(`${stop} ${upstream}`, { upstream, scope, stop });
    }
  }

  /** What was brought back by people is not to be broken afterwards. */
  #drop(isIt: (one: { readonly scope: string }) => boolean): void {
    this.#before = this.#before.filter((one) => !isIt(one));
    this.#now = this.#now.filter((one) => !isIt(one));
    for (const [key, one] of this.#owed) if (isIt(one)) this.#owed.delete(key);
  }
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
