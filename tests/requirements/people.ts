import type { Requirement } from './requirement.ts';

export const PEOPLE: Requirement = {
  id: 'P5',
  promise:
    'A person approves one exact action, under one policy version, before an expiry, once. No answer is a deny.',
  tests: {
    'tests/console/approval-life.test.ts': [
      'P5 what somebody changed while another read it is read anew before it can be approved',
      'P5 two of three: one yes is not enough, cannot be said twice, and the second is; then it runs once',
      'P5 a target that changed after the yes is asked about again',
      'P5 a yes said under other rules is none: it is asked again under those of now',
      'P5 what one tab signed counts once: sent again, it is refused, and for another question too',
      'P5 two tabs that answer at once, each with a passkey of hers: one answer counts',
      'P5 a GET of every link, in the tab and beside it, changes nothing',
      'P5 nobody answers in time, which is a no; a late yes is good for the next identical attempt, once',
    ],
    'tests/console/approval.test.ts': [
      'P5 a test question comes as a message, is answered with the passkey, and the command sees it',
    ],
    'tests/journeys/people/open.test.ts': [
      'P5 is mailed, answered by whom it asks with her passkey, seen back by the command, and does nothing',
    ],
    'src/approval/life.test.ts': [
      'P5 one approval',
      'P5 P7 whatever happens in whatever order, an action executes at most once, and only with enough distinct, entitled answers to exactly its digest',
    ],
    'src/approval/grant.test.ts': ['P5 what a grant can be for'],
    'src/pipeline/tasks/held-task.test.ts': ['P5 an approved call that waits as a task'],
    'src/pipeline/approval/batch-acts.test.ts': ['P5 many questions answered at once'],
    'src/pipeline/approval/grants.test.ts': [
      'P5 a grant',
      'P5 what no grant is given for',
      'P5 P7 a grant over a restart',
    ],
    'src/approval/who.test.ts': ['P5 who may answer', 'P5 how many are enough'],
    'src/main/log/log-state.test.ts': ['P5 what a passkey has counted'],
    'src/main/approvals/electorate.test.ts': [
      'P5 a quorum does not count a newcomer beside whoever invited her, and does a week later',
      'P5 a newcomer whom several invited counts beside none of them, and nobody invites herself',
    ],
    'src/pipeline/act.test.ts': ['P5 that needs a person: nobody can answer yet, and no answer is a deny'],
    'tests/journeys/approvals/life.test.ts': ['P5 questions in a real instance'],
    'tests/journeys/run/egress-review.test.ts': ['P5 a tunnel that a person has to decide on'],
    'tests/journeys/approvals/late.test.ts': [
      'P5 an answer that comes late',
      'P5 a recovery code',
      'P5 asked less',
    ],
    'tests/journeys/approvals/carriers.test.ts': ['P5 an approved call over %s'],
    'tests/journeys/approvals/restart.test.ts': [
      'P5 a call that waits as a task',
      'P5 a call that waits as a task, and was changed or not kept whole',
    ],
    'tests/journeys/approvals/passkey.test.ts': ['P5 an agent’s client and a person with a passkey'],
    'tests/journeys/people/door.test.ts': ['P5 gets 403 on every route, and each try is told in the log'],
    'tests/journeys/people/signatures.test.ts': ['P5 a signature'],
    'src/pipeline/approval/approval-edit.test.ts': [
      'P5 an action that a person edits',
      'P5 an edit of what is bound to the version of its target',
    ],
    'src/pipeline/approval/discharge.test.ts': [
      'P5 the state of what it is done to',
      'P5 a client of 2026-07-28 that can be sent to a page',
      'P5 after an apply',
    ],
    'src/pipeline/approval/review.test.ts': [
      'P5 an action that needs a person',
      'P5 an action whose own answer would mark its session',
      'P5 a quorum',
      'P5 an attack on an answer',
      'P5 P7 an approval over a restart',
    ],
  },
};
