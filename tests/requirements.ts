/** One promise of the house and the tests that would fail if it were broken. */
interface Requirement {
  readonly id: `P${number}`;
  readonly promise: string;
  /** File → titles of its tests or groups of tests; each carries the id. */
  readonly tests: Readonly<Record<string, readonly string[]>>;
  /** What of the promise is not built yet, in words; absent where it holds in full. */
  readonly toCome?: string;
}

/** What Lanyard promises, P1 to P9. requirements.test.ts sees to it that each is tested, and that no name here is stale. */
export const REQUIREMENTS: readonly Requirement[] = [
  {
    id: 'P1',
    promise: 'Nothing runs that was not decided; nothing is allowed that was not durably recorded first.',
    tests: {
      'tests/journeys/egress.test.ts': [
        'P1 a tunnel that a rule permits is decided, recorded, carried, and its bytes are in the log',
      ],
      'src/pipeline/act.test.ts': [
        'P1 is durable in the log before it is sent, and has its outcome there before it is answered',
      ],
      'src/pipeline/check-corridor.test.ts': [
        'P1 what the check door allows',
        'P1 is durable in the log before anybody hears of it, and is never sent from here',
        'P1 P2 is denied where it cannot be recorded (%s)',
      ],
      'src/pipeline/held-call.test.ts': [
        'P1 that it goes on is durable before its upstream is answered; it is sent once',
        'P1 P2 that cannot be recorded cuts it, and nothing goes up (%s)',
      ],
      'src/pipeline/pass.test.ts': ['P1 a pass'],
      'src/pipeline/pause.test.ts': [
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
      'tests/journeys/egress.test.ts': [
        'P2 nothing is permitted that no rule names: denied, recorded, and not looked up',
      ],
      'tests/journeys/outside-stops.test.ts': ['P2 stops everything where nobody can tell whether it stands'],
      'src/main/engine-answers.test.ts': ['P2: what another key signed is not taken'],
      'src/pipeline/act.test.ts': ['P2 a denied action'],
      'src/pipeline/check-corridor.test.ts': ['P1 P2 is denied where it cannot be recorded (%s)'],
      'src/pipeline/held-call.test.ts': ['P1 P2 that cannot be recorded cuts it, and nothing goes up (%s)'],
      'src/pipeline/pause.test.ts': ['P1 P2 that cannot be recorded is not sent (%s)'],
      'src/pipeline/review.test.ts': ['P2 a question that cannot be recorded'],
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
      'src/pipeline/held-task-restart.test.ts': [
        'P3 a call that waited as a task, whose question was over when the process ended',
      ],
      'src/pipeline/act.test.ts': [
        'P3 is sent as it was decided on: canonical text, targets in their normal form',
      ],
    },
  },
  {
    id: 'P4',
    promise:
      'A stop takes effect everywhere at once, in memory first, never refused for want of a record. An agent can never release itself.',
    tests: {
      'tests/journeys/questions-restart.test.ts': ['P4 a call that waits as a task, and a stop'],
      'tests/journeys/egress.test.ts': [
        'P4 a stop cuts every tunnel: nothing arrives after it, and how it ended is unknown',
      ],
      'tests/journeys/run.test.ts': [
        'P4 ends with its command, however that dies',
        'P4 frozen, nothing of its tree runs, daemons included; released, it goes on; killed, nothing is left',
        'P4 an instance that is killed leaves no program running, whatever holds it',
        'P4 a run whose time is over is ended, in every way of holding',
        'P4 %s in the middle of a tool call: the call is cut and its end not known, the program stands or is gone',
      ],
      'src/doors/run/process-tree.test.ts': [
        'P4 a tree without a control group stands, goes on and is gone',
        'P4 a program that starts others without end is caught up with',
      ],
      'src/doors/run/desk.test.ts': [
        'P4 a run that is killed has no token and no door from that tick on, and ends without its command',
        'P4 a run that is released between the freezing and the killing of its processes dies all the same',
      ],
      'src/pipeline/token-gone.test.ts': ['P4 a token that is taken away'],
      'tests/journeys/people-signatures.test.ts': [
        'P4 to a session that ends while a body is on its way: nothing of it is done',
      ],
      'src/pipeline/halt-switch.test.ts': [
        'P4 a stop that lands while the record is being committed (%s)',
        'P4 an agent that an apply takes away while its record is being committed',
        'P4 a stop takes effect although it cannot be recorded, and is recorded when the store returns',
        'P4 a milder stop never loosens a harder one',
        'P4 a stop that comes while a release is being recorded stays',
        'P4 a stop that comes while it is looked into whether to release refuses the release',
        'P4 a fault that comes while the release of another one is being recorded stays, over a restart too',
        'P4 a fault makes nothing milder that was killed',
        'P4 a level that was set outlives the process',
        'P4 a stop cuts what is in flight',
        'P4 what is alive registers itself',
        'P4 freezes itself',
      ],
      'src/pipeline/stop.test.ts': [
        'P4 by %s is recorded behind a kill that came meanwhile, and makes it no milder',
      ],
      'src/control/brake/brake.test.ts': [
        'P4 a thread that is lost is started again, and that it was is told',
        'P4 one whose port is taken meanwhile says so, and listens as soon as it is free',
      ],
      'src/main/kept-stops.test.ts': [
        'P4 a kill by a person whose entry was lost in a crash revokes secrets after the restart',
        'P4 one by a person over an older kill by the socket revokes as well, once',
      ],
      'src/main/revoke/revoking.test.ts': [
        'P4 what is brought back is not broken afterwards: its secret is left off, and somebody is to look',
        'P4 P7 no kill is missed that is committed while the log is read at a start',
      ],
      'tests/journeys/drill.test.ts': [
        'P4 ends what canaries have in flight and begin, on every door, and leaves the real agent alone',
      ],
      'tests/journeys/cases.test.ts': [
        'P4 is opened by a trip, with what the rule saw',
        'P4 is closed by its backup with a debrief that is kept, and releases nothing',
        'P4 takes its agent down to frozen where nobody acknowledges the page, and no further',
        'P4 pages who answers for the agents that a stop of more than one is about, and whoever is paged can acknowledge',
      ],
      'tests/journeys/outside-stops.test.ts': [
        'P4 stops at the brake: in effect, kept and recorded when it is answered, by the person whose it is',
        'P4 freezes everything, is remembered, and releases nothing when it goes',
        'P4 freezes everything',
        'P4 finds everything stopped at the next start, and tells it in the log',
        'P4 writes the file STOP where nothing answers at all, and says so',
        'P4 that somebody has read off the wire stops again, byte for byte, opens no other door, and ends with its key',
      ],
      'src/main/revoke/due.test.ts': ['P4 a secret is revoked by a kill'],
      'src/main/revoke/step.test.ts': ['P4 that a secret was revoked'],
      'tests/journeys/revoke.test.ts': [
        'P4 is not revoked by the socket, nor by who asks for less',
        'P4 is revoked once a signed-in person kills, by the program that is configured, and proved',
        'P4 is revoked by a stop key, at an address, with the secret that is named',
        'P4 P7 is taken up again after a kill -9 in the middle',
      ],
      'tests/journeys/outside-flood.test.ts': ['P4 %s stops: nothing reaches the upstream any more'],
      'tests/journeys/outside-channel.test.ts': ['P4 stops once, by the person whose it is, and is spent'],
      'tests/console/inbox-incident.test.ts': [
        'P4 the eleventh deletion within a minute stops the agent by itself, however many it has under way',
        'P4 one press on a phone stops the other in the middle of a deletion, and none is sent after that',
      ],
      'tests/console/stop-page.test.ts': [
        'P4 in %s: one press stops everything, and says what it did',
        'P4 the saved page stops from a file, over the topic, with one press',
      ],
      'src/pipeline/release-killed.test.ts': [
        'P4 one word releases nothing; the word of another does, and the log has both, signed',
        'P4 the same person is not two while somebody else could sign, however long she waits',
        'P4 where only one is entitled she signs again ten minutes later, and not before',
        'P4 people of whom one enrolled the other lately are not two',
        'P4 after %s the first word is void',
        'P4 the first word outlives a restart, and not a stop that came after it',
        'P4 the socket, an unsigned session and the killed agent itself release nothing',
      ],
      'tests/faults/long/stops.test.ts': ['P4 stops at random moments under load: none missed'],
      'tests/brake/full-disk.test.ts': [
        'P4 P7 a stop on a full disk holds, after a kill and a restart too, and then stands in the log',
      ],
      'tests/brake/under-load.test.ts': [
        'P4 frozen: all is cut at once, and what a server reads still is unknown',
        'P4 P5 what waits for a person cannot be approved while it is frozen, and can be denied',
        'P4 killed: tokens, questions and processes of whom it covers are gone, and the others go on',
      ],
      'src/pipeline/trip.test.ts': ['P4 a breaker'],
      'src/pipeline/budgets.test.ts': [
        'P4 is half of what was left for a while after a release, and says so',
      ],
      'src/pipeline/check-corridor.test.ts': [
        'P4 a stop before the answer leaves',
        'P4 %s makes it a denial',
        'P4 as an apply that takes the agent from the point does',
      ],
      'src/pipeline/held-call.test.ts': [
        'P4 a stop that lands while that is being recorded: no answer goes up',
        'P4 a stop while the client is away cuts it, and its end is unknown',
      ],
      'src/pipeline/pause.test.ts': [
        'P4 a stop that lands while it is being recorded: no byte gets out, and what was done before is unknown',
      ],
      'tests/events/subscriptions.test.ts': [
        'P4 goes quiet with a stop and speaks again after the release: %s',
      ],
      'tests/faults/fault-table.test.ts': [
        'P4 a revocation, %s: no token works any more, then or later',
        'P4 a stop, %s: it holds, and is told once',
        'P4 everything is released only when a record can be made and the log verifies',
      ],
      'tests/faults/killed.test.ts': [
        'P4 of a stop: it holds, whether or not the log has it yet, and stands in the log after the next start',
        'P4 of a release: it is frozen still unless the log has it',
      ],
      'tests/journeys/tasks-current.test.ts': [
        'P4 a stop cancels it at the upstream, and what it did is unknown; after the release it is over',
      ],
    },
    toCome:
      'The brake: calls that run already are aborted, processes frozen or ended, the network cut; scopes beyond all and one agent; drills.',
  },
  {
    id: 'P5',
    promise:
      'A person approves one exact action, under one policy version, before an expiry, once. No answer is a deny.',
    tests: {
      'tests/console/approval-life.test.ts': [
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
      'tests/journeys/control-open.test.ts': [
        'P5 is mailed, answered by whom it asks with her passkey, seen back by the command, and does nothing',
      ],
      'src/approval/life.test.ts': [
        'P5 one approval',
        'P5 P7 whatever happens in whatever order, an action executes at most once, and only with enough distinct, entitled answers to exactly its digest',
      ],
      'src/approval/grant.test.ts': ['P5 what a grant can be for'],
      'src/pipeline/held-task.test.ts': ['P5 an approved call that waits as a task'],
      'src/pipeline/batch-acts.test.ts': ['P5 many questions answered at once'],
      'src/pipeline/grants.test.ts': [
        'P5 a grant',
        'P5 what no grant is given for',
        'P5 P7 a grant over a restart',
      ],
      'src/approval/who.test.ts': ['P5 who may answer', 'P5 how many are enough'],
      'src/main/electorate.test.ts': [
        'P5 a quorum does not count a newcomer beside whoever invited her, and does a week later',
      ],
      'src/pipeline/act.test.ts': ['P5 that needs a person: nobody can answer yet, and no answer is a deny'],
      'tests/journeys/approvals-life.test.ts': ['P5 questions in a real instance'],
      'tests/journeys/egress-review.test.ts': ['P5 a tunnel that a person has to decide on'],
      'tests/journeys/approvals-late.test.ts': ['P5 an answer that comes late', 'P5 asked less'],
      'tests/journeys/questions-restart.test.ts': [
        'P5 a call that waits as a task',
        'P5 a call that waits as a task, and was changed or not kept whole',
      ],
      'tests/journeys/approvals.test.ts': ['P5 an agent’s client and a person with a passkey'],
      'tests/journeys/control-door.test.ts': ['P5 gets 403 on every route, and each try is told in the log'],
      'tests/journeys/people-signatures.test.ts': ['P5 a signature'],
      'src/pipeline/approval-edit.test.ts': ['P5 an action that a person edits'],
      'src/pipeline/discharge.test.ts': [
        'P5 the state of what it is done to',
        'P5 a client of 2026-07-28 that can be sent to a page',
        'P5 after an apply',
      ],
      'src/pipeline/review.test.ts': [
        'P5 an action that needs a person',
        'P5 a quorum',
        'P5 an attack on an answer',
        'P5 P7 an approval over a restart',
      ],
    },
  },
  {
    id: 'P6',
    promise:
      'The log is append-only, tamper-evident and complete, and anyone can verify it offline with the checkpoint key alone.',
    tests: {
      'src/main/log-state.test.ts': ['P6 a set that nobody signed'],
      'src/pipeline/record.test.ts': [
        'P6 after a commit that failed',
        'P6 makes a checkpoint at the latest 1,000 entries behind, and one of everything at the end',
      ],
      'tests/second-verifier/agreement.test.ts': ['P6 the second verifier'],
      'src/pipeline/batch-acts.test.ts': ['P6 an answer that nobody signed'],
      'src/ledger/verify/grants.test.ts': ['P6 the uses of grants, read offline'],
      'src/ledger/verify/proofs.test.ts': ['P6 what nobody signed, read offline'],
      'tests/journeys/questions-restart.test.ts': ['P6 a hand in the state'],
      'src/ledger/witnessed.test.ts': ['P6 a log against checkpoints that were kept elsewhere'],
      'tests/journeys/evidence-witness.test.ts': ['P6 a witness'],
      'tests/journeys/evidence.test.ts': ['P6 coverage'],
      'tests/console/instance.test.ts': ['P6 hands out a log that verifies, signatures of people included'],
      'tests/journeys/people-enrolment.test.ts': [
        'P6 the log of all that holds, every signature in it included',
      ],
      'tests/journeys/people-signatures.test.ts': [
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
      'src/pipeline/held-call.test.ts': ['P7 a fault of ours ends it once, as unknown'],
      'src/pipeline/recover.test.ts': ['P7 after a start'],
      'src/pipeline/pause.test.ts': [
        'P7 a restart closes a paused call as unknown, and its state opens nothing',
        'P7 ends a call that was to go on as unknown, and nothing of it stays open',
        'P7 ends a call that was sent as unknown, and nothing of it stays open',
      ],
      'src/pipeline/unreported.test.ts': [
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
      'tests/journeys/tasks-current.test.ts': [
        'P7 survives a restart where its upstream keeps it, as the same action',
      ],
    },
  },
  {
    id: 'P8',
    promise: 'Secrets entrusted to Lanyard never reach the agent, the log or an error message.',
    tests: {
      'tests/journeys/run.test.ts': [
        'P8 passes on output, signals, its end, and a clean environment with a token of its own',
      ],
      'src/pipeline/scrub.test.ts': [
        'P8 a secret that Lanyard knows is scrubbed',
        'P8 a JSON value is scrubbed',
      ],
      'src/pipeline/log-message.test.ts': ['P8 a log message of an upstream'],
      'tests/events/logging.test.ts': ['P8 hears of its own calls what it asked for, clean'],
      'src/pipeline/redact.test.ts': ['P8 what looks like a secret is redacted, as far as forms go'],
      'src/pipeline/secrets.test.ts': [
        'P8 a secret of the configuration',
        'P8 other values that look secret',
      ],
      'tests/journeys/inventory.test.ts': [
        'P8 names secrets and tokens and shows none, and fits a hundred columns',
      ],
      'tests/journeys/clients-secrets.test.ts': [
        'P8 %s hears nothing of it',
        'P8 nor does the log, anything in the state, or the instance itself tell it',
      ],
    },
  },
  {
    id: 'P9',
    promise: 'Every advertised control can be fired on purpose: doctor does so and says what it saw.',
    tests: {
      'tests/journeys/doctor.test.ts': [
        'P9 fires every control beside the running instance, which it only asks, and leaves nothing behind',
      ],
      'tests/sabotage/sabotage.test.ts': [
        'P9 are found by doctor: an action that does not wait for its record',
      ],
    },
  },
];
