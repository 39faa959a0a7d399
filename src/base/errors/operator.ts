/** Why an act of a person, or of the operator socket, is not done: a row of the error table each. */
const no = <S extends string>(sentence: S, http = 409) =>
  ({ kind: 'refuse', http, rpc: -32600, sentence }) as const;

export const OPERATOR = {
  REFUSED: no('This was refused.'),
  SCOPE_UNKNOWN: no('There is no {kind} "{id}" here{hint}. Nothing was {verb}.', 404),
  SCOPE_UNREADABLE: no(
    '"{what}" cannot be {verb}; say all, agent:ID, owner:ID, session:ID, operation:NAME (mcp:UPSTREAM/TOOL), upstream:ID or target:ID',
  ),
  LEVEL_UNKNOWN: no('"{level}" is no level to {act} at; say {levels}'),
  REASON_MISSING: no('A release needs a reason: --why "…"'),
  POINT_UNKNOWN: no('There is no point "{id}"{hint}'),
  PROOF_NEEDED: no('This widens what agents can do, so a person signs it with a passkey first.'),
  PERSON_NEEDED: no('Only a person who has signed in can do this (console).'),
  ITSELF_ALONE: no('An agent can ask to be frozen, itself alone, and nothing else.'),
  PERSON_DISABLED: no('{person} is disabled and can do nothing.'),
  AUDITOR_ONLY: no('An auditor reads everything and changes nothing.'),
  NOT_ENTITLED: no('{person} may not do this: it takes {whom}.'),
  NOT_NAMED: no('No rule names you for this answer.'),
  STOPPED_MEANWHILE: no('A stop came meanwhile; look again, then release.'),
  NOBODY_CAN_SIGN: no(
    'What was killed comes back by two people who sign it, and nobody has a passkey yet (./lanyard enrol).',
  ),
  SECOND_PERSON_NEEDED: no(
    'What was killed comes back by two people. {person} has signed; the other is one of: {others}.',
  ),
  SECOND_WORD_EARLY: no(
    'Nobody else can sign this, so {person} signs twice, ten minutes apart: again in {minutes} minutes.',
  ),
  NOT_INDEPENDENT: no('{first} and {second} do not count together: one enrolled the other in the last days.'),
  FIRST_WORD_VOID: no('The first of the two words does not stand any more: begin anew.'),
  KILLED: no('This is killed: release it first, which two people sign, and then make a new token.'),
  UNRECORDED: no('It could not be recorded, so it was not done; look in the log before you repeat it: {why}'),
  APPLYING: no('Another apply is under way, or waits to be signed; look at it, then try again.'),
  DRILLING: no('Another drill is under way; wait for it.'),
  CASE_CLOSED: no('It is closed already; what was said then stays.'),
  CASE_UNRESOLVED: no('Say first how these ended, at the console: {actions}.'),
  DEBRIEF_SIZE: no('A debrief says what {what}, in 1 to {limit} characters.'),
  OUTCOME_KNOWN: no('How it ended is known; there is nothing to say.'),
  RESOLVED_ALREADY: no('Somebody has said already how it ended.'),
  RESOLVE_SIZE: no('At once are resolved 1 to {limit} actions.'),
  RESOLVE_UNLIKE: no('These are not alike: one word is for one operation of one agent.'),
  OFFER_MOVED: no('This is not (any more) what you were shown; look at it again.'),
  NOT_ANSWERABLE: no('Only {who} answers for {agent}.'),
} as const;
