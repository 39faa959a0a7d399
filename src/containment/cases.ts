import type { Entry } from '../contract/log-entry.ts';
import { isLevel, type Level, strictest } from '../model/level.ts';
import { isDrillScope } from './levels.ts';

/** A case that is open: what was stopped, and how hard by now. */
export interface OpenCase {
  readonly id: string;
  readonly scope: string;
  readonly level: Level;
  readonly openedAt: string;
  /** The entry of the stop that opened it. */
  readonly stop: number;
}

/** A stop that calls for a case. */
export interface CaseStop {
  readonly stop: Entry;
  readonly scope: string;
  readonly level: Level;
}

/** The kinds that cases follow from. */
export const CASE_KINDS = [
  'containment.stopped',
  'containment.tripped',
  'containment.released',
  'case.opened',
  'case.joined',
  'case.closed',
] as const;

/**
 * Which cases are open, and which stops call for one: a reducer over the log, in order. One scope has one open case; a stop
 * that changes no level is a repeat and calls for nothing.
 */
export class Cases {
  readonly #open = new Map<string, OpenCase>();
  readonly #levels = new Map<string, Level>();

  /** The oldest first. */
  all(): readonly OpenCase[] {
    return [...this.#open.values()];
  }

  find(id: string): OpenCase | undefined {
    return this.#open.get(id);
  }

  ofScope(scope: string): OpenCase | null {
    for (const one of this.#open.values()) if (one.scope === scope) return one;
    return null;
  }

  /** Takes in an open case. Its level is never lowered, so that an entry that is read late takes nothing back. */
  put(one: OpenCase): void {
    const known = this.#open.get(one.id);
    this.#open.set(one.id, known === undefined ? one : { ...one, level: strictest(known.level, one.level) });
  }

  close(id: string): void {
    this.#open.delete(id);
  }

  /** The level that the log says of a scope. */
  levelOf(scope: string): Level {
    return this.#levels.get(scope) ?? 'live';
  }

  /** Follows one entry; answers the stop that calls for a case; null: it calls for none. */
  see(entry: Entry): CaseStop | null {
    const { scope, kind, level } = entry;
    if (typeof scope !== 'string' || isDrillScope(scope)) return null;
    if (kind === 'containment.released') this.#levels.delete(scope);
    if (kind === 'case.opened' || kind === 'case.joined' || kind === 'case.closed') this.#told(entry, scope);
    if (kind !== 'containment.stopped' && kind !== 'containment.tripped') return null;
    if (typeof level !== 'string' || !isLevel(level)) return null;
    const before = this.levelOf(scope);
    const now = strictest(before, level);
    this.#levels.set(scope, now);
    return now === before ? null : { stop: entry, scope, level: now };
  }

  #told({ kind, at, ...entry }: Entry, scope: string): void {
    const { case: id, level, stop } = entry;
    if (typeof id !== 'string' || typeof level !== 'string' || !isLevel(level)) return;
    if (kind === 'case.closed') this.#open.delete(id);
    else if (kind === 'case.opened' && typeof stop === 'number')
      this.put({ id, scope, level, openedAt: at, stop });
    else {
      const known = this.#open.get(id);
      if (known !== undefined) this.put({ ...known, level });
    }
  }
}

/** An open case as text, kept beside the log, which says the same. */
export function writeCase({ id: _, ...kept }: OpenCase): string {
  return JSON.stringify(kept);
}
