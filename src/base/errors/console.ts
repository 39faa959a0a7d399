import { refuse } from './row.ts';

/** What `control` does not do for people and their browsers: addresses, sessions, ceremonies, and what is not there. */
export const CONSOLE = {
  AGENT_UNKNOWN: refuse(404, 'There is no agent "{id}" in force.'),
  ACTION_UNKNOWN: refuse(404, 'There is no action "{id}" in the log.'),
  CASE_UNKNOWN: refuse(
    404,
    'There is no case "{id}" in the log; ./lanyard cases list shows those there are.',
  ),
  PAGE_UNKNOWN: refuse(404, 'There is no page at this address.'),
  ROUTE_UNKNOWN: refuse(404, 'There is nothing at this address; see /v1/openapi.json.'),
  AGENT_TOKEN: refuse(403, "An agent's token opens nothing here; this was told in the log."),
  SIGN_IN_NEEDED: refuse(401, 'Sign in with a passkey first.'),
  SESSION_OVER: refuse(401, 'This session is over; sign in again.'),

  CEREMONY_UNKNOWN: refuse(
    409,
    'This signature answers nothing that was asked here, or it came twice or too late; begin anew.',
  ),
  PROOF_REFUSED: refuse(403, 'The signature was not accepted: {what}.'),
  CODE_REFUSED: refuse(403, 'This code is not good (any more); ask for a new one.'),
  TOO_MANY_CODES: refuse(429, 'Too many wrong codes; wait a minute.'),
  CHANGE_UNKNOWN: refuse(404, 'No change {id} waits here.'),
  PERSON_UNKNOWN: refuse(404, 'There is no person "{id}" here.'),
  STOP_KEY_UNKNOWN: refuse(404, 'There is no stop key {id} of yours.'),
  PASSKEY_UNKNOWN: refuse(404, 'There is no passkey {id} here.'),
  SESSION_UNKNOWN: refuse(404, 'No session {id} is open here, or it is not yours to end.'),
};
