import { refusal } from './row.ts';

/** Why an act of a person, or of the operator socket, is not done. */
export const OPERATOR = {
  SCOPE_UNKNOWN: refusal(404, 'There is no {kind} "{id}" here{hint}. Nothing was {verb}.'),
  SCOPE_UNREADABLE: refusal(
    409,
    '"{what}" cannot be {verb}; say all, agent:ID, owner:ID, session:ID, operation:NAME (mcp:UPSTREAM/TOOL), upstream:ID or target:ID',
  ),
  LEVEL_UNKNOWN: refusal(409, '"{level}" is no level to {act} at; say {levels}'),
  REASON_MISSING: refusal(409, 'A release needs a reason: --why "…"'),
  POINT_UNKNOWN: refusal(409, 'There is no point "{id}"{hint}'),
  UPSTREAM_UNKNOWN: refusal(409, 'There is no upstream "{id}"{hint}'),
  NAME_UNKNOWN: refusal(409, 'Nothing called "{name}" is listed by {upstream} or pinned; {hint}'),
  TTL_TOO_LONG: refusal(409, 'A token is good for {days} days at most; make another when it is over.'),
  TIME_UNREADABLE: refusal(409, 'That is no time to begin at.'),
  PROOF_NEEDED: refusal(409, 'This widens what agents can do, so a person signs it with a passkey first.'),
  PERSON_NEEDED: refusal(409, 'Only a person who has signed in can do this (console).'),
  ITSELF_ALONE: refusal(409, 'An agent can ask to be frozen, itself alone, and nothing else.'),
  PERSON_DISABLED: refusal(409, '{person} is disabled and can do nothing.'),
  AUDITOR_ONLY: refusal(409, 'An auditor reads everything and changes nothing.'),
  NOT_ENTITLED: refusal(409, '{person} may not do this: it takes {whom}.'),
  NOT_NAMED: refusal(409, 'No rule names you for this answer.'),
  STOPPED_MEANWHILE: refusal(409, 'A stop came meanwhile; look again, then release.'),
  NOBODY_CAN_SIGN: refusal(
    409,
    'What was killed comes back by two people who sign it, and nobody has a passkey yet (./lanyard enrol).',
  ),
  SECOND_PERSON_NEEDED: refusal(
    409,
    'What was killed comes back by two people. {person} has signed; the other is one of: {others}.',
  ),
  SECOND_WORD_EARLY: refusal(
    409,
    'Nobody else can sign this, so {person} signs twice, ten minutes apart: again in {minutes} minutes.',
  ),
  NOT_INDEPENDENT: refusal(
    409,
    '{first} and {second} do not count together: one enrolled the other in the last days.',
  ),
  FIRST_WORD_VOID: refusal(409, 'The first of the two words does not stand any more: begin anew.'),
  KILLED: refusal(409, 'This is killed: release it first, which two people sign, and then make a new token.'),
  UNRECORDED: refusal(
    409,
    'It could not be recorded, so it was not done; look in the log before you repeat it: {why}',
  ),
  APPLYING: refusal(409, 'Another apply is under way, or waits to be signed; look at it, then try again.'),
  DRILLING: refusal(409, 'Another drill is under way; wait for it.'),
  CASE_CLOSED: refusal(409, 'It is closed already; what was said then stays.'),
  CASE_UNRESOLVED: refusal(409, 'Say first how these ended, at the console: {actions}.'),
  DEBRIEF_SIZE: refusal(409, 'A debrief says what {what}, in 1 to {limit} characters.'),
  OUTCOME_KNOWN: refusal(409, 'How it ended is known; there is nothing to say.'),
  RESOLVED_ALREADY: refusal(409, 'Somebody has said already how it ended.'),
  RESOLVE_SIZE: refusal(409, 'At once are resolved 1 to {limit} actions.'),
  RESOLVE_UNLIKE: refusal(409, 'These are not alike: one word is for one operation of one agent.'),
  OFFER_MOVED: refusal(409, 'This is not (any more) what you were shown; look at it again.'),
  NOT_ANSWERABLE: refusal(409, 'Only {who} answers for {agent}.'),

  // What is in force.
  SET_CANNOT_START: refusal(
    409,
    'What is in force cannot start, so everything stands still. Mend the files, then run ./lanyard apply.',
  ),
  SET_MOVED: refusal(
    409,
    'What is in force has changed since this was asked for; look at the difference again.',
  ),
  FILES_UNUSABLE: refusal(409, 'The files have problems; nothing was applied.'),
  RULES_UNUSABLE: refusal(409, 'The rules have problems; nothing was applied.'),
  NOBODY_COULD_SIGN: refusal(409, 'Nobody could sign anything any more, so this is not applied.'),
  NOTHING_TO_ACCEPT: refusal(409, 'Nothing of {what} differs from its pins.'),
  LISTING_MOVED: refusal(409, '{upstream} has changed again since that was shown; look once more.'),
  ARGUMENTS_GONE: refusal(409, 'The arguments of {id} are no longer kept, so it cannot be decided again.'),
  NOT_DRILLABLE: refusal(409, '"{what}" cannot be drilled; say agent:ID.'),
  NOT_DRILLED: refusal(409, 'Nothing was drilled.'),
  EXPORT_UNWRITABLE: refusal(
    500,
    'The log could not be exported to {file}: {why}. Name another file, or - for standard output.',
  ),

  // Before everything is released, or an owner changes.
  NOTHING_RECORDABLE: refusal(409, 'A record still cannot be made; free the store first, then release.'),
  STATE_NOT_OF_LOG: refusal(409, 'The state still differs from what the log says.'),
  UNCONFIRMED: refusal(
    409,
    'What was done before the claim is neither confirmed nor undone (Duties, or ./lanyard confirm).',
  ),
  CONFIRM_UNCLAIMED: refusal(
    409,
    'A person confirms this with a passkey, and nobody has one yet (./lanyard enrol); nothing was confirmed.',
  ),
  NOT_TO_CONFIRM: refusal(409, 'Nothing is to be confirmed of entry {entries}.'),
  WITNESS_AHEAD: refusal(409, 'A witness has seen more of the log than is here.'),
  LOG_BROKEN: refusal(409, 'The log does not hold.'),
  ENTRIES_HIDDEN: refusal(409, 'The store does not find entries that stand in the log.'),
  STOP_FILE: refusal(
    409,
    'The file {file} is still in the state directory ({state}); remove it first, then release.',
  ),
  STOP_FILE_UNREADABLE: refusal(
    409,
    'Whether the file {file} stands cannot be told ({why}), so everything stays stopped.',
  ),
  LOOKED_MEANWHILE: refusal(409, 'Somebody has looked meanwhile; what is new is shown now.'),
  OWNER_ANSWERS: refusal(409, '{owner} answers for {agent} still; an apply can name somebody else.'),
  NOT_BACKUP: refusal(409, '{person} is not the backup of {agent}, or has not the role owner.'),
  OWNER_OR_BACKUP: refusal(409, "This is for the agent's owner or its backup."),
  HERSELF_ALONE: refusal(409, 'This is for the person herself.'),
  INVITATION_OF_ANOTHER: refusal(409, 'This is an invitation by {person}; make your own.'),
  ANSWER_OF_ANOTHER: refusal(409, 'This is the answer of {person}; give your own.'),
};
