import { problem } from '../../base/errors.ts';
import { LIMITS } from '../../base/limits.ts';
import type { AppealAnswer } from '../../model/appeal.ts';
import type { OperatorAct } from '../operate.ts';
import { answerFields, type KeptAppeal } from './appeal-entries.ts';
import type { Appeals } from './appeals.ts';

/** What a person says to an appeal, besides who she is and when. */
type Said = Omit<AppealAnswer, 'person' | 'atMs'>;

/**
 * A person's word on what an agent put before her. It grants nothing, so her session is enough; it is hers, so nobody
 * says it for her, and the socket says nothing at all.
 */
export function answerAppeal(
  appeals: Appeals,
  kept: KeptAppeal,
  person: string,
  said: Said,
  nowMs: () => number,
): OperatorAct<'answered'> {
  const { appeal } = kept;
  const why = said.why?.slice(0, LIMITS.callerReasonLength).toWellFormed();
  const { why: _, ...rest } = said;
  const whole = { ...rest, ...(why === undefined || why === '' ? {} : { why }) };
  return {
    name: 'answer',
    unsigned: true,
    about: { named: appeal.owner === person || appeal.backup === person, only: person },
    fields: answerFields(kept, whole),
    cells: [],
    refuse: async () =>
      appeals.find(appeal.id)?.appeal.phase === 'open' && nowMs() < appeal.expiresAtMs
        ? null
        : problem('APPEAL_OVER'),
    apply() {
      appeals.answered(kept, { person, ...whole, atMs: nowMs() });
      return 'answered';
    },
  };
}
