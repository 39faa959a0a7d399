import { isMild } from '../../approval/grant.ts';
import { err, ok } from '../../base/result.ts';
import type { AnswerState } from '../../contract/approval.ts';
import type { Operated, Operations } from '../../control/operations.ts';
import { readThrough } from '../../pipeline/act.ts';
import { entryOf } from '../../pipeline/action/operation-entry.ts';
import { approve, cancel, deny, isNamed, unknownApproval } from '../../pipeline/approval/approval-acts.ts';
import { edit } from '../../pipeline/approval/approval-edit.ts';
import type { Kept } from '../../pipeline/approval/approval-kept.ts';
import type { OperatorAct } from '../../pipeline/operate.ts';
import type { House } from '../house.ts';
import { rowOf, viewOf } from './approval-view.ts';

/** What operators do with the questions to people. */
export function approvalOperations(
  house: House,
): Pick<Operations, 'approvals' | 'approval' | 'approve' | 'edit' | 'deny'> {
  const { rooms } = house;
  const found = (id: string) => rooms.approvals.find(id);
  const act = async (kept: Kept, made: OperatorAct<AnswerState>): Operated<AnswerState> => {
    // Answers to one question are given one after the other; one that waits to be signed holds up no other.
    const done = await house.operate({
      ...made,
      within: (run) => rooms.approvals.exclusively(kept.approval.id, run),
    });
    return done.ok ? ok(done.value.value) : done;
  };
  return {
    approvals: async () => rooms.approvals.all().map((kept) => rowOf(house, kept)),
    async approval(id, person) {
      const kept = found(id);
      if (kept === undefined) return err(unknownApproval(id));
      const view = await viewOf(house, kept);
      // What she was shown is what she is taken to have seen, and not what it has become meanwhile.
      if (person !== null && view.digest === kept.approval.digest) rooms.approvals.show(kept, person);
      return ok(view);
    },
    async approve(id, person, digest) {
      const kept = found(id);
      if (kept === undefined) return err(unknownApproval(id));
      // It must have been so when it was asked, too: that is what the log can show.
      const mild = kept.approval.isMild === true && isMild(entryOf(rooms.inForce(), kept.asked.operation));
      return act(kept, approve(rooms, kept, person, digest, mild));
    },
    async edit(id, person, digest, args) {
      const kept = found(id);
      if (kept === undefined) return err(unknownApproval(id));
      const made = await edit(rooms, kept, { person, digest, args }, readThrough(rooms));
      return made.ok ? act(kept, made.value) : made;
    },
    async deny(id, person, why) {
      const kept = found(id);
      if (kept === undefined) return err(unknownApproval(id));
      const isAnswer = person !== null && isNamed(rooms, kept, person);
      return act(kept, isAnswer ? deny(rooms, kept, person, why) : cancel(rooms, kept, why));
    },
  };
}
