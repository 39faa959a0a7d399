import type { Server } from 'node:http';
import { LIMITS } from '../base/limits.ts';
import { err, ok } from '../base/result.ts';
import type { Operations } from '../control/operations.ts';
import { listenOnSocket, serveOperations, socketPlace } from '../control/socket.ts';
import { pinnedAnew } from './apply.ts';
import { build } from './build.ts';
import { changesBetween } from './changes.ts';
import { haltingOperations } from './halting.ts';
import type { Foundation, House } from './house.ts';
import { readFiles } from './read-files.ts';
import type { Surroundings } from './resolve-set.ts';
import type { RuleSet } from './rule-set.ts';
import { unlessStopped } from './start-failure.ts';
import type { StateDirectory } from './state-directory.ts';
import { lineOf } from './tell.ts';

const STANDS_STILL =
  'What is in force cannot start, so everything stands still. Mend the files, then run ./lanyard apply.';

/** A set in force that cannot start, and why. */
export interface BrokenSet {
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
  for (const line of [...broken.lines, STANDS_STILL]) foundation.log(line);
  const mended = Promise.withResolvers<House>();
  const server = serveOperations(
    mendingOperations(foundation, broken, around, (house) => mended.resolve(house)),
  );
  await listenOnSocket(
    server,
    socketPlace(state.socket, state.socketName, around.environment['XDG_RUNTIME_DIR']),
  );
  try {
    return await unlessStopped(mended.promise, stopped);
  } finally {
    await closeServer(server);
  }
}

/** Lets an answer that is under way end, but waits for nobody. */
export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), LIMITS.socketEndMs);
  await closed;
  clearTimeout(cut);
}

/** Only `status`, `apply` and what tightens do anything; every other act says why not. */
function mendingOperations(
  foundation: Foundation,
  { set, lines }: BrokenSet,
  around: Surroundings,
  done: (house: House) => void,
): Operations {
  const still = async () => err({ sentence: STANDS_STILL, details: lines });
  const agents = set.configuration.agents.map(({ id }) => id);
  const points = set.configuration.points.map(({ id }) => id);
  let applying = false;
  const apply: Operations['apply'] = async (dryRun) => {
    const files = readFiles(around);
    if (!files.ok) return err({ sentence: REFUSED, details: files.error.map(lineOf) });
    const next = files.value.resolved.set;
    const anew = pinnedAnew(set, next);
    const built = build({ ...foundation, pins: foundation.pins.without(anew) }, next, around, 'error');
    if (!built.ok) return err({ sentence: REFUSED, details: built.lines });
    const changes = ['mends a set that could not start', ...changesBetween(set, next)];
    const warnings = files.value.warnings.map(lineOf);
    if (dryRun) return ok({ changes, applied: false, warnings });
    await recordFirst(foundation, built, 'socket', changes, anew);
    done(built.house);
    return ok({ changes, applied: true, warnings });
  };
  return {
    ...haltingOperations(
      foundation,
      () => agents,
      () => points,
    ),
    status: async () => ({ fault: STANDS_STILL, details: lines, entries: foundation.recorder.size }),
    agents: async () => [],
    catalog: async () => [],
    inbox: async () => ({ approvals: [], alerts: [], undelivered: [], unreached: [] }),
    acknowledge: still,
    pushKey: async () => ({ key: null }),
    subscribe: still,
    unsubscribe: still,
    inventory: async () => ({ rows: [], unseen: [], notes: [STANDS_STILL] }),
    decide: async (requests) =>
      requests.map(() => ({
        decision: false,
        context: { code: 'DECISION_FAILED', rules: [], reason: STANDS_STILL },
      })),
    makeToken: still,
    points: async () => [],
    makePointToken: still,
    accept: still,
    release: still,
    approvals: async () => [],
    approval: still,
    approve: still,
    deny: still,
    checkpoint: still,
    explain: still,
    suggest: still,
    async apply(dryRun) {
      // The first one that is taken stands; after it the whole instance answers here.
      if (applying) return err({ sentence: 'Another apply is under way; look at what it did.' });
      applying = true;
      const result = await apply(dryRun).finally(() => {
        applying = false;
      });
      if (result.ok && result.value.applied) applying = true;
      return result;
    },
  };
}

const REFUSED = 'The files have problems; nothing was applied.';

/** Records that a set is in force from here on, with its text; the pins of `anew` go with the entry. */
export async function recordFirst(
  { recorder, pins }: Foundation,
  { set }: { readonly set: { readonly parts: { readonly digest: string }; readonly text: string } },
  by: 'socket' | 'start',
  changes: readonly string[],
  anew: readonly string[] = [],
): Promise<void> {
  const oldPins = anew.flatMap((id) => pins.generations(id).map((generation) => `${id}/${generation}`));
  await recorder.record({
    fields: {
      kind: 'operator.applied',
      by,
      proof: 'none',
      set: set.parts.digest,
      changes: changes.slice(0, 200),
    },
    cells: [
      { kind: 'set', key: set.parts.digest, value: set.text },
      { kind: 'in-force', key: 'set', value: set.parts.digest },
      ...oldPins.map((key) => ({ kind: 'pins', key, value: null })),
    ],
  });
}
