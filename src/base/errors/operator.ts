import { refuse } from './row.ts';

/** Why an act of a person, or of the operator socket, is not done. */
export const OPERATOR = {
  SCOPE_UNKNOWN: refuse(404, 'There is no {kind} "{id}" here{hint}. Nothing was {verb}.'),
  SCOPE_UNREADABLE: refuse(
    409,
    '"{what}" cannot be {verb}; say all, agent:ID, owner:ID, session:ID, operation:NAME (mcp:UPSTREAM/TOOL), upstream:ID or target:ID',
  ),
  LEVEL_UNKNOWN: refuse(409, '"{level}" is no level to {act} at; say {levels}'),
  REASON_MISSING: refuse(409, 'A release needs a reason: --why "…"'),
  POINT_UNKNOWN: refuse(409, 'There is no point "{id}"{hint}'),
  UPSTREAM_UNKNOWN: refuse(409, 'There is no upstream "{id}"{hint}'),
  TIME_UNREADABLE: refuse(409, 'That is no time to begin at.'),
  PROOF_NEEDED: refuse(409, 'This widens what agents can do, so a person signs it with a passkey first.'),
  PERSON_NEEDED: refuse(409, 'Only a person who has signed in can do this (console).'),
  ITSELF_ALONE: refuse(409, 'An agent can ask to be frozen, itself alone, and nothing else.'),
  PERSON_DISABLED: refuse(409, '{person} is disabled and can do nothing.'),
  AUDITOR_ONLY: refuse(409, 'An auditor reads everything and changes nothing.'),
  NOT_ENTITLED: refuse(409, '{person} may not do this: it takes {whom}.'),
  NOT_NAMED: refuse(409, 'No rule names you for this answer.'),
  STOPPED_MEANWHILE: refuse(409, 'A stop came meanwhile; look again, then release.'),
  NOBODY_CAN_SIGN: refuse(
    409,
    'What was killed comes back by two people who sign it, and nobody has a passkey yet (./lanyard enrol).',
  ),
  SECOND_PERSON_NEEDED: refuse(
    409,
    'What was killed comes back by two people. {person} has signed; the other is one of: {others}.',
  ),
  SECOND_WORD_EARLY: refuse(
    409,
    'Nobody else can sign this, so {person} signs twice, ten minutes apart: again in {minutes} minutes.',
  ),
  NOT_INDEPENDENT: refuse(
    409,
    '{first} and {second} do not count together: one enrolled the other in the last days.',
  ),
  FIRST_WORD_VOID: refuse(409, 'The first of the two words does not stand any more: begin anew.'),
  KILLED: refuse(409, 'This is killed: release it first, which two people sign, and then make a new token.'),
  UNRECORDED: refuse(
    409,
    'It could not be recorded, so it was not done; look in the log before you repeat it: {why}',
  ),
  APPLYING: refuse(409, 'Another apply is under way, or waits to be signed; look at it, then try again.'),
  DRILLING: refuse(409, 'Another drill is under way; wait for it.'),
  CASE_CLOSED: refuse(409, 'It is closed already; what was said then stays.'),
  CASE_UNRESOLVED: refuse(409, 'Say first how these ended, at the console: {actions}.'),
  DEBRIEF_SIZE: refuse(409, 'A debrief says what {what}, in 1 to {limit} characters.'),
  OUTCOME_KNOWN: refuse(409, 'How it ended is known; there is nothing to say.'),
  RESOLVED_ALREADY: refuse(409, 'Somebody has said already how it ended.'),
  RESOLVE_SIZE: refuse(409, 'At once are resolved 1 to {limit} actions.'),
  RESOLVE_UNLIKE: refuse(409, 'These are not alike: one word is for one operation of one agent.'),
  OFFER_MOVED: refuse(409, 'This is not (any more) what you were shown; look at it again.'),
  NOT_ANSWERABLE: refuse(409, 'Only {who} answers for {agent}.'),

  // What is in force.
  SET_CANNOT_START: refuse(
    409,
    'What is in force cannot start, so everything stands still. Mend the files, then run ./lanyard apply.',
  ),
  SET_MOVED: refuse(
    409,
    'What is in force has changed since this was asked for; look at the difference again.',
  ),
  FILES_UNUSABLE: refuse(409, 'The files have problems; nothing was applied.'),
  RULES_UNUSABLE: refuse(409, 'The rules have problems; nothing was applied.'),
  NOBODY_COULD_SIGN: refuse(409, 'Nobody could sign anything any more, so this is not applied.'),
  NOTHING_TO_ACCEPT: refuse(409, 'Nothing of {what} differs from its pins.'),
  LISTING_MOVED: refuse(409, '{upstream} has changed again since that was shown; look once more.'),
  ARGUMENTS_GONE: refuse(409, 'The arguments of {id} are no longer kept, so it cannot be decided again.'),
  NOT_DRILLABLE: refuse(409, '"{what}" cannot be drilled; say agent:ID.'),
  NOT_DRILLED: refuse(409, 'Nothing was drilled.'),
  EXPORT_UNWRITABLE: refuse(
    500,
    'The log could not be exported to {file}: {why}. Name another file, or - for standard output.',
  ),

  // Before everything is released, or an owner changes.
  NOTHING_RECORDABLE: refuse(409, 'A record still cannot be made; free the store first, then release.'),
  STATE_NOT_OF_LOG: refuse(409, 'The state still differs from what the log says.'),
  UNCONFIRMED: refuse(
    409,
    'What was done before the claim is neither confirmed nor undone (Duties, or ./lanyard confirm).',
  ),
  NOT_TO_CONFIRM: refuse(409, 'Nothing is to be confirmed of entry {entries}.'),
  WITNESS_AHEAD: refuse(409, 'A witness has seen more of the log than is here.'),
  LOG_BROKEN: refuse(409, 'The log does not hold.'),
  ENTRIES_HIDDEN: refuse(409, 'The store does not find entries that stand in the log.'),
  STOP_FILE: refuse(
    409,
    'The file {file} is still in the state directory ({state}); remove it first, then release.',
  ),
  STOP_FILE_UNREADABLE: refuse(
    409,
    'Whether the file {file} stands cannot be told ({why}), so everything stays stopped.',
  ),
  LOOKED_MEANWHILE: refuse(409, 'Somebody has looked meanwhile; what is new is shown now.'),
  OWNER_ANSWERS: refuse(409, '{owner} answers for {agent} still; an apply can name somebody else.'),
  NOT_BACKUP: refuse(409, '{person} is not the backup of {agent}, or has not the role owner.'),
  OWNER_OR_BACKUP: refuse(409, "This is for the agent's owner or its backup."),
  HERSELF_ALONE: refuse(409, 'This is for the person herself.'),
  INVITATION_OF_ANOTHER: refuse(409, 'This is an invitation by {person}; make your own.'),
  ANSWER_OF_ANOTHER: refuse(409, 'This is the answer of {person}; give your own.'),
};
