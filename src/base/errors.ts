import { AROUND_APPROVALS } from './errors/approvals.ts';
import { AT_DOORS } from './errors/doors.ts';
import { OPERATOR } from './errors/operator.ts';

/**
 * The one table of what can be answered instead of a result. A code is stable for good: scripts and rules of others
 * name it. The sentence is for a person; `{…}` is filled with the particular case.
 *
 * kind: `refuse` malformed or unknown input, before any decision · `deny` a decision · `fail` an outcome · `fault`
 * something of ours is broken. http: status where the answer is not a JSON-RPC message of its own. rpc: JSON-RPC code.
 */
interface ErrorRow {
  readonly kind: 'refuse' | 'deny' | 'fail' | 'fault';
  readonly http: number;
  readonly rpc: number;
  readonly sentence: string;
}

const refuse = (http: number, rpc: number, sentence: string): ErrorRow => ({
  kind: 'refuse',
  http,
  rpc,
  sentence,
});
// A code of our own: MCP reserves what JSON-RPC leaves to implementations, and clients take -32001 for a time-out.
const deny = (sentence: string): ErrorRow => ({ kind: 'deny', http: 200, rpc: 403, sentence });
const fail = (sentence: string): ErrorRow => ({ kind: 'fail', http: 200, rpc: -32603, sentence });
const fault = (sentence: string): ErrorRow => ({ kind: 'fault', http: 503, rpc: -32603, sentence });

export const ERRORS = {
  // Bytes that are no well-formed message.
  BODY_TOO_LARGE: refuse(413, -32600, 'The message is larger than {limit} bytes.'),
  BAD_UTF8: refuse(400, -32700, 'The message is not valid UTF-8 (at byte {at}).'),
  BAD_JSON: refuse(400, -32700, 'The message is not valid JSON: {what} at character {at}.'),
  DUPLICATE_KEY: refuse(400, -32700, 'The key "{key}" stands twice in one object (at character {at}).'),
  LONE_SURROGATE: refuse(400, -32700, 'A string holds half of a surrogate pair (at character {at}).'),
  NUMBER_OUT_OF_RANGE: refuse(
    400,
    -32700,
    'The number {what} cannot be held exactly (at character {at}); integers must lie within ±2^53.',
  ),
  TOO_DEEP: refuse(400, -32700, 'The message nests deeper than {limit} levels.'),
  TOO_MANY_VALUES: refuse(400, -32700, 'The message holds more than {limit} values.'),
  STRING_TOO_LONG: refuse(400, -32700, 'A string is longer than {limit} characters (at character {at}).'),
  BATCH: refuse(400, -32600, 'Batches are not accepted; send one message per request.'),
  BAD_MESSAGE: refuse(400, -32600, 'This is not a JSON-RPC 2.0 request: {what}.'),
  BAD_REQUEST: refuse(400, -32600, 'This is not a request that is answered here: {what}.'),
  BAD_PARAMS: refuse(200, -32602, 'The parameters do not fit the method: {what}.'),
  BAD_ENVELOPE: refuse(400, -32602, 'The _meta of the request is not what 2026-07-28 asks for: {what}.'),
  RESERVED_KEY: refuse(200, -32602, 'The key "{key}" begins with "__", which is reserved; rename it.'),
  SYSTEM_CONTEXT: refuse(
    400,
    -32602,
    'The member "{key}" would set what Lanyard alone sets (context.system); leave it out.',
  ),
  RESOURCE_DIFFERS: refuse(
    400,
    -32602,
    '{operation} with these arguments is about {targets}, and not about {resource}.',
  ),
  TOO_MANY_EVALUATIONS: refuse(400, -32600, 'One request may ask for {limit} evaluations; split it.'),
  FOREIGN_AGENT: refuse(403, -32600, 'This token does not speak for an agent "{agent}".'),
  UNKNOWN_ACTION: refuse(
    404,
    -32600,
    'No action {action} of this caller waits for its outcome; it may have been told already.',
  ),
  HEADER_MISMATCH: refuse(400, -32020, 'The header {header} does not agree with the body: {what}.'),
  UNSUPPORTED_VERSION: refuse(
    400,
    -32022,
    'Protocol version {version} is not supported; use one of {supported}.',
  ),
  UNKNOWN_METHOD: refuse(200, -32601, 'The method {method} is not known here.'),
  METHOD_REFUSED: refuse(200, -32601, 'The method {method} is not passed through this gateway.'),
  UNKNOWN_OPERATION: refuse(200, -32602, 'There is no {what} "{name}" here.'),
  UNKNOWN_UPSTREAM: refuse(404, -32600, 'There is no upstream "{name}" here.'),
  ARGUMENTS_INVALID: refuse(200, -32602, 'The arguments do not fit the schema of {operation}: {what}.'),
  SCHEMA_UNUSABLE: refuse(
    200,
    -32602,
    'What this operation takes cannot be checked, so it cannot be used: {what}.',
  ),
  STATE_UNREADABLE: refuse(
    200,
    -32602,
    'This requestState is none that was given out here since the last start, or it was changed; make the call anew.',
  ),
  STATE_EXPIRED: refuse(200, -32602, 'This requestState was good for {limit} s; make the call anew.'),
  STATE_USED: refuse(
    200,
    -32602,
    'This requestState was used already, or a stop ended what it stood for; make the call anew.',
  ),
  STATE_FOREIGN: refuse(200, -32602, 'This requestState was given to another {what}.'),
  REQUEST_KEY_DIFFERS: refuse(422, -32602, 'This Idempotency-Key is used otherwise, or none.'),
  IDEMPOTENCY_DIFFERS: refuse(
    200,
    -32602,
    'This idempotency key was given with other arguments, and the question about those ({approval}) is still open; use another key.',
  ),
  STATE_DIFFERS: refuse(
    200,
    -32602,
    'The call that goes on is not the one that was paused: {what} differ; make a call of its own.',
  ),
  UNKNOWN_TASK: refuse(200, -32602, 'There is no such task here (any more).'),
  TASK_OVER: refuse(200, -32602, 'This task has ended already, so it cannot be cancelled.'),
  TASKS_UNDECLARED: refuse(
    400,
    -32021,
    'Tasks are for clients that declare the extension io.modelcontextprotocol/tasks in their request.',
  ),
  TOO_MANY_TASKS: refuse(
    429,
    -32600,
    'This agent has {limit} tasks running; wait for one to end, or cancel one.',
  ),
  UNKNOWN_SESSION: refuse(404, -32600, 'This session is not known (any more); initialize a new one.'),
  SESSION_MISSING: refuse(
    400,
    -32600,
    'Send initialize first and Mcp-Session-Id afterwards, or speak 2026-07-28 (MCP-Protocol-Version and _meta).',
  ),
  TOO_MANY_SESSIONS: refuse(429, -32600, 'This agent has {limit} open sessions; end one first.'),
  TOO_MANY_STREAMS: refuse(429, -32600, 'This agent has {limit} event streams open; end one first.'),
  TOO_MANY_SUBSCRIPTIONS: refuse(
    429,
    -32600,
    'This agent is subscribed to {limit} resources; unsubscribe from one first.',
  ),
  UNKNOWN_EVENT: refuse(
    400,
    -32600,
    'This event is none of this session, or no longer kept; open the stream without Last-Event-ID and list again.',
  ),
  DUPLICATE_REQUEST_ID: refuse(400, -32600, 'A request with the id {id} is still running in this session.'),
  BAD_AUTHORITY: refuse(400, -32600, 'CONNECT {what}.'),
  TOO_MANY_RUNS: refuse(429, -32600, 'This agent has {limit} programs running; end one first.'),
  RUN_NOT_HELD: refuse(
    500,
    -32603,
    'The control group that was to hold this program is not there, so it was not started.',
  ),
  RUN_WITHIN_RUN: refuse(403, -32600, 'The token of a run starts no other run.'),
  TOO_MANY_TUNNELS: refuse(429, -32600, 'This agent has {limit} tunnels open; close one first.'),
  TUNNELS_ONLY: refuse(405, -32600, 'This is a way out for tunnels: it answers CONNECT, and nothing else.'),
  NOT_FOUND: refuse(
    404,
    -32600,
    'There is nothing at this address; MCP is at /mcp and /mcp/<upstream>, the check door at /access/v1/.',
  ),
  METHOD_NOT_ALLOWED: refuse(405, -32600, 'This address does not answer {method}.'),
  UNSUPPORTED_MEDIA_TYPE: refuse(
    415,
    -32600,
    'The body must be application/json, in UTF-8 and not compressed.',
  ),
  NOT_ACCEPTABLE: refuse(406, -32600, 'The Accept header must allow application/json and text/event-stream.'),
  TOKEN_MISSING: refuse(
    401,
    -32600,
    'A bearer token is needed: Authorization: Bearer <token>. Make one with ./lanyard agent token ID.',
  ),
  TOKEN_REFUSED: refuse(401, -32600, 'This token is not valid (any more).'),
  POINT_TOKEN: refuse(
    403,
    -32600,
    'This token is of a point, which may ask at the check door and nowhere else.',
  ),
  TOO_MANY_FAILURES: refuse(429, -32600, 'Too many failed authentications; wait a minute.'),
  TOO_MANY_ATTEMPTS: refuse(
    429,
    -32600,
    'This agent made more than {limit} attempts within a minute; slow down.',
  ),
  TOO_MANY_IN_FLIGHT: refuse(429, -32600, 'This agent has {limit} calls in flight; wait for one to end.'),
  LOG_QUOTA: refuse(
    429,
    -32600,
    'This agent has written {limit} bytes to the log today; it can go on tomorrow or after its limit is raised.',
  ),
  // The people's side: `control`.
  AGENT_UNKNOWN: refuse(404, -32600, 'There is no agent "{id}" in force.'),
  ACTION_UNKNOWN: refuse(404, -32600, 'There is no action "{id}" in the log.'),
  CASE_UNKNOWN: refuse(
    404,
    -32600,
    'There is no case "{id}" in the log; ./lanyard cases list shows those there are.',
  ),
  PAGE_UNKNOWN: refuse(404, -32600, 'There is no page at this address.'),
  ROUTE_UNKNOWN: refuse(404, -32600, 'There is nothing at this address; see /v1/openapi.json.'),
  AGENT_TOKEN: refuse(403, -32600, "An agent's token opens nothing here; this was told in the log."),
  SIGN_IN_NEEDED: refuse(401, -32600, 'Sign in with a passkey first.'),
  SESSION_OVER: refuse(401, -32600, 'This session is over; sign in again.'),

  CEREMONY_UNKNOWN: refuse(
    409,
    -32600,
    'This signature answers nothing that was asked here, or it came twice or too late; begin anew.',
  ),
  PROOF_REFUSED: refuse(403, -32600, 'The signature was not accepted: {what}.'),
  CODE_REFUSED: refuse(403, -32600, 'This code is not good (any more); ask for a new one.'),
  TOO_MANY_CODES: refuse(429, -32600, 'Too many wrong codes; wait a minute.'),
  CHANGE_UNKNOWN: refuse(404, -32600, 'No change {id} waits here.'),
  PERSON_UNKNOWN: refuse(404, -32600, 'There is no person "{id}" here.'),
  STOP_KEY_UNKNOWN: refuse(404, -32600, 'There is no stop key {id} of yours.'),
  PASSKEY_UNKNOWN: refuse(404, -32600, 'There is no passkey {id} here.'),
  SESSION_UNKNOWN: refuse(404, -32600, 'No session {id} is open here, or it is not yours to end.'),

  BUSY: refuse(503, -32603, 'Too much is arriving here at once; try again in a moment.'),
  SHUTTING_DOWN: refuse(503, -32603, 'Lanyard is stopping.'),

  // Decisions.
  NO_PERMIT: deny('No rule permits {operation} for this agent. Ask its owner for a permit, or do without.'),
  FORBIDDEN: deny('A rule forbids {operation} here.'),
  RULE_ERROR: deny('A rule could not be evaluated, so nothing is allowed: {what}.'),
  APPROVAL_UNAVAILABLE: deny('{operation} needs a person ({reviews}).'),
  APPROVAL_PENDING: deny(
    'A person has been asked (question {approval}, open until {expires}). Make the same call again with the same arguments to learn the answer; once approved, it runs then, once.',
  ),
  APPROVAL_DENIED: deny('{people} said no (question {approval}).'),
  APPROVAL_EXPIRED: deny(
    'Nobody answered in time (question {approval}), which is a no; make the call again to ask anew.',
  ),
  APPROVAL_SPENT: deny(
    'The same call was made more than once; what was approved (question {approval}) has run, as action {action}. Make it again to ask anew.',
  ),
  APPROVAL_TAKEN_BACK: deny(
    'The question {approval} was taken back before it was answered ({why}), and nothing ran by it; make the call again to ask anew.',
  ),
  TASK_NOT_KEPT: deny(
    'Not all arguments of this call were kept over a restart of Lanyard (something in them is, or looks like, a secret, or they are too old), so it never runs from what was kept. Question {approval} stands: make the same call again with the same arguments, and on a yes it runs then, once.',
  ),
  TOO_MANY_PENDING: deny(
    '{limit} questions of this agent wait for people already; wait for an answer to one.',
  ),
  UNREPRESENTABLE: deny(
    'The argument {what} is a number that a rule would have to compare but cannot hold exactly.',
  ),
  RULE_DOES_NOT_FIT: deny(
    'A rule no longer fits the arguments of {operation}; its owner must mend the rule or accept the change.',
  ),
  TARGET_UNKNOWN: deny('What {operation} would be done to cannot be told: {what}.'),
  TOO_MANY_TARGETS: deny('{operation} names more than {limit} targets.'),
  PROTECTED: deny('{target} belongs to Lanyard itself; no rule can permit this.'),
  PIN_CHANGED: deny(
    '{operation} is not what it was when it was accepted. Its owner can look with ./lanyard catalog accept.',
  ),
  UPSTREAM_UNAVAILABLE: deny('{upstream} is not connected, so nothing of it can run.'),
  PRIVATE_ADDRESS: deny(
    '{address} is not public: it leads into the house. Only a rule that names this very address and port permits it.',
  ),
  ASK_NOT_ALLOWED: deny(
    '{upstream} may not ask for {what} here; its owner can allow it under "may" in the configuration.',
  ),
  ASK_UNSUPPORTED: deny('{upstream} asks for {what}, and the client of this agent cannot be asked for that.'),
  ASK_ADDRESS: deny(
    '{upstream} may not send anybody to {address}; its owner can allow the host under "mayOpen" in the configuration.',
  ),
  ASK_UNREADABLE: deny('{upstream} asks for something that cannot be passed on: the request {what}.'),
  BUDGET_SPENT: deny(
    'The budget "{budget}" of this agent ({limit} per {per}) does not hold this any more; {until}. Do not try again; its owner can raise it.',
  ),
  AMOUNT_UNKNOWN: deny(
    'How much {operation} moves cannot be told in what the budget "{budget}" counts, so it does not run.',
  ),
  NO_OWNER: deny(
    'This agent has no living owner, so it does not run until an apply gives it one, or its backup takes over.',
  ),
  FROZEN: deny('This is frozen: nothing of it runs until a person releases it.'),
  LEASE_OVER: deny(
    'Nobody has looked at what this agent does for too long, so nothing runs until its owner or backup looks (console, Duties).',
  ),
  STORE_UNAVAILABLE: deny('The log cannot be written, so nothing may run.'),
  DECISION_FAILED: deny('No decision could be made, so nothing is allowed.'),

  // Outcomes.
  ASK_OUTSIDE: fail('{upstream} asked outside of any call, or of more than one, so nobody can be asked.'),
  ASK_FAILED: fail('The client was asked for {what}, and its answer is none: {why}.'),
  ASK_UNANSWERED: fail('The client was asked, and nobody has answered.'),
  TOO_MANY_ASKS: fail('{upstream} asked more than {limit} times in one call.'),
  TOO_MANY_PAUSES: fail(
    '{limit} calls of this agent wait for input already, so {upstream} cannot ask for more.',
  ),
  TASK_LOST: fail('{upstream} does not know its task any more; whether it was done is not known.'),
  TASK_EXPIRED: fail(
    'A task of {upstream} was not over in time and was cancelled; how it ended is not known.',
  ),
  STOPPED: fail('It was stopped meanwhile; how it ended is not known.'),
  TUNNEL_FAILED: fail('No tunnel to {host} could be opened: {what}.'),
  UPSTREAM_FAILED: fail('{upstream} did not answer properly: {what}.'),
  UPSTREAM_TIMEOUT: fail('{upstream} did not answer within {limit} ms; whether it acted is not known.'),
  UPSTREAM_LOST: fail('The connection to {upstream} was lost; whether it acted is not known.'),
  UPSTREAM_ANSWER_TOO_LARGE: fail('{upstream} answered with more than {limit} bytes.'),
  ASKED_ONLY: fail('Only a decision was asked for; nothing was sent.'),
  INTERRUPTED: fail('Lanyard ended while this ran; whether it was done is not known.'),
  CANCELLED: fail('The call was cancelled; whether {upstream} acted is not known.'),
  ABORTED: fail('The call ended before anything was sent to {upstream}.'),
  UPSTREAM_BUSY: fail('{upstream} has {limit} calls running already; nothing was sent.'),
  OUTCOME_UNRECORDED: fail(
    'What happened could not be recorded; everything is frozen until a person releases it.',
  ),

  TOO_MANY_APPEALS: fail('{limit} of what this agent put before people {what}; go on without, or wait.'),

  ...OPERATOR,
  ...AT_DOORS,
  ...AROUND_APPROVALS,

  // Ours.
  OUTCOME_OWED: fault(
    'The outcome is noted and could not be recorded yet; it is written first when the log can be written again.',
  ),
  INTERNAL: fault('Something inside Lanyard went wrong; nothing was allowed because of it.'),
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof ERRORS;

/** A refusal, denial or failure as a value: a code, and the table's sentence with its blanks filled. */
export interface Problem {
  readonly code: ErrorCode;
  readonly sentence: string;
}

/** `problem('TOO_DEEP', { limit: 64 })`. A blank that `details` leaves open stays visible, so that a test sees it. */
export function problem(code: ErrorCode, details: Readonly<Record<string, string | number>> = {}): Problem {
  const sentence = ERRORS[code].sentence.replace(/\{(\w+)\}/g, (blank, name: string) =>
    Object.hasOwn(details, name) ? shorten(String(details[name])) : blank,
  );
  return { code, sentence };
}

/** What no row words: the sentence alone says why, and its code is `REFUSED`. */
export const refused = (sentence: string): Problem => ({ code: 'REFUSED', sentence });

/** Details come from outside: one line, no control characters, bounded. */
function shorten(text: string): string {
  const line = text.toWellFormed().replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\ufffd');
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
