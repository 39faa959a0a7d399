import { toInstant } from '../../base/clock.ts';
import { isJsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { CaseRow, CaseStopRow, CaseView } from '../../contract/case.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import type { Level } from '../../model/level.ts';
import type { House } from '../house.ts';
import { doneBy } from './case-done.ts';
import { unknownIn } from './case-unknown.ts';
import { endOf, sinceOf } from './case-window.ts';

const ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const textIn = (value: unknown): string | null => (typeof value === 'string' ? value : null);

/** Open ones, the oldest first; then the newest that were closed. */
export async function caseRows({ cases, store }: House): Promise<CaseRow[]> {
  const open = cases.all().map(({ id, scope, level, openedAt }) => ({
    case: id,
    scope,
    level,
    opened: openedAt,
    closed: null,
  }));
  const search = { kinds: ['case.closed'], from: 0, before: await store.size(), limit: LIMITS.casesClosed };
  return [...open, ...(await store.newest(search)).map((one) => rowOfClosed(entryIn(one.text)))];
}

function rowOfClosed(entry: Entry): CaseRow {
  const level = String(entry['level']) as Level;
  return {
    case: String(entry['case']),
    scope: String(entry['scope']),
    level,
    opened: String(entry['opened']),
    closed: entry.at,
  };
}

/** One in full, as the log has it now; null: there is none. */
export async function caseView(house: House, id: string): Promise<CaseView | null> {
  if (!ID.test(id)) return null;
  const { cases, store } = house;
  const size = await store.size();
  const ofIt = { from: 0, before: size, holding: [`"case":"${id}"`] };
  const [first] = await store.newest({ ...ofIt, kinds: ['case.opened'], limit: 1 });
  if (first === undefined) return null;
  const opening = entryIn(first.text);
  const joins = await store.newest({ ...ofIt, kinds: ['case.joined'], limit: LIMITS.caseStops });
  const [closing] = (await store.newest({ ...ofIt, kinds: ['case.closed'], limit: 1 })).map(({ text }) =>
    entryIn(text),
  );
  const scope = String(opening['scope']);
  const since = await sinceOf(house, scope, opening);
  const window = {
    ...since,
    scope,
    before: closing?.seq ?? (await endOf(house, scope, joins[0] ?? first, size)),
  };
  const { done, reads, more } = await doneBy(house, window);
  const unknown = await unknownIn(house, window);
  const stops = await Promise.all(
    [opening, ...joins.map(({ text }) => entryIn(text)).reverse()].map((one) => stopRow(house, one)),
  );
  return {
    case: id,
    scope,
    level: cases.find(id)?.level ?? (String((closing ?? opening)['level']) as Level),
    opened: opening.at,
    closed: closing?.at ?? null,
    stops,
    now: cases.levelOf(scope),
    since: { at: toInstant(since.sinceMs), by: since.by },
    unknown,
    done,
    reads,
    more,
    debrief: closing === undefined ? null : debriefOf(closing),
  };
}

function debriefOf(entry: Entry): CaseView['debrief'] {
  const { by = 'unknown', person = null } = entry;
  return { happened: String(entry['happened']), changes: String(entry['changes']), by, person };
}

async function stopRow({ store }: House, entry: Entry): Promise<CaseStopRow> {
  const seq = Number(entry['stop']);
  let person: string | null = null;
  for await (const page of store.entries(seq, seq + 1))
    for (const one of page) person = textIn(entryIn(one.text).person);
  const { past, rules = [] } = entry;
  return {
    seq,
    at: entry.at,
    level: String(entry['level']) as Level,
    by: String(entry['stoppedBy']),
    person,
    rules,
    why: textIn(entry['why']),
    past: isJsonObject(past) ? past : null,
    action: textIn(entry['caused']),
  };
}
