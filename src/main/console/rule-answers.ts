import { LIMITS } from '../../base/limits.ts';
import { entryIn } from '../../contract/log-entry.ts';
import type { Store } from '../../store/store.ts';

interface Answers {
  yes: number;
  no: number;
}

/** What people said to the questions of each rule within LIMITS.lessBackMs, of the newest LIMITS.answersLooked answers. */
export async function ruleAnswers(
  store: Store,
  nowMs: number,
): Promise<ReadonlyMap<string, Readonly<Answers>>> {
  const found = new Map<string, Answers>();
  const sinceMs = nowMs - LIMITS.lessBackMs;
  let before = await store.size();
  for (let looked = 0; looked < LIMITS.answersLooked; looked += LIMITS.answersPage) {
    const page = await store.newest({
      kinds: ['approval.answered'],
      from: 0,
      before,
      limit: LIMITS.answersPage,
    });
    for (const { text } of page) {
      const { at, answer, rules = [] } = entryIn(text);
      if (Date.parse(at) < sinceMs) return found;
      for (const rule of rules) {
        const answers = found.get(rule) ?? { yes: 0, no: 0 };
        found.set(rule, answers);
        if (answer === 'approve') answers.yes++;
        if (answer === 'deny') answers.no++;
      }
    }
    if (page.length < LIMITS.answersPage) return found;
    before = page.at(-1)?.seq ?? 0;
  }
  return found;
}
