import { deny } from './row.ts';

/** Why an action does not run: what a decision says. */
export const DECISIONS = {
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
    '{operation} is not what it was when it was accepted. Its owner can look at what has changed, and accept it or not.',
  ),
  LISTED_TWICE: deny(
    '{upstream} lists more than one {what} under this name, so nobody can tell which of them would run. Whoever runs it has to mend that.',
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
};
