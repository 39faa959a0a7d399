import { LIMITS } from '../../base/limits.ts';
import { splitScope } from '../../containment/levels.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import { DRILL_PREFIX } from '../../model/agent.ts';
import type { NewestSearch } from '../../store/store.ts';
import type { House } from '../house.ts';

/** A stretch of the log, and of what in it a case is about. */
export interface CaseWindow {
  readonly scope: string;
  readonly from: number;
  readonly before: number;
  readonly sinceMs: number;
  readonly by: 'look' | 'day';
}

/** Since somebody who answers for the agent had looked, when the case was opened; else a day before. */
export async function sinceOf(
  { store }: House,
  scope: string,
  opening: Entry,
): Promise<Pick<CaseWindow, 'from' | 'sinceMs' | 'by'>> {
  const split = splitScope(scope);
  if (split?.kind === 'agent') {
    const search = { kinds: ['containment.looked'], from: 0, before: opening.seq, limit: 1 };
    const [found] = (await store.newest({ ...search, agent: split.id })).map(({ text }) => entryIn(text));
    if (found !== undefined)
      return { from: Number(found['upTo']), sinceMs: Date.parse(String(found['since'])), by: 'look' };
  }
  const narrow = split?.kind === 'agent' || split?.kind === 'session';
  const from = narrow ? 0 : Math.max(0, opening.seq - LIMITS.caseBacklog);
  return { from, sinceMs: Date.parse(opening.at) - LIMITS.caseBackMs, by: 'day' };
}

/** What came after the release of its last stop is none of this case's. */
export async function endOf(
  { store }: House,
  scope: string,
  lastStop: { readonly seq: number },
  size: number,
): Promise<number> {
  for await (const page of store.find({ kinds: ['containment.released'], from: lastStop.seq }))
    for (const one of page) {
      const entry = entryIn(one.text);
      if (entry['scope'] === scope) return entry.seq;
    }
  return size;
}

/** The store's search for what the scope covers; what it cannot be asked for, `isIn` tells. */
export function searchOf({ scope, from, before, sinceMs }: CaseWindow): Omit<NewestSearch, 'limit'> {
  const split = splitScope(scope);
  const stretch = { from, before, sinceMs };
  switch (split?.kind) {
    case 'agent':
      return { ...stretch, agent: split.id };
    case 'session':
      return { ...stretch, session: split.id };
    case 'owner':
      return { ...stretch, holding: [`"owner":${JSON.stringify(split.id)}`] };
    case 'operation':
      return { ...stretch, holding: [`"operation":${JSON.stringify(split.id)}`] };
    case 'upstream':
      return { ...stretch, holding: [`:${split.id}/`] };
    case 'target':
      return { ...stretch, holding: [JSON.stringify(split.id).slice(1, -1)] };
    default:
      return stretch;
  }
}

export function isIn(scope: string, { operation = '', target, targets }: Entry): boolean {
  const split = splitScope(scope);
  if (operation.startsWith(`mcp:${DRILL_PREFIX}`)) return false;
  if (split?.kind === 'operation') return operation === split.id;
  if (split?.kind === 'upstream') return /^[a-z]+:([^/]*)\//.exec(operation)?.[1] === split.id;
  if (split?.kind !== 'target') return true;
  const named = targets ?? (target === undefined ? [] : [target]);
  // What lies in a path is covered as well.
  return named.some(({ id }) => id === split.id || id.startsWith(`${split.id}/`));
}

export function entryOf({ standing }: House, operation: string) {
  const [, upstream = '', name = ''] = /^[a-z]+:([^/]+)\/(.+)$/.exec(operation) ?? [];
  return standing.inForce.upstreams.get(upstream)?.entryOf(name);
}
