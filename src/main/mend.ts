import type { Server } from 'node:http';
import { err, ok } from '../base/result.ts';
import type { Operations } from '../control/operations.ts';
import { listenOnSocket, serveOperations, socketPlace } from '../control/socket.ts';
import { build } from './build.ts';
import type { Foundation, House } from './house.ts';
import type { Surroundings } from './resolve-set.ts';
import { readRuleSet } from './rule-set.ts';
import type { StateDirectory } from './state-directory.ts';
import { lineOf } from './tell.ts';

const STANDS_STILL =
  'What is in force cannot start, so everything stands still. Mend the files, then run ./lanyard apply.';

/**
 * A set in force that cannot start: everything is frozen and only the operator socket answers, until an `apply` mends
 * it. Resolves to the house that then stands.
 */
export async function mend(
  foundation: Foundation,
  lines: readonly string[],
  around: Surroundings,
  state: StateDirectory,
): Promise<House> {
  for (const line of [...lines, STANDS_STILL]) foundation.log(line);
  const mended = Promise.withResolvers<House>();
  const server = serveOperations(
    mendingOperations(foundation, lines, around, (house) => mended.resolve(house)),
  );
  await listenOnSocket(
    server,
    socketPlace(state.socket, state.socketName, around.environment['XDG_RUNTIME_DIR']),
  );
  const house = await mended.promise;
  await closeServer(server);
  return house;
}

export async function closeServer(server: Server): Promise<void> {
  const closed = new Promise<void>((done) => server.close(() => done()));
  server.closeIdleConnections();
  await closed;
}

/** Only `status` and `apply` do anything; every other act says why not. */
function mendingOperations(
  foundation: Foundation,
  lines: readonly string[],
  around: Surroundings,
  done: (house: House) => void,
): Operations {
  const still = async () => err({ sentence: STANDS_STILL, details: lines });
  return {
    status: async () => ({ fault: STANDS_STILL, details: lines, entries: foundation.recorder.size }),
    agents: async () => [],
    catalog: async () => [],
    decide: async () => ({
      decision: false,
      context: { code: 'DECISION_FAILED', rules: [], reason: STANDS_STILL },
    }),
    makeToken: still,
    revokeTokens: still,
    accept: still,
    stop: still,
    release: still,
    checkpoint: still,
    explain: still,
    async apply(dryRun) {
      const files = readRuleSet(around.configPath);
      if (!files.ok)
        return err({
          sentence: 'The files have problems; nothing was applied.',
          details: files.error.map(lineOf),
        });
      const built = build(foundation, files.value.set, around, 'error');
      if (!built.ok)
        return err({ sentence: 'The files have problems; nothing was applied.', details: built.lines });
      const changes = ['mends a set that could not start'];
      if (dryRun) return ok({ changes, applied: false, warnings: [] });
      await recordFirst(foundation, built, 'socket', changes);
      done(built.house);
      return ok({ changes, applied: true, warnings: [] });
    },
  };
}

/** Records that a set is in force from here on, with its text. */
export async function recordFirst(
  foundation: Foundation,
  { set }: { readonly set: { readonly parts: { readonly digest: string }; readonly text: string } },
  by: 'socket' | 'start',
  changes: readonly string[],
): Promise<void> {
  await foundation.recorder.record({
    fields: { kind: 'operator.applied', by, proof: 'none', set: set.parts.digest, changes: [...changes] },
    cells: [
      { kind: 'set', key: set.parts.digest, value: set.text },
      { kind: 'in-force', key: 'set', value: set.parts.digest },
    ],
  });
}
