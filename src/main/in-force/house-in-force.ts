import { operate } from '../../pipeline/operate.ts';
import { build } from '../build.ts';
import type { Foundation } from '../foundation.ts';
import type { House } from '../house.ts';
import { recallSet } from '../memory.ts';
import { StartFailure } from '../start-failure.ts';
import type { StateDirectory } from '../state-directory.ts';
import { takenSince } from '../taken-addresses.ts';
import { lineOf } from '../tell.ts';
import { placesThatDiffer } from './changes.ts';
import { firstApply } from './first-apply.ts';
import { mend } from './mend.ts';
import type { ResolvedSet, Surroundings } from './resolve-set.ts';
import { decodeSet, encodeSet, type FileProblem, type RuleSet } from './rule-set.ts';

/** The files as they are on disk at a start. */
export interface Files {
  /** Null: they cannot be read. */
  readonly set: RuleSet | null;
  /** What a person is told of them: why they cannot be read, or warnings. */
  readonly notes: readonly FileProblem[];
}

/** Where a house is built, and what may end the building. */
interface Site {
  readonly around: Surroundings;
  readonly state: StateDirectory;
  readonly stopped: AbortSignal | undefined;
}

/**
 * The set in force as a house. At the first start that is what the files say; where the set in force cannot start, what
 * a person mends it with. Rejects with StartFailure, or StoppedWhileStarting.
 */
export async function houseInForce(
  foundation: Foundation,
  { set: files, notes }: Files,
  { around, state, stopped }: Site,
): Promise<House> {
  const text = await recallSet(foundation.store);
  for (const note of notes) foundation.log(lineOf(note));
  if (text === null) {
    if (files === null) throw new StartFailure(notes.map(lineOf));
    return firstHouse(foundation, files, around);
  }
  const set = decodeSet(text);
  const taken = await takenSince(
    set.configuration,
    files?.configuration ?? set.configuration,
    around.configPath,
  );
  if (taken.length > 0) return mend(foundation, { set, lines: taken }, around, state, stopped);
  const built = await build(foundation, set, around, 'hide');
  if (built.ok) {
    reportDifference(foundation, files, built.set);
    return built.house;
  }
  return mend(foundation, { set, lines: built.lines }, around, state, stopped);
}

async function firstHouse(foundation: Foundation, files: RuleSet, around: Surroundings): Promise<House> {
  const built = await build(foundation, files, around, 'error');
  if (!built.ok) throw new StartFailure(built.lines);
  const first = firstApply(foundation, built, ['first start']);
  const recorded = await operate(foundation.ground, { by: 'start' }, first);
  if (!recorded.ok) throw new StartFailure([recorded.error.sentence]);
  return built.house;
}

function reportDifference(foundation: Foundation, files: RuleSet | null, inForce: ResolvedSet): void {
  if (files === null) {
    foundation.log('The files cannot be read (see above); what was last applied stays in force.');
    return;
  }
  if (encodeSet(files) === inForce.text) return;
  foundation.log(
    'The files differ from what is in force. ./lanyard apply --dry-run shows how, ./lanyard apply takes them:',
  );
  for (const place of placesThatDiffer(inForce.set, files)) foundation.log(`  ${place}`);
}
