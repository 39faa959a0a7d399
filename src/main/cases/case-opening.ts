import { LIMITS } from '../../base/limits.ts';
import { CASE_KINDS, type CaseStop } from '../../containment/cases.ts';
import { joined, opened } from '../../pipeline/stop/case-acts.ts';
import type { House } from '../house.ts';
import { readThenFollow } from '../log/read-then-follow.ts';

/**
 * From here on every stop that is durable opens a case, or joins the one that its scope has open, whichever way it came.
 * One that stands, and whose case the process did not live to open, gets it now.
 */
export async function openCases(house: House): Promise<void> {
  const { cases } = house;
  const waiting = new Map<number, CaseStop>();
  await readThenFollow(
    house,
    CASE_KINDS,
    (entry, isNew) => {
      const due = cases.see(entry);
      if (due !== null && isNew) take(house, due);
      else if (due !== null) waiting.set(entry.seq, due);
      if (entry.kind === 'case.opened' || entry.kind === 'case.joined') waiting.delete(Number(entry['stop']));
    },
    () => {
      for (const due of waiting.values()) if (cases.levelOf(due.scope) !== 'live') take(house, due);
    },
  );
}

function take({ cases, clock, ids, recorder, log }: House, due: CaseStop): void {
  const into = cases.ofScope(due.scope);
  if (into === null && cases.all().length >= LIMITS.casesOpen) {
    log(`cases: ${LIMITS.casesOpen} are open, so the stop of ${due.scope} opened none; close some`);
    return;
  }
  const { one, draft } = into === null ? opened(ids(), due, clock.now()) : joined(into, due);
  cases.put(one);
  // It comes after a stop, whose store may be the very thing that broke.
  recorder.record(draft).catch(() => recorder.owe(draft));
}
