import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { removeDirectory, TestHouse } from '../../tests/faults/test-house.ts';
import { ACTS } from './operate.ts';

let house: TestHouse;
beforeEach(async () => {
  house = await TestHouse.open();
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

async function lastEntry() {
  const { entries, report } = await house.see();
  expect(report.holds).toBe(true);
  return entries.at(-1);
}

describe('the table of acts', () => {
  test('says of each whether it tightens; everything else widens', () => {
    const tightening = Object.entries(ACTS).filter(([, act]) => act.direction === 'tightens');
    expect(tightening.map(([name]) => name)).toEqual([
      'stop',
      'revoke',
      'deny',
      'cancel',
      'revoke-grant',
      'end-session',
    ]);
    expect(Object.values(ACTS).every((act) => ['tightens', 'widens'].includes(act.direction))).toBe(true);
  });

  test('each act is one entry, by whom and with what proof', async () => {
    await house.operations.makeToken('writer', 60_000);
    expect(await lastEntry()).toMatchObject({
      kind: 'operator.token',
      agent: 'writer',
      by: 'socket',
      proof: 'none',
    });
    await house.operations.revokeTokens('writer');
    const revoked = await lastEntry();
    expect(revoked).toMatchObject({ kind: 'operator.revoked', agent: 'writer', by: 'socket' });
    expect(revoked?.['proof']).toBeUndefined();
    await house.operations.stop('agent:writer', 'frozen', 'enough');
    expect(await lastEntry()).toMatchObject({ kind: 'containment.stopped', level: 'frozen', why: 'enough' });
    await house.operations.release('agent:writer', 'fine');
    expect(await lastEntry()).toMatchObject({
      kind: 'containment.released',
      was: 'frozen',
      why: 'fine',
      proof: 'none',
    });
  });

  test('a token is never in the log, only what names it', async () => {
    const made = await house.operations.makeToken('writer', 60_000);
    if (!made.ok) throw new Error(made.error.sentence);
    const { entries } = await house.see();
    const cells = await house.store.cells('token');
    expect(JSON.stringify([entries, cells])).not.toContain(made.value.token.slice(14));
  });

  test.each([
    ['agent:nobody', 'frozen', 'There is no agent "nobody"'],
    ['agent:writr', 'frozen', 'did you mean "writer"?'],
    ['kitchen', 'frozen', 'cannot be stopped'],
    ['all', 'live', 'is no level to stop at'],
    ['all', 'cold', 'is no level to stop at'],
  ])('a stop of %s at %s is refused with a sentence, and records nothing', async (scope, level, sentence) => {
    const before = await lastEntry();
    expect(await house.operations.stop(scope, level, undefined)).toMatchObject({
      ok: false,
      error: { sentence: expect.stringContaining(sentence) },
    });
    expect(await lastEntry()).toEqual(before);
    expect(house.house.halt.levels.size).toBe(0);
  });

  test.each(['half a pair: \ud800', 'nothing: \u0000', 'long: '.padEnd(100_000, 'x')])(
    'a reason that cannot be kept as it is does not keep the act from being recorded',
    async (why) => {
      expect(await house.operations.stop('all', 'frozen', why)).toMatchObject({
        ok: true,
        value: { level: 'frozen' },
      });
      const stopped = await lastEntry();
      expect(stopped?.kind).toBe('containment.stopped');
      expect(String(stopped?.['why']).length).toBeLessThan(3000);
      expect(await house.operations.release('all', why)).toMatchObject({ ok: true });
      expect(await house.look('a')).toMatchObject({ kind: 'result' });
    },
  );

  test('a release needs a reason', async () => {
    await house.operations.stop('all', 'frozen', undefined);
    expect(await house.operations.release('all', '  ')).toMatchObject({ ok: false });
    expect(house.house.halt.levels.get('all')).toBe('frozen');
  });
});

describe('apply', () => {
  const edit = (change: (text: string) => string) => {
    const path = join(house.directory, 'rules.cedar');
    writeFileSync(path, change(readFileSync(path, 'utf8')));
  };

  test('shows the difference and takes nothing when it is only asked', async () => {
    edit((rules) => rules.replace('ghost*', 'spectre*'));
    const shown = await house.operations.apply(true);
    expect(shown).toMatchObject({ ok: true, value: { applied: false } });
    expect(JSON.stringify(shown)).toContain('spectre');
    expect(await house.look('ghost')).toMatchObject({ kind: 'denied', decision: { code: 'FORBIDDEN' } });
  });

  test('refuses rules with problems, all of them at once, and changes nothing', async () => {
    edit(
      (rules) =>
        `${rules}permit (principal, action, resource\nforbid (principal, action == Action::"mcp:box/lok", resource);\n`,
    );
    const set = house.house.standing.parts.digest;
    expect(await house.operations.apply(false)).toMatchObject({ ok: false });
    expect(house.house.standing.parts.digest).toBe(set);
    expect(await house.look('a')).toMatchObject({ kind: 'result' });
  });

  test('a running action keeps the rules it began with', async () => {
    house.store.faultNext('hold');
    const answer = house.look('a');
    const held = await house.store.held();
    const { standing } = house.house;
    const before = standing.inForce;
    const parts = { ...standing.parts, policies: [] };
    const none = standing.try(parts);
    if (!none.ok) throw new Error(JSON.stringify(none.error));
    standing.replace(parts, none.value);
    held.release();
    expect(await answer).toMatchObject({ kind: 'result' });
    expect(await house.look('b')).toMatchObject({ kind: 'denied', decision: { code: 'NO_PERMIT' } });
    const { entries } = await house.see();
    const decided = entries.filter((entry) => entry.kind === 'action.decided');
    expect(decided.map((entry) => entry.policy)).toEqual([before.policy.digest, none.value.policy.digest]);
    expect(before.policy.digest).not.toBe(none.value.policy.digest);
  });
});
