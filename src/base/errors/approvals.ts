import { INVALID_PARAMS, refusal } from './row.ts';

/** What is said around approvals and grants, to people and to whoever asks for them. */
export const APPROVALS = {
  EDIT_SECRET: refusal(
    409,
    'Something in these arguments may not be stored (it is, or looks like, a secret), so they cannot be kept for the agent; deny, and let it ask anew.',
  ),
  EDIT_UNFIT: refusal(
    409,
    'What waits cannot be edited (any more): its definition has changed, or it is no call of a tool.',
  ),
  EDIT_ELSEWHERE: refusal(
    409,
    'Whoever asked does this itself, elsewhere, so what is changed here would not reach it; deny it, and say why.',
  ),
  EDITED: refusal(200, '{person} changed the arguments before this ran. What ran:', INVALID_PARAMS),
  APPROVAL_LINK: refusal(
    200,
    'A person must look at {operation} before it runs; the page shows what it would do.',
    INVALID_PARAMS,
  ),
  UNKNOWN_APPROVAL: refusal(
    404,
    'There is no question "{approval}" here (any more); see ./lanyard approvals list.',
  ),
  UNKNOWN_APPEAL: refusal(
    404,
    'There is nothing "{appeal}" before anybody here (any more); see ./lanyard inbox.',
  ),
  APPEAL_OVER: refusal(409, 'This is answered already, or over.'),
  APPROVAL_OVER: refusal(409, 'This question is over; whatever is said to it now counts for nothing.'),
  LESS_REFUSED: refusal(409, 'People go on being asked about this: {what}.'),
  LESS_MOVED: refusal(409, 'What is in force has changed since this was shown; look once more.'),
  NOT_ASKED: refusal(403, 'This question does not ask you.'),
  ANSWERED_ALREADY: refusal(409, 'You have answered this question already; nobody counts twice.'),
  OTHER_ACTION: refusal(409, 'The action is not (any more) the one that you were shown; look again.'),
  OTHER_RULES: refusal(409, 'The rules have changed since this was asked; the next attempt asks anew.'),
  GRANT_WEIGHT: refusal(
    409,
    'What merges, reaches people outside, cannot be taken back or is not classified is looked at one by one: there is no grant for it, and no answer to many at once.',
  ),
  BATCH_SIZE: refusal(409, 'At once are answered 2 to {limit} different questions.'),
  BATCH_UNLIKE: refusal(
    409,
    'These are not alike: at once are answered questions about one operation, asked by the same rules.',
  ),
  GRANT_EDITED: refusal(409, 'This was edited; what the agent asks for itself can be granted.'),
  GRANT_AIMLESS: refusal(
    409,
    'The catalog does not say what this is done to, so a grant would be for anything; name its targets there first.',
  ),
  GRANT_TERMS: refusal(409, 'A grant is for 1 to {times} actions, and ends within {days} days.'),
  GRANT_NOT_HERS: refusal(
    403,
    'Your yes alone is not enough for what is asked here, so it cannot be given in advance either.',
  ),
  TOO_MANY_GRANTS: refusal(409, 'This agent has {limit} grants already; revoke one first.'),
  UNKNOWN_GRANT: refusal(404, 'There is no grant "{grant}" here (any more); see ./lanyard grants list.'),
  NOT_ENOUGH: refusal(409, 'Not enough people have said yes.'),
};
