import { PEOPLE } from './requirements/people.ts';
import type { Requirement } from './requirements/requirement.ts';
import { STOPS } from './requirements/stops.ts';

/** What Lanyard promises, P1 to P9. requirements.test.ts sees to it that each is tested, and that no name here is stale. */
export const REQUIREMENTS: readonly Requirement[] = [
  {
    id: 'P1',
    promise: 'Nothing runs that was not decided; nothing is allowed that was not durably recorded first.',
    tests: {
      'tests/journeys/run/egress.test.ts': [
        'P1 a tunnel that a rule permits is decided, recorded, carried, and its bytes are in the log',
      ],
      'src/pipeline/act.test.ts': [
        'P1 is durable in the log before it is sent, and has its outcome there before it is answered',
      ],
      'src/pipeline/check/check-corridor.test.ts': [
        'P1 what the check door allows',
        'P1 is durable in the log before anybody hears of it, and is never sent from here',
        'P1 P2 is denied where it cannot be recorded (%s)',
      ],
      'src/pipeline/asks/held-call.test.ts': [
        'P1 that it goes on is durable before its upstream is answered; it is sent once',
        'P1 P2 that cannot be recorded cuts it, and nothing goes up (%s)',
      ],
      'src/pipeline/pass.test.ts': ['P1 a pass'],
      'src/pipeline/asks/pause.test.ts': [
        'P1 is durable in the log again before it is sent, as the same action, with the state of its upstream',
        'P1 P2 that cannot be recorded is not sent (%s)',
      ],
      'src/pipeline/record.test.ts': ['P1 resolves when the entry is durable, and not before'],
      'tests/faults/fault-table.test.ts': [
        'P1 P2 %s: denied, nothing sent, and told when the store returns',
        'P1 %s, of many that share the commit: none of them runs',
      ],
      'tests/faults/killed.test.ts': ['P1 P6 P7 killed %s the commit'],
      'tests/faults/kill-loop.test.ts': [
        'P1 P6 P7 hold over a dozen random kills under load (npm run faults: hundreds)',
      ],
    },
  },
  {
    id: 'P2',
    promise:
      'Default deny: any error on the way to a decision is a deny, with a code and a reason. A denial that cannot be recorded is still a denial.',
    tests: {
      'tests/journeys/run/egress.test.ts': [
        'P2 nothing is permitted that no rule names: denied, recorded, and not looked up',
      ],
      'tests/journeys/stop/outside.test.ts': ['P2 stops everything where nobody can tell whether it stands'],
      'src/main/in-force/engine-answers.test.ts': ['P2: what another key signed is not taken'],
      'src/pipeline/act.test.ts': ['P2 a denied action'],
      'src/pipeline/check/check-corridor.test.ts': ['P1 P2 is denied where it cannot be recorded (%s)'],
      'src/pipeline/asks/held-call.test.ts': [
        'P1 P2 that cannot be recorded cuts it, and nothing goes up (%s)',
      ],
      'src/pipeline/asks/pause.test.ts': ['P1 P2 that cannot be recorded is not sent (%s)'],
      'src/pipeline/approval/review.test.ts': ['P2 a question that cannot be recorded'],
      'src/pipeline/record.test.ts': [
        'P2 refuses what is too much to wait, and goes on',
        'P2 counts a denial that could not be recorded while a gap is being written',
      ],
      'tests/faults/fault-table.test.ts': [
        'P2 %s: denied all the same, and told when the store returns',
        'P2 a store that is gone denies everything, counts it, and tells the whole when it is back',
      ],
    },
  },
  {
    id: 'P3',
    promise:
      'What was decided is what is sent: the canonical, parsed action, and not the bytes that arrived.',
    tests: {
      'src/pipeline/tasks/held-task-restart.test.ts': [
        'P3 a call that waited as a task, whose question was over when the process ended',
      ],
      'src/pipeline/act.test.ts': [
        'P3 is sent as it was decided on: canonical text, targets in their normal form',
      ],
    },
  },
  STOPS,
  PEOPLE,
  {
    id: 'P6',
    promise:
      'The log is append-only, tamper-evident and complete, and anyone can verify it offline with the checkpoint key alone.',
    tests: {
      'src/pipeline/tasks/held-task-restart.test.ts': [
        'P6 a call that waited as a task and that nobody finds any more',
      ],
      'src/main/log/log-state.test.ts': [
        'P6 a set that nobody signed',
        'P6 what Lanyard does itself while the state is held against the log',
        'P6 a clock that steps back',
      ],
      'src/pipeline/record.test.ts': [
        'P6 after a commit that failed',
        'P6 makes a checkpoint at the latest 1,000 entries behind, and one of everything at the end',
      ],
      'tests/second-verifier/agreement.test.ts': ['P6 the second verifier'],
      'src/pipeline/approval/batch-acts.test.ts': ['P6 an answer that nobody signed'],
      'src/ledger/verify/grants.test.ts': ['P6 the uses of grants, read offline'],
      'src/ledger/verify/proofs.test.ts': ['P6 what nobody signed, read offline'],
      'tests/journeys/approvals/restart.test.ts': ['P6 a hand in the state'],
      'src/ledger/witnessed.test.ts': ['P6 a log against checkpoints that were kept elsewhere'],
      'tests/journeys/evidence/witness.test.ts': ['P6 a witness'],
      'tests/journeys/evidence/auditor.test.ts': ['P6 coverage'],
      'tests/console/instance.test.ts': ['P6 hands out a log that verifies, signatures of people included'],
      'tests/journeys/people/enrolment.test.ts': [
        'P6 the log of all that holds, every signature in it included',
      ],
      'tests/journeys/people/signatures.test.ts': [
        'P6 holds, and does not when one signature in it is another’s',
        'P6 freezes everything at the next start, says what differs, and is not released before it is mended',
      ],
      'tests/faults/fault-table.test.ts': [
        'P6 %s, and a new start: what it did not cover is verified and covered then',
        'P6 nothing is released on a log that does not hold',
      ],
      'tests/faults/killed.test.ts': ['P1 P6 P7 killed %s the commit'],
      'tests/faults/kill-loop.test.ts': [
        'P1 P6 P7 hold over a dozen random kills under load (npm run faults: hundreds)',
      ],
    },
  },
  {
    id: 'P7',
    promise:
      'After a crash at any instant: no executed action is missing from the log, no acknowledged record is lost, no action is executed twice; what cannot be known is recorded as unknown.',
    tests: {
      'src/pipeline/act.test.ts': [
        'P7 many at once are each recorded and sent once',
        'P7 how an action ended',
      ],
      'src/pipeline/asks/held-call.test.ts': ['P7 a fault of ours ends it once, as unknown'],
      'src/pipeline/recover.test.ts': ['P7 after a start'],
      'src/pipeline/asks/pause.test.ts': [
        'P7 a restart closes a paused call as unknown, and its state opens nothing',
        'P7 ends a call that was to go on as unknown, and nothing of it stays open',
        'P7 ends a call that was sent as unknown, and nothing of it stays open',
      ],
      'src/pipeline/check/unreported.test.ts': [
        'P7 a restart',
        'P7 ends nothing that is done elsewhere: its outcome can still be told',
        'P7 counts the time in which nothing ran',
        'P7 finds an action that began while the end of the last one could not be written',
        'P7 finds an action that began while the end of the last one was being written',
        'P7 of an instance that was asked nothing here reads nothing back',
      ],
      'tests/faults/fault-table.test.ts': [
        'P7 %s, and a new start',
        'P7 %s: the agent learns only that, and everything is frozen',
        'P7 %s, and a new start before the store is back',
        'P7 fails before a byte is sent: aborted',
        'P7 fails, and the upstream acted all the same: unknown, and never sent again',
        'P7 the process ends while the upstream acts: unknown, shown at the start, and never sent again',
      ],
      'tests/faults/killed.test.ts': [
        'P1 P6 P7 killed %s the commit',
        'P7 killed while the upstream has the call',
      ],
      'tests/faults/kill-loop.test.ts': [
        'P1 P6 P7 hold over a dozen random kills under load (npm run faults: hundreds)',
      ],
      'tests/journeys/tasks/current.test.ts': [
        'P7 survives a restart where its upstream keeps it, as the same action',
      ],
      'tests/faults/turned.test.ts': [
        'P7 killed at each moment around a turn of the journal, nothing acknowledged is lost or there twice',
      ],
      'tests/journeys/tasks/killed.test.ts': [
        'P7 killed at each of these, a task ends once in the log, is sent once, and tells no result that is gone',
      ],
    },
  },
  {
    id: 'P8',
    promise: 'Secrets entrusted to Lanyard never reach the agent, the log or an error message.',
    tests: {
      'tests/journeys/run/run.test.ts': [
        'P8 passes on output, signals, its end, and a clean environment with a token of its own',
      ],
      'tests/journeys/run/left-open.test.ts': ['P8 no file that its caller had open is open in a server'],
      'src/pipeline/recording/scrub.test.ts': [
        'P8 a secret that Lanyard knows is scrubbed',
        'P8 a JSON value is scrubbed',
      ],
      'src/pipeline/told/log-message.test.ts': ['P8 a log message of an upstream'],
      'tests/events/logging.test.ts': ['P8 hears of its own calls what it asked for, clean'],
      'src/pipeline/recording/redact.test.ts': [
        'P8 what looks like a secret is redacted, as far as forms go',
      ],
      'src/pipeline/recording/secrets.test.ts': [
        'P8 a secret of the configuration',
        'P8 other values that look secret',
      ],
      'tests/journeys/evidence/inventory.test.ts': [
        'P8 names secrets and tokens and shows none, and fits a hundred columns',
      ],
      'tests/journeys/clients/secrets.test.ts': [
        'P8 %s hears nothing of it',
        'P8 nor does the log, anything in the state, or the instance itself tell it',
      ],
    },
  },
  {
    id: 'P9',
    promise: 'Every advertised control can be fired on purpose: doctor does so and says what it saw.',
    tests: {
      'tests/journeys/evidence/doctor.test.ts': [
        'P9 fires every control beside the running instance, which it only asks, and leaves nothing behind',
      ],
      'tests/sabotage/sabotage.test.ts': [
        'P9 are found by doctor: an action that does not wait for its record',
      ],
    },
  },
];
