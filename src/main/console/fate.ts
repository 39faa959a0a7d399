import { timeOfId } from '../../base/ids.ts';
import { LIMITS } from '../../base/limits.ts';
import type { ApprovalFate } from '../../contract/approval.ts';
import { type Entry, entryIn } from '../../contract/log-entry.ts';
import type { Store } from '../../store/store.ts';

/**
 * What became of a question that is no more, as the log has it: for whoever comes by an older message or list. Null where
 * there was none such. Looks at no more of the log than LIMITS.fateEntries.
 */
export async function fateOf(store: Store, id: string): Promise<ApprovalFate | null> {
  const asked = await askedAs(store, id);
  if (asked === null) return null;
  const { seq, at, agent = '', operation = '', action = '' } = asked;
  let fate: ApprovalFate = { approval: id, agent, operation, action, asked: at, ended: null, instead: null };
  let left: number = LIMITS.fateEntries;
  for await (const page of store.find({ kinds: KINDS, agent, from: seq + 1 })) {
    for (const { text } of page) {
      if (--left < 0) return fate;
      const entry = entryIn(text);
      if (entry['approval'] === id) fate = withEnd(fate, entry);
      else if (entry['instead'] === id) return { ...fate, instead: String(entry['approval']) };
      // What another took the place of is told by the question that did.
      if (entry['approval'] === id && fate.ended !== null && !isAskedAnew(fate)) return fate;
    }
  }
  return fate;
}

const KINDS = ['asked', 'edited', 'answered', 'spent', 'expired', 'cancelled'].map(
  (what) => `approval.${what}`,
);
/** Ends after which the same attempt is asked about at once. */
const ANEW: ReadonlySet<string> = new Set(['rules-changed', 'owner-changed', 'more-asked', 'target-changed']);

const isAskedAnew = ({ ended }: ApprovalFate): boolean => ended === 'expired' || ANEW.has(ended ?? '');

/** The entry that asked a question; its id says when it was made, and the entry came within moments. Null where there is none. */
export async function askedAs(store: Store, id: string): Promise<Entry | null> {
  const madeMs = timeOfId(id);
  if (madeMs === null) return null;
  let left: number = LIMITS.fateEntries;
  for await (const page of store.find({ kinds: ['approval.asked'], sinceMs: madeMs - LIMITS.fateSlackMs })) {
    for (const { text } of page) {
      const entry = entryIn(text);
      if (entry['approval'] === id) return entry;
      if (--left < 0 || Date.parse(entry.at) > madeMs + LIMITS.fateSlackMs) return null;
    }
  }
  return null;
}

function withEnd(fate: ApprovalFate, entry: Entry): ApprovalFate {
  const { kind, action = fate.action } = entry;
  switch (kind) {
    case 'approval.edited':
      return { ...fate, action };
    case 'approval.answered':
      return entry['answer'] === 'deny' ? { ...fate, ended: 'denied' } : { ...fate, ended: null };
    case 'approval.spent':
      return { ...fate, ended: 'spent' };
    case 'approval.expired':
      return { ...fate, ended: 'expired' };
    case 'approval.cancelled': {
      // What ran out is let go of in the end; that is what became of it.
      const reason = String(entry['reason']);
      return fate.ended === 'expired' && reason === 'needless' ? fate : { ...fate, ended: reason };
    }
    default:
      return fate;
  }
}
