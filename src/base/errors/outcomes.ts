import { failure, fault } from './row.ts';

/** How an action ended that was begun, or why nothing came of it; and what is broken of ours. */
export const OUTCOMES = {
  ASK_OUTSIDE: failure('{upstream} asked outside of any call, or of more than one, so nobody can be asked.'),
  ASK_FAILED: failure('The client was asked for {what}, and its answer is none: {why}.'),
  ASK_UNANSWERED: failure('The client was asked, and nobody has answered.'),
  TOO_MANY_ASKS: failure('{upstream} asked more than {limit} times in one call.'),
  TOO_MANY_PAUSES: failure(
    '{limit} calls of this agent wait for input already, so {upstream} cannot ask for more.',
  ),
  TASK_LOST: failure('{upstream} does not know its task any more; whether it was done is not known.'),
  TASK_EXPIRED: failure(
    'A task of {upstream} was not over in time and was cancelled; how it ended is not known.',
  ),
  RUN_ENDED: failure('The run that asked for this has ended; whether {upstream} acted is not known.'),
  TOKEN_ENDED: failure(
    'The token that asked for this is not valid any more; whether {upstream} acted is not known.',
  ),
  STOPPED: failure('It was stopped meanwhile; how it ended is not known.'),
  TUNNEL_FAILED: failure('No tunnel to {host} could be opened: {what}.'),
  UPSTREAM_FAILED: failure('{upstream} did not answer properly: {what}.'),
  UPSTREAM_TIMEOUT: failure('{upstream} did not answer within {limit} ms; whether it acted is not known.'),
  UPSTREAM_SILENT: failure('{upstream} {began} did not {do} within {seconds} s; {help}.'),
  UPSTREAM_LOST: failure('The connection to {upstream} was lost; whether it acted is not known.'),
  UPSTREAM_ANSWER_TOO_LARGE: failure('{upstream} answered with more than {limit} bytes.'),
  ASKED_ONLY: failure('Only a decision was asked for; nothing was sent.'),
  INTERRUPTED: failure('Lanyard ended while this ran; whether it was done is not known.'),
  CANCELLED: failure('The call was cancelled; whether {upstream} acted is not known.'),
  ABORTED: failure('The call ended before anything was sent to {upstream}.'),
  UPSTREAM_BUSY: failure('{upstream} has {limit} calls running already; nothing was sent.'),
  OUTCOME_UNRECORDED: failure(
    'What happened could not be recorded; everything is frozen until a person releases it.',
  ),

  TOO_MANY_APPEALS: failure('{limit} of what this agent put before people {what}; go on without, or wait.'),

  OUTCOME_OWED: fault(
    503,
    'The outcome is noted and could not be recorded yet; it is written first when the log can be written again.',
  ),
  DISK_FULL: fault(
    503,
    'The disk of the state directory is full: this cannot be read before there is room, and nothing may run. Stopping works all the same.',
  ),
  INTERNAL: fault(503, 'Something inside Lanyard went wrong; nothing was allowed because of it.'),
};
