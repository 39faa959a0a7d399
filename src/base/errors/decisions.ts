import { denial } from './row.ts';

/** Why an action does not run: what a decision says. */
export const DECISIONS = {
  NO_PERMIT: denial('No rule permits {operation} for this agent. Ask its owner for a permit, or do without.'),
  FORBIDDEN: denial('A rule forbids {operation} here.'),
  RULE_ERROR: denial('A rule could not be evaluated, so nothing is allowed: {what}.'),
  APPROVAL_UNAVAILABLE: denial('{operation} needs a person ({reviews}).'),
  APPROVAL_PENDING: denial(
    'A person has been asked (question {approval}, open until {expires}). Make the same call again with the same arguments to learn the answer; once approved, it runs then, once.',
  ),
  APPROVAL_DENIED: denial('{people} said no (question {approval}).'),
  APPROVAL_EXPIRED: denial(
    'Nobody answered in time (question {approval}), which is a no; make the call again to ask anew.',
  ),
  APPROVAL_SPENT: denial(
    'The same call was made more than once; what was approved (question {approval}) has run, as action {action}. Make it again to ask anew.',
  ),
  APPROVAL_TAKEN_BACK: denial(
    'The question {approval} was taken back before it was answered ({why}), and nothing ran by it; make the call again to ask anew.',
  ),
  TASK_NOT_KEPT: denial(
    'Not all arguments of this call were kept over a restart of Lanyard (something in them is, or looks like, a secret, or they are too old), so it never runs from what was kept. Question {approval} stands: make the same call again with the same arguments, and on a yes it runs then, once.',
  ),
  TOO_MANY_PENDING: denial(
    '{limit} questions of this agent wait for people already; wait for an answer to one.',
  ),
  UNREPRESENTABLE: denial(
    'The argument {what} is a number that a rule would have to compare but cannot hold exactly.',
  ),
  RULE_DOES_NOT_FIT: denial(
    'A rule no longer fits the arguments of {operation}; its owner must mend the rule or accept the change.',
  ),
  TARGET_UNKNOWN: denial('What {operation} would be done to cannot be told: {what}.'),
  TOO_MANY_TARGETS: denial('{operation} names more than {limit} targets.'),
  PROTECTED: denial('{target} belongs to Lanyard itself; no rule can permit this.'),
  PIN_CHANGED: denial(
    '{operation} is not what it was when it was accepted. Its owner can look at what has changed, and accept it or not.',
  ),
  LISTED_TWICE: denial(
    '{upstream} lists more than one {what} under this name, so nobody can tell which of them would run. Whoever runs it has to mend that.',
  ),
  UPSTREAM_UNAVAILABLE: denial('{upstream} is not connected, so nothing of it can run.'),
  PRIVATE_ADDRESS: denial(
    '{address} is not public: it leads into the house. Only a rule that names this very address and port permits it.',
  ),
  ADDRESS_FORBIDDEN: denial('{address}, to which this name leads, is forbidden by a rule that names it.'),
  ASK_NOT_ALLOWED: denial(
    '{upstream} may not ask for {what} here; its owner can allow it under "may" in the configuration.',
  ),
  ASK_UNSUPPORTED: denial(
    '{upstream} asks for {what}, and the client of this agent cannot be asked for that.',
  ),
  ASK_ADDRESS: denial(
    '{upstream} may not send anybody to {address}; its owner can allow the host under "mayOpen" in the configuration.',
  ),
  ASK_UNREADABLE: denial('{upstream} asks for something that cannot be passed on: the request {what}.'),
  BUDGET_SPENT: denial(
    'The budget "{budget}" of this agent ({limit} per {per}) does not hold this any more; {until}. Do not try again; its owner can raise it.',
  ),
  AMOUNT_UNKNOWN: denial(
    'How much {operation} moves cannot be told in what the budget "{budget}" counts, so it does not run.',
  ),
  NO_OWNER: denial(
    'This agent has no living owner, so it does not run until an apply gives it one, or its backup takes over.',
  ),
  FROZEN: denial('This is frozen: nothing of it runs until a person releases it.'),
  LEASE_OVER: denial(
    'Nobody has looked at what this agent does for too long, so nothing runs until its owner or backup looks (console, Duties).',
  ),
  STORE_UNAVAILABLE: denial('The log cannot be written, so nothing may run.'),
  DECISION_FAILED: denial('No decision could be made, so nothing is allowed.'),
};
