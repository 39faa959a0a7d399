import { refusal } from './row.ts';

/** What `control` does not do for people and their browsers: addresses, sessions, ceremonies, and what is not there. */
export const CONSOLE = {
  AGENT_UNKNOWN: refusal(404, 'There is no agent "{id}" in force{hint}'),
  ACTION_UNKNOWN: refusal(404, 'There is no action "{id}" in the log.'),
  CASE_UNKNOWN: refusal(
    404,
    'There is no case "{id}" in the log; ./lanyard cases list shows those there are.',
  ),
  PAGE_UNKNOWN: refusal(404, 'There is no page at this address.'),
  ROUTE_UNKNOWN: refusal(404, 'There is nothing at this address; see /v1/openapi.json.'),
  AGENT_TOKEN: refusal(403, "An agent's token opens nothing here; this was told in the log."),
  SIGN_IN_NEEDED: refusal(401, 'Sign in with a passkey first.'),
  SESSION_OVER: refusal(401, 'This session is over; sign in again.'),

  CEREMONY_UNKNOWN: refusal(
    409,
    'This signature answers nothing that was asked here, or it came twice or too late; begin anew.',
  ),
  PROOF_REFUSED: refusal(403, 'The signature was not accepted: {what}.'),
  CODE_REFUSED: refusal(403, 'This code is not good (any more); ask for a new one.'),
  TOO_MANY_CODES: refusal(429, 'Too many wrong codes; wait a minute.'),
  CHANGE_UNKNOWN: refusal(404, 'No change {id} waits here.'),
  PERSON_UNKNOWN: refusal(404, 'There is no person "{id}" here{hint}'),
  STOP_KEY_UNKNOWN: refusal(404, 'There is no stop key {id} of yours.'),
  PASSKEY_UNKNOWN: refusal(404, 'There is no passkey {id} here.'),
  SESSION_UNKNOWN: refusal(404, 'No session {id} is open here, or it is not yours to end.'),

  // Passkeys, invitations, and what waits for a signature.
  SIGNATURE_USED: refusal(409, 'This signature was used already; sign anew.'),
  SIGNATURE_LATE: refusal(409, 'This signature came too late; sign anew.'),
  SIGNED_OTHERWISE: refusal(
    409,
    'What was signed is not what would be done now; look again, then sign anew.',
  ),
  ENROLLED_ALREADY: refusal(409, 'It is enrolled already.'),
  LAST_PASSKEY: refusal(409, 'Nobody could sign anything afterwards: it is the last passkey of an admin.'),
  NO_CONTROL: refusal(
    409,
    'There is no `control` in force; set it (control: 127.0.0.1:7702), apply, and start again.',
  ),
  CLAIMED: refusal(409, 'This instance is claimed: an admin invites people, at `control`.'),
  NO_ADMIN: refusal(409, "{person} is no admin; the first passkey is an admin's."),
  PERSON_MISSING: refusal(
    409,
    'Say for whom: ./lanyard enrol PERSON, one of the people with the role admin.',
  ),
  TOO_MANY_INVITATIONS: refusal(409, '{count} invitations are open already.'),
  TOO_MANY_CHANGES: refusal(
    409,
    '{count} changes of {asker} wait for a signature already; sign or drop one first.',
  ),
  CHANGE_OVER: refusal(409, 'This change is done, dropped or over; ask for it anew.'),
  CHANGE_DROPPED: refusal(409, 'Somebody said no to this change, or it could not be signed.'),
  CHANGE_EXPIRED: refusal(409, 'Nobody signed it within {minutes} minutes, so it was not done.'),
  TOO_MANY_STOP_KEYS: refusal(409, 'You have {limit} keys already; revoke one first.'),
  NO_STOP_CHANNEL: refusal(409, 'There is no channel that stops could come by; set `stopChannel` and apply.'),

  // What reaches people, and what is before them.
  UNREACHED: refusal(
    409,
    'Nothing reaches {person} yet: subscribe a phone, or name a channel under notify.people.',
  ),
  TESTED_JUST_NOW: refusal(409, 'A test was sent a moment ago; wait a little.'),
  NO_PASSKEY: refusal(
    409,
    '{person} has no passkey that is good now, so there is nothing to answer with: {help}.',
  ),
  CHANNEL_UNKNOWN: refusal(409, 'There is no {id} of {person}.'),
  NO_WEB_PUSH: refusal(409, 'Web Push is not configured (notify.push).'),
  SUBSCRIPTION_UNFIT: refusal(409, 'This subscription of a browser cannot be used.'),
  TOO_MANY_BROWSERS: refusal(
    409,
    '{person} has subscribed as many browsers as are kept; take one back first.',
  ),
  NOT_WAITING: refusal(
    409,
    'Nothing called "{id}" waits to be acknowledged; ./lanyard inbox shows what does.',
  ),
  OPTION_UNKNOWN: refusal(409, 'There is no such option.'),
  NOTHING_TO_EXPORT: refusal(409, 'There is nothing to export yet: the log has no checkpoint.'),
};
