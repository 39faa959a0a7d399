import type { Requirement } from './requirement.ts';

/** P4 alone: what a stop promises has more tests than any two others. */
export const STOPS: Requirement = {
  id: 'P4',
  promise:
    'A stop takes effect everywhere at once, in memory first, never refused for want of a record. An agent can never release itself.',
  tests: {
    'tests/journeys/approvals/restart.test.ts': ['P4 a call that waits as a task, and a stop'],
    'tests/journeys/approvals/late.test.ts': ['P4 does not run out: it stands years later'],
    'tests/journeys/run/egress.test.ts': [
      'P4 a stop cuts every tunnel: nothing arrives after it, and how it ended is unknown',
    ],
    'tests/journeys/run/run.test.ts': [
      'P4 ends with its command, however that dies',
      'P4 frozen, nothing of its tree runs, daemons included; released, it goes on; killed, nothing is left',
      'P4 an instance that is killed leaves no program running, whatever holds it',
      'P4 a run whose time is over is ended, in every way of holding',
      'P4 %s in the middle of a tool call: the call is cut and its end not known, the program stands or is gone',
    ],
    'src/doors/run/desk.test.ts': [
      'P4 a run that is killed has no token and no door from that tick on, and ends without its command',
      'P4 a run that is released between the freezing and the killing of its processes dies all the same',
    ],
    'tests/journeys/run/token.test.ts': [
      'P4 frozen does nothing, hears nothing, and has nothing open; released it is good again',
      'P4 is over with its run, and with it all that was begun by it, whoever holds that',
      'P4 a task of it ends with it over a %s of the instance too, and one of no run goes on',
      'P4 killed is nobody’s, and nothing of it is left',
    ],
    'src/pipeline/tasks/held-task-restart.test.ts': ['P4 a call of a run that waits as a task'],
    'src/pipeline/tasks/held-task.test.ts': [
      'P4 is over with its token, in its tick, and its question stays for another token',
    ],
    'src/pipeline/credentials/token-gone.test.ts': ['P4 a token that is taken away'],
    'tests/doors/agents/token-gone.test.ts': ['P4 a token that is taken away'],
    'tests/events/gone.test.ts': ['P4 whoever is gone hears nothing any more'],
    'tests/journeys/check/late.test.ts': ['P4 at the check door'],
    'tests/journeys/people/signatures.test.ts': [
      'P4 to a session that ends while a body is on its way: nothing of it is done',
    ],
    'src/pipeline/stop/halt-switch.test.ts': [
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
    'src/pipeline/stop/stop.test.ts': [
      'P4 is one entry at once, and one that counts the others; by another, or for another reason, it is its own',
      'P4 stands before a release that comes meanwhile, and after one it is a stop of its own',
      'P4 is owed with the first one where that cannot be recorded: none is lost',
      'P4 by %s is recorded behind a kill that came meanwhile, and makes it no milder',
    ],
    'src/control/brake/brake.test.ts': [
      'P4 a thread that is lost is started again, and that it was is told',
      'P4 one whose port is taken meanwhile says so, and listens as soon as it is free',
    ],
    'src/main/stop/kept-stops.test.ts': [
      'P4 a kill by a person whose entry was lost in a crash revokes secrets after the restart',
      'P4 one by a person over an older kill by the socket revokes as well, once',
    ],
    'src/main/revoke/revoking.test.ts': [
      'P4 what is brought back is not broken afterwards: its secret is left off, and somebody is to look',
      'P4 P7 no kill is missed that is committed while the log is read at a start',
    ],
    'tests/journeys/stop/drill.test.ts': [
      'P4 ends what canaries have in flight and begin, on every door, and leaves the real agent alone',
    ],
    'tests/journeys/stop/cases.test.ts': [
      'P4 is opened by a trip, with what the rule saw',
      'P4 is closed by its backup with a debrief that is kept, and releases nothing',
      'P4 takes its agent down to frozen where nobody acknowledges the page, and no further',
      'P4 pages who answers for the agents that a stop of more than one is about, and whoever is paged can acknowledge',
    ],
    'tests/journeys/stop/outside.test.ts': [
      'P4 stops at the brake: in effect, kept and recorded when it is answered, by the person whose it is',
      'P4 freezes everything, is remembered, and releases nothing when it goes',
      'P4 freezes everything',
      'P4 finds everything stopped at the next start, and tells it in the log',
      'P4 writes the file STOP where nothing answers at all, and says so',
      'P4 that somebody has read off the wire stops again, byte for byte, opens no other door, and ends with its key',
    ],
    'tests/journeys/stop/hard-to-find.test.ts': [
      'P4 and %s keeps nobody from stopping, and from reading the log',
      'P4 still says where the brake is',
      'P4 has room for the name of the file STOP, which is enough',
    ],
    'src/main/revoke/due.test.ts': ['P4 a secret is revoked by a kill'],
    'src/main/revoke/step.test.ts': ['P4 that a secret was revoked'],
    'tests/journeys/stop/revoke.test.ts': [
      'P4 is not revoked by the socket, nor by who asks for less',
      'P4 is revoked once a signed-in person kills, by the program that is configured, and proved',
      'P4 is revoked by a stop key, at an address, with the secret that is named',
      'P4 P7 is taken up again after a kill -9 in the middle',
    ],
    'tests/journeys/stop/while-flooded.test.ts': ['P4 %s stops: nothing reaches the upstream any more'],
    'tests/journeys/stop/channel.test.ts': ['P4 stops once, by the person whose it is, and is spent'],
    'tests/console/inbox-incident.test.ts': [
      'P4 the eleventh deletion within a minute stops the agent by itself, however many it has under way',
      'P4 one press on a phone stops the other in the middle of a deletion, and none is sent after that',
    ],
    'tests/console/freeze-all.test.ts': [
      'P4 everything is frozen from any page of a phone: one press, and one that means it, without a passkey',
      'P4 tells whoever stops in that way without the network what else does',
      'P4 tells whoever stops in a session that is over that nothing was stopped, and what else stops',
    ],
    'tests/console/offline.test.ts': [
      'P4 tells whoever stops into a silence that nobody answers, and what else stops, though every connection is taken',
    ],
    'tests/console/release.test.ts': [
      'P4 a stop whose answer is lost on the way back is told by what stands: frozen, and not that nothing was stopped',
    ],
    'tests/console/stop-page.test.ts': [
      'P4 in %s: one press stops everything, and says what it did',
      'P4 the saved page stops from a file, over the topic, with one press',
    ],
    'src/pipeline/stop/release-killed.test.ts': [
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
    'src/doors/mcp/upstream-side/agent-session.test.ts': [
      'P4 killed, a server that would go on as long as it is let is gone at once; frozen, it stays',
    ],
    'src/pipeline/action/trip.test.ts': ['P4 a breaker'],
    'src/pipeline/action/purpose.test.ts': ['P4 a purpose that an agent declares'],
    'src/pipeline/action/budgets.test.ts': [
      'P4 is half of what was left for a while after a release, and says so',
    ],
    'src/pipeline/check/check-corridor.test.ts': [
      'P4 a stop before the answer leaves',
      'P4 %s makes it a denial',
      'P4 as an apply that takes the agent from the point does',
    ],
    'src/pipeline/asks/held-call.test.ts': [
      'P4 a stop that lands while that is being recorded: no answer goes up',
      'P4 a stop while the client is away cuts it, and its end is unknown',
    ],
    'src/pipeline/asks/pause.test.ts': [
      'P4 a stop that lands while it is being recorded: no byte gets out, and what was done before is unknown',
    ],
    'tests/events/subscriptions.test.ts': [
      'P4 goes quiet with a stop and speaks again after the release: %s',
      'P4 is told nothing while its %s is stopped, and what it missed once that is over',
    ],
    'tests/events/lists.test.ts': [
      'P4 hears of a stop that was over at once, for it may have asked meanwhile: %s',
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
    'tests/journeys/operator/acts.test.ts': [
      'P4 counts the very same stop that many give at once, and loses none',
    ],
    'tests/journeys/tasks/current.test.ts': [
      'P4 a stop cancels it at the upstream, and what it did is unknown; after the release it is over',
      'P4 a stop waits for no word of an upstream about it',
      'P4 ends with its token: it is cancelled at the upstream once that %s',
    ],
  },
};
