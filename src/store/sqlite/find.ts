import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { EntryFilter, NewestSearch } from '../store.ts';
import { numberOf } from './columns.ts';
import { PAGE_COLUMNS, type PageQuery } from './page.ts';

/** A search as SQL. Statements are cached by their text; the filter's values are bound, never written into it. */
export class EntrySearch {
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync) {
    this.#db = db;
  }

  /**
   * Each kind is searched for itself, in order of seq along its index, and the streams are merged: with IN, SQLite
   * would gather and sort every match for each page.
   */
  pages(filter: EntryFilter): PageQuery {
    const { conditions, values } = conditionsOf(filter);
    const kinds = filter.kinds === undefined ? [null] : [...new Set(filter.kinds)];
    const parts: string[] = [];
    for (const kind of kinds) {
      const all = ['seq >= ?', 'seq < ?', ...conditions, ...kindConditions(kind)];
      parts.push(`SELECT * FROM (SELECT seq FROM entries WHERE ${all.join(' AND ')} ORDER BY seq LIMIT ?)`);
    }
    const statement = this.#prepare(
      `SELECT ${PAGE_COLUMNS} FROM entries WHERE seq IN (${parts.join(' UNION ALL ')}) ORDER BY seq LIMIT ?`,
      true,
    );
    return (from, to, limit) => {
      const bound: SQLInputValue[] = [];
      for (const kind of kinds) {
        bound.push(from, to, ...values, ...(kind === null ? [] : [kind]), limit);
      }
      return statement.iterate(...bound, limit);
    };
  }

  /** The index of an agent or a session holds seq as well, so that order costs nothing. */
  newest(search: NewestSearch): StatementSync {
    const { kinds, holding } = search;
    const { conditions } = conditionsOf(search);
    const all = ['seq >= ?', 'seq < ?', ...conditions];
    if (kinds !== undefined) all.push(`+kind IN (${kinds.map(() => '?').join(', ')})`);
    for (const _ of holding ?? []) all.push('instr(text, ?) > 0');
    return this.#prepare(
      `SELECT ${PAGE_COLUMNS} FROM entries WHERE ${all.join(' AND ')} ORDER BY seq DESC LIMIT ?`,
      true,
    );
  }

  /** What `newest` binds, in its order. */
  newestValues(search: NewestSearch): SQLInputValue[] {
    const { from, before, kinds, holding, limit } = search;
    const { values } = conditionsOf(search);
    return [from, before, ...values, ...(kinds ?? []), ...(holding ?? []), limit];
  }

  /** The first seq whose time is `sinceMs` or later; clocks step back, so later entries may be earlier again. */
  firstSince(sinceMs: number): number | null {
    // Left to itself, SQLite walks the log from its beginning until an entry matches; what is asked for is its end.
    const statement = this.#prepare(
      'SELECT min(seq) AS seq FROM entries INDEXED BY entries_at WHERE at >= ?',
      false,
    );
    const row = statement.get(sinceMs);
    return row === undefined || row['seq'] === null ? null : numberOf(row, 'seq');
  }

  #prepare(sql: string, returnArrays: boolean): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#db.prepare(sql, { returnArrays });
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

/** Must repeat the condition of the index of rare kinds word by word: only then does SQLite use it. */
const RARE = "kind NOT IN ('action.decided', 'action.outcome')";
const COMMON_KINDS: ReadonlySet<string> = new Set(['action.decided', 'action.outcome']);

function kindConditions(kind: string | null): string[] {
  if (kind === null) return [];
  return COMMON_KINDS.has(kind) ? ['kind = ?'] : ['kind = ?', RARE];
}

function conditionsOf(filter: EntryFilter): { conditions: string[]; values: SQLInputValue[] } {
  const conditions: string[] = [];
  const values: SQLInputValue[] = [];
  for (const column of ['action', 'agent', 'session'] as const) {
    const value = filter[column];
    if (value === undefined) continue;
    conditions.push(`${column} = ?`);
    values.push(value);
  }
  if (filter.sinceMs !== undefined) {
    // The plus keeps this off the index of times, along which seq is out of order.
    conditions.push('+at >= ?');
    values.push(filter.sinceMs);
  }
  return { conditions, values };
}
