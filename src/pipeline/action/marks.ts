import type { Entry } from '../../contract/log-entry.ts';
import type { Held, Marks } from '../../history/index.ts';
import type { Action } from '../../model/action.ts';
import { isMark, type Mark } from '../../model/mark.ts';
import type { CellChange } from '../../store/store.ts';
import type { DecidingRooms } from '../rooms.ts';

/** Where marks meet the corridor: what a decision sees, and what is kept of it beside the log. */

/** What the session of this action has read. A session and the parent that it names share what either of them has read. */
export function marksSeen(rooms: Pick<DecidingRooms, 'marks' | 'clock'>, action: Action): readonly Mark[] {
  if (action.parent !== undefined) rooms.marks.join(action.agent, action.session, action.parent);
  return rooms.marks.seen(action, rooms.clock.now());
}

const NO_CELLS: readonly CellChange[] = [];

/** One cell for each mark of a token, so that a cell that is written late never removes another mark. */
export function markCells(held: readonly Held[]): readonly CellChange[] {
  if (held.length === 0) return NO_CELLS;
  return held.map(({ agent, token, mark, atMs }) => ({
    kind: 'mark',
    key: `${agent}/${token}/${mark}`,
    value: String(atMs),
  }));
}

/** Reads a cell; null where its key is none of ours. A time that cannot be read counts as now, so that no mark is lost. */
export function readMarkCell({ key, value }: { key: string; value: string }, nowMs: number): Held | null {
  const [agent, token, mark] = key.split('/');
  if (agent === undefined || token === undefined || mark === undefined || !isMark(mark)) return null;
  const atMs = Number(value);
  return { agent, token, mark, atMs: value !== '' && Number.isFinite(atMs) ? atMs : nowMs };
}

/** For an action that was running when the process ended: it may have been answered, so its marks count. */
export function recoverMarks(
  marks: Marks,
  { agent, token, brings }: Entry,
  nowMs: number,
): readonly CellChange[] {
  if (agent === undefined || token === undefined || brings === undefined) return [];
  return markCells(marks.recover({ agent, token }, brings.filter(isMark), nowMs));
}
