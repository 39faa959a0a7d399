import { fail, fault } from './row.ts';

/** How an action ended that was begun, or why nothing came of it; and what is broken of ours. */
export const OUTCOMES = {
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
  RUN_ENDED: fail('The run that asked for this has ended; whether {upstream} acted is not known.'),
  STOPPED: fail('It was stopped meanwhile; how it ended is not known.'),
  TUNNEL_FAILED: fail('No tunnel to {host} could be opened: {what}.'),
  UPSTREAM_FAILED: fail('{upstream} did not answer properly: {what}.'),
  UPSTREAM_TIMEOUT: fail('{upstream} did not answer within {limit} ms; whether it acted is not known.'),
  UPSTREAM_SILENT: fail('{upstream} {began} did not {do} within {seconds} s; {help}.'),
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

  OUTCOME_OWED: fault(
    503,
    'The outcome is noted and could not be recorded yet; it is written first when the log can be written again.',
  ),
  INTERNAL: fault(503, 'Something inside Lanyard went wrong; nothing was allowed because of it.'),
};
