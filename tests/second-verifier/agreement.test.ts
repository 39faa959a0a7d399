import { describe, expect, test } from 'vitest';
import type { Entry } from '../../src/contract/log-entry.ts';
import { parseVerifierKey } from '../../src/ledger/index.ts';
import { type Report, verifyBundle } from '../../src/ledger/verify/index.ts';
import { bundleOf, Chance, CORRUPTIONS, goodLog, rowOf, signer } from './corruptions.ts';
import { verifyBundle as verifySecond } from './verify.mjs';

/**
 * Two verifiers that share no code, the second one written from docs/formats/log.md alone: the same verdict, and the
 * same first broken entry where both name one.
 */
const SEED = 20_261_128;

/** The first entry that a report names for a fault of its own; a root that differs names none by itself. */
function firstNamed({ faults }: Report): number | null {
  const named = faults.flatMap(({ code, from }) => (from === null || code === 'root-mismatch' ? [] : [from]));
  return named.length === 0 ? null : Math.min(...named);
}

async function* inPieces(bytes: Buffer, chance: Chance): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; ) {
    const to = at + 1 + chance.below(4000);
    yield bytes.subarray(at, to);
    at = to;
  }
}

async function bothOn(bundle: Buffer, chance: Chance, withKey: boolean, deep: boolean) {
  const key = parseVerifierKey(signer.verifierKey);
  if (!key.ok) throw new Error(key.error);
  const first = await verifyBundle(inPieces(bundle, chance), {
    ...(withKey ? { key: key.value } : {}),
    deep,
  });
  const second = verifySecond(bundle, { ...(withKey ? { key: signer.verifierKey } : {}), deep });
  return { first, second };
}

describe('P6 the second verifier', () => {
  test('agrees on good logs of many sizes', async () => {
    const chance = new Chance(SEED);
    for (const size of [0, 1, 2, 3, 4, 7, 8, 9, 64, 65, 300]) {
      const { first, second } = await bothOn(bundleOf(goodLog(chance, size)), chance, size % 2 === 0, true);
      expect({ size, first: first.faults, second: second.why }).toEqual({ size, first: [], second: [] });
      expect(second).toMatchObject({ holds: true, size, firstBroken: null });
      expect(second.open).toEqual(first.open?.map(({ action }) => action));
    }
  });

  test('finds what was allowed once more after its end, as the first does', async () => {
    const chance = new Chance(SEED);
    const rows = goodLog(chance, 60);
    const entries = rows.map(({ text }) => JSON.parse(text) as Entry);
    const ended = entries.findLast(({ kind }) => kind === 'action.outcome')?.action;
    const allowed = entries.find((one) => one.action === ended && one.decision === 'allow');
    if (allowed === undefined || allowed.grant !== undefined)
      throw new Error('nothing ended without a grant');
    const again = [...rows, rowOf({ ...allowed, seq: rows.length })];
    const { first, second } = await bothOn(bundleOf(again), chance, true, true);
    expect(first.faults).toMatchObject([{ code: 'allowed-twice', from: rows.length }]);
    expect(second).toMatchObject({ holds: false, firstBroken: rows.length });
  });

  test('agrees on 1,000 random corruptions', async () => {
    const chance = new Chance(SEED);
    const disagreements: unknown[] = [];
    const found = new Map<string, { held: number; broken: number; named: number }>();
    for (let round = 0; round < 1000; round++) {
      const rows = goodLog(chance, 5 + chance.below(40));
      const { name, apply } = CORRUPTIONS[round % CORRUPTIONS.length] ?? chance.of(CORRUPTIONS);
      const corrupted = apply(chance, rows, bundleOf(rows));
      const { first, second } = await bothOn(corrupted, chance, chance.below(3) > 0, chance.below(2) === 0);
      const named = firstNamed(first);
      const agree =
        first.holds === second.holds &&
        (named === null || second.firstBroken === null || named === second.firstBroken);
      if (!agree) disagreements.push({ round, name, first: first.faults, named, second });
      const seen = found.get(name) ?? { held: 0, broken: 0, named: 0 };
      if (second.holds) seen.held++;
      else seen.broken++;
      if (named !== null && second.firstBroken !== null) seen.named++;
      found.set(name, seen);
    }
    expect(disagreements).toEqual([]);
    // What the comparison is worth: every corruption is found, but for those that change nothing, or need a witness.
    for (const [name, { broken, held }] of found) {
      if (name === 'rewritten and signed with the stolen key')
        expect({ name, broken }).toEqual({ name, broken: 0 });
      else expect({ name, most: broken > held }).toEqual({ name, most: true });
    }
    const named = [...found.values()].reduce((sum, one) => sum + one.named, 0);
    expect(named).toBeGreaterThan(500);
  });
});
