import { LIMITS } from '../base/limits.ts';
import { CASE_KINDS, type CaseStop } from '../containment/cases.ts';
import type { Entry } from '../contract/log-entry.ts';
import { joined, opened } from '../pipeline/case-acts.ts';
import type { House } from './house.ts';

/**
 * From here on every stop that is durable opens a case, or joins the one that its scope has open, whichever way it came.
 * One that stands, and whose case the process did not live to open, gets it now.
 */
export async function openCases(house: House): Promise<void> {
  const { cases, checkpoints, store } = house;
  const waiting = new Map<number, CaseStop>();
  for await (const page of store.find({ kinds: CASE_KINDS }))
    for (const { text } of page) {
      const entry = JSON.parse(text) as Entry;
      const due = cases.see(entry);
      if (due !== null) waiting.set(entry.seq, due);
      if (entry.kind === 'case.opened' || entry.kind === 'case.joined') waiting.delete(Number(entry['stop']));
    }
  checkpoints.listenToEntries((entries) => {
    for (const { kind, text } of entries) {
      if (!KINDS.has(kind)) continue;
      const due = cases.see(JSON.parse(text) as Entry);
      if (due !== null) take(house, due);
    }
  });
  for (const due of waiting.values()) if (cases.levelOf(due.scope) !== 'live') take(house, due);
}

const KINDS: ReadonlySet<string> = new Set(CASE_KINDS);

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
