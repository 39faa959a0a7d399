import { problem } from '../../base/errors.ts';
import { refuseSwitches } from '../../base/http-refusals.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok } from '../../base/result.ts';
import type { Operations } from '../../control/operations.ts';
import { listenOnSocket, serveOperations, socketPlace } from '../../control/socket.ts';
import type { Person } from '../../model/person.ts';
import { build } from '../build.ts';
import { closeServer } from '../close-server.ts';
import type { Foundation } from '../foundation.ts';
import type { House } from '../house.ts';
import { openControl } from '../people/control.ts';
import type { Operate } from '../people/desks.ts';
import { openPeople } from '../people/people.ts';
import { sessionOperations } from '../people/people-operations.ts';
import { tokensOf } from '../people/token-operations.ts';
import { NOTHING_THERE, nothingDone } from '../standstill.ts';
import { unlessStopped } from '../start-failure.ts';
import type { StateDirectory } from '../state-directory.ts';
import { haltingOperations } from '../stop/halting.ts';
import { endTokensOfKilled } from '../stop/killing.ts';
import { lineOf } from '../tell.ts';
import { pinnedAnew } from './apply.ts';
import { changesBetween } from './changes.ts';
import { firstApply } from './first-apply.ts';
import { readFiles } from './read-files.ts';
import type { Surroundings } from './resolve-set.ts';
import type { RuleSet } from './rule-set.ts';

const STANDS_STILL = problem('SET_CANNOT_START');

/** A set in force that cannot start, and why. */
interface BrokenSet {
  readonly set: RuleSet;
  readonly lines: readonly string[];
}

/**
 * A set in force that cannot start: nothing runs and only the operator socket answers, until an `apply` mends it.
 * Resolves to the house that then stands; rejects with StoppedWhileStarting.
 */
export async function mend(
  foundation: Foundation,
  broken: BrokenSet,
  around: Surroundings,
  state: StateDirectory,
  stopped: AbortSignal | undefined,
): Promise<House> {
  for (const line of [...broken.lines, STANDS_STILL.sentence]) foundation.log(line);
  const mended = Promise.withResolvers<House>();
  const latch = { applying: false };
  const { configuration } = broken.set;
  const people = openPeople(foundation, () => configuration.people as readonly Person[]);
  const operations = (operate: Operate) => ({
    ...mendingOperations({ ...foundation, operate }, broken, around, latch, (house) => mended.resolve(house)),
    ...sessionOperations({ operate }, people.sessions),
  });
  // What mends widens: once the instance is claimed, a person signs it here too.
  const control = await openControl(
    {
      foundation,
      people,
      configuration: foundation.passkeys.claimed ? configuration : { behindProxy: false },
      refused: () => undefined,
      operations,
      reads: null,
      open: null,
      mailInvitation: async () => ({ mailed: false, code: 'none' }),
      stopDesk: null,
      stopTopic: () => null,
    },
    around,
  );
  const server = serveOperations({
    operations: (onWaiting) => operations(foundation.socketDesk(onWaiting)),
    placeOf: () => control.url,
    log: (line) => foundation.log(line),
  });
  // Nothing runs here that a program could be held by.
  refuseSwitches(server, ['upgrade']);
  try {
    await listenOnSocket(
      server,
      socketPlace(state.socket, state.socketName, around.environment['XDG_RUNTIME_DIR']),
    );
    return await unlessStopped(mended.promise, stopped);
  } finally {
    await control.close();
    await closeServer(server);
  }
}

/** Only `status`, `apply` and what tightens do anything; every other act says why not. */
function mendingOperations(
  foundation: Foundation,
  { set, lines }: BrokenSet,
  around: Surroundings,
  latch: { applying: boolean },
  done: (house: House) => void,
): Omit<Operations, 'sessions' | 'endSession'> {
  const known = {
    agents: () => set.configuration.agents,
    points: () => set.configuration.points.map(({ id }) => id),
    upstreams: () => Object.keys(set.configuration.upstreams),
    operations: () => [],
  };
  endTokensOfKilled(foundation, known);
  const apply = applyOver(foundation, set, around, done);
  return {
    ...haltingOperations(foundation, known),
    ...nothingDone({ ...STANDS_STILL, details: lines }),
    ...NOTHING_THERE,
    agents: async () => agentsOf(foundation, set),
    status: async () => ({ fault: STANDS_STILL.sentence, details: lines, entries: foundation.recorder.size }),
    inventory: async () => ({ rows: [], unseen: [], notes: [STANDS_STILL.sentence] }),
    decide: async (requests) =>
      requests.map(() => ({
        decision: false,
        context: { code: 'DECISION_FAILED', rules: [], reason: STANDS_STILL.sentence },
      })),
    async apply(dryRun) {
      // The first one that is taken stands; after it the whole instance answers here.
      if (latch.applying) return err(problem('APPLYING'));
      latch.applying = true;
      const result = await apply(dryRun).finally(() => {
        latch.applying = false;
      });
      if (result.ok && result.value.applied) latch.applying = true;
      return result;
    },
  };
}

/** Puts files in force in the place of a set that cannot start. */
function applyOver(
  foundation: Foundation,
  set: RuleSet,
  around: Surroundings,
  done: (house: House) => void,
): Operations['apply'] {
  return async (dryRun) => {
    const files = readFiles(around);
    if (!files.ok) return err({ ...problem('FILES_UNUSABLE'), details: files.error.map(lineOf) });
    const next = files.value.resolved.set;
    const anew = pinnedAnew(set, next);
    const ground = { ...foundation, pins: foundation.pins.without(anew) };
    const built = await build(ground, next, around, 'error');
    if (!built.ok) return err({ ...problem('FILES_UNUSABLE'), details: built.lines });
    const changes = ['mends a set that could not start', ...changesBetween(set, next)];
    const warnings = files.value.warnings.map(lineOf);
    if (dryRun) return ok({ changes, applied: false, warnings });
    const recorded = await foundation.operate(firstApply(foundation, built, changes, anew));
    if (!recorded.ok) return recorded;
    done(built.house);
    return ok({ changes, applied: true, warnings });
  };
}

/** Who they are, and that none of them does anything now. */
function agentsOf(foundation: Foundation, { configuration }: RuleSet): JsonObject[] {
  const { levels } = foundation.halt;
  const isKilled = (id: string, owner: string) =>
    (['all', `agent:${id}`, `owner:${owner}`] as const).some((scope) => levels.get(scope) === 'killed');
  return configuration.agents.map(({ id, owner, purpose, teams }) => ({
    id,
    owner,
    purpose: purpose ?? '',
    level: isKilled(id, owner) ? 'killed' : 'frozen',
    teams,
    tokens: tokensOf(foundation, { agent: id }),
  }));
}
