import type { ActionRow, ActionStory, QuestionNow } from '../../contract/control-reads.ts';
import { stateOf } from '../approvals/approval-view.ts';
import type { House } from '../house.ts';

/** A row that says of what was held for a person whether she is still waited for: the log's last word on it says only that she was. */
export function rowNow(house: House, row: ActionRow): ActionRow {
  return row.approval === undefined || row.outcome !== null
    ? row
    : { ...row, question: questionNow(house, row.approval) };
}

/** The same for the whole story of one action. */
export function storyNow(house: House, story: ActionStory): ActionStory {
  const { approval } = story.decided;
  return typeof approval === 'string' ? { ...story, question: questionNow(house, approval) } : story;
}

function questionNow(house: House, approval: string): QuestionNow {
  const kept = house.rooms.approvals.find(approval);
  return kept === undefined ? 'over' : stateOf(house, kept);
}
