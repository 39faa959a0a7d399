import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { CHECK } from '../../../tests/faults/check-question.ts';
import { answering } from '../../../tests/faults/counting-upstream.ts';
import { type HouseOptions, removeDirectory, TestHouse } from '../../../tests/faults/test-house.ts';
import type { JsonObject } from '../../base/json.ts';
import { budgetDifferences, mendBudgets, recallBudgets } from '../../main/past/budgets.ts';
import { openCheckCorridor } from '../check/check-corridor.ts';

let house: TestHouse;
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const RULES = `@id("nearly") @reason("It is nearly spent") @trip("watched")
forbid (principal, action == Action::"mcp:box/tally", resource) when { context.system.budgetPercent > 90 };
`;

async function open(budgets: string, catalog = ''): Promise<void> {
  // The budgets of `writer` stand beside its limits.
  house = await TestHouse.open({ limits: `{}, budgets: ${budgets}`, rules: RULES, catalog });
}
const look = (id = 'a', more = {}) => house.look(id, more);
const SPENT = { kind: 'denied', decision: { decision: 'deny', code: 'BUDGET_SPENT' } };
const sent = () => house.upstream.sent.length;
async function restart(): Promise<void> {
  await house.abandon();
  house = await house.reopen();
  await recallBudgets(house.store, house.rooms.budgets, house.rooms.clock.now());
}

describe('a budget of an agent', () => {
  test('holds 64 callers at once to the very number, whatever their sessions are called, and a restart changes nothing', async () => {
    await open('{ looks: { actions: 40, per: life, of: "risk:read" } }');
    const answers = await Promise.all(Array.from({ length: 64 }, (_, i) => look('a', { session: `s${i}` })));
    expect(answers.filter(({ kind }) => kind === 'result')).toHaveLength(40);
    expect(answers.filter(({ kind }) => kind === 'denied')).toHaveLength(24);
    expect(sent()).toBe(40);
    expect(await look()).toMatchObject(SPENT);
    expect(await look('a', { agent: 'reader' })).toMatchObject({ kind: 'result' });
    await restart();
    expect(await look()).toMatchObject(SPENT);
    expect((await budgetDifferences(house.store)).lines).toEqual([]);
    const { report } = await house.see();
    expect(report).toMatchObject({ holds: true, faults: [] });
  });

  test('says that trying again helps nothing, and what would', async () => {
    await open('{ looks: { actions: 1, per: life } }');
    await look();
    const answer = await look();
    expect(answer.kind === 'denied' ? answer.decision.reason : '').toBe(
      'The budget "looks" of this agent (1 actions per life) does not hold this any more; it is for good. Do not try again; its owner can raise it.',
    );
  });

  test('P4 is half of what was left for a while after a release, and says so', async () => {
    await open('{ looks: { actions: 5, per: life } }');
    await look();
    const at = new Date(house.rooms.clock.now()).toISOString();
    house.rooms.past.follow({ seq: 0, at, kind: 'containment.released', scope: 'agent:writer' });
    const answers = [await look(), await look(), await look()];
    expect(answers.map(({ kind }) => kind)).toEqual(['result', 'result', 'denied']);
    expect(answers[2]).toMatchObject({
      decision: { code: 'BUDGET_SPENT', reason: expect.stringContaining('only half of what was left') },
    });
  });

  test('gives back what never left, and keeps what nobody knows of as spent', async () => {
    await open('{ looks: { actions: 2, per: life, of: "risk:read" } }');
    house.store.faultNext('fail');
    expect(await look()).toMatchObject({ decision: { code: 'STORE_UNAVAILABLE' } });
    house.upstream.behaviour = async () => ({
      kind: 'not-sent',
      problem: { code: 'UPSTREAM_BUSY', sentence: 'Nothing was sent.' },
    });
    await look();
    house.upstream.behaviour = async () => ({
      kind: 'lost',
      problem: { code: 'UPSTREAM_LOST', sentence: 'The connection was lost.' },
    });
    await look();
    house.upstream.behaviour = () => answering('done');
    expect(await look()).toMatchObject({ kind: 'result' });
    expect(await look()).toMatchObject(SPENT);
    await restart();
    expect(await look()).toMatchObject(SPENT);
  });

  test('of money counts what the catalog calls its amount, and lets nothing pass whose amount cannot be told', async () => {
    const catalog = `  unlisted-class: { risk: draft, effect: [spend], reversibility: irreversible, audience: self, worst: Pays, amount: { value: ratio, currency: EUR } }
`;
    await open('{ pay: { money: "10.50 EUR", per: day } }', catalog);
    const answer = await house.act('unlisted-class', {});
    expect(answer).toMatchObject({ decision: { code: 'AMOUNT_UNKNOWN' } });
    expect(sent()).toBe(0);
  });

  test('of money holds what the shipped catalog of Stripe lets an agent pay out, in cents', async () => {
    const shipped = readFileSync(
      join(import.meta.dirname, '../../../packs/stripe/catalog/stripe.yaml'),
      'utf8',
    );
    const listed = readFileSync(join(import.meta.dirname, '../../../tests/packs/tools/stripe.json'), 'utf8');
    const { tools } = JSON.parse(listed) as Required<Pick<HouseOptions, 'tools'>>;
    const [, types = '', operations = ''] = /\n(types:\n.*)operations:\n(.*)$/s.exec(shipped) ?? [];
    house = await TestHouse.open({
      limits: '{}, budgets: { pay: { money: "100 EUR", per: day } }',
      rules: '@id("pays") @need("Pays") permit (principal, action in Action::"risk:external", resource);\n',
      catalog: `${operations}${types}`,
      tools,
    });
    const given = { stripe_context: 'acct_1', livemode: true };
    const pay = (parameters: JsonObject) =>
      house.act('stripe_api_write', { ...given, stripe_api_operation_id: 'PostPayouts', parameters });
    const all = await Promise.all(Array.from({ length: 8 }, () => pay({ amount: 2500, currency: 'eur' })));
    expect(all.filter(({ kind }) => kind === 'result')).toHaveLength(4);
    expect(sent()).toBe(4);
    expect(await pay({ amount: 1, currency: 'eur' })).toMatchObject(SPENT);
    for (const parameters of [{ amount: 1, currency: 'jpy' }, { amount: 1 }, {}])
      expect(await pay(parameters)).toMatchObject({ decision: { code: 'AMOUNT_UNKNOWN' } });
    const refund = await house.act('create_refund', { ...given, payment_intent: 'pi_1', amount: 1 });
    expect(refund).toMatchObject({ decision: { code: 'AMOUNT_UNKNOWN' } });
    expect(sent()).toBe(4);
  });

  test('is seen by rules before it is spent, and warns its owner once', async () => {
    await open('{ all: { actions: 10, per: life, soft: 80% } }');
    for (let i = 0; i < 9; i++) await look();
    expect(await house.act('tally', { count: 0 })).toMatchObject({ decision: { rules: ['nearly'] } });
    const { entries } = await house.see();
    const kinds = entries.map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'containment.budget')).toHaveLength(1);
    expect(kinds).toContain('containment.tripped');
  });

  test('is spent at the check door as well, where a caller’s word that it did nothing gives nothing back', async () => {
    await open('{ all: { actions: 1, per: day } }');
    const { check, handOver, tell } = openCheckCorridor(house.rooms, house.house.tokens);
    const ask = () => check(CHECK);
    const cleared = await ask();
    if (cleared.kind !== 'cleared') throw new Error(cleared.kind);
    handOver(cleared);
    expect(await tell({ agent: 'writer' }, cleared.action.id, 'aborted')).toMatchObject({ ok: true });
    expect(await ask()).toMatchObject(SPENT);
  });

  test('set back beside the log is found at the next start', async () => {
    await open('{ all: { actions: 9, per: life }, each: { actions: 5, per: life, each: target } }');
    for (let i = 0; i < 3; i++) await look(`t${i}`);
    const size = await house.store.size();
    const cells = await house.store.cells('budget');
    expect(cells.map(({ key, value }) => [key, value])).toEqual([
      ['writer/all', '3@0'],
      ['writer/each|Thing t0', '1@0'],
      ['writer/each|Thing t1', '1@0'],
      ['writer/each|Thing t2', '1@0'],
    ]);
    const set = (key: string, value: string | null) =>
      house.store.append({ first: size, entries: [], bodies: [], cells: [{ kind: 'budget', key, value }] });
    await set('writer/all', '1@0');
    await set('writer/each|Thing t1', null);
    await set('writer/other', '1@0');
    const { lines, mend } = await budgetDifferences(house.store);
    expect([...lines].sort()).toEqual([
      'budget writer/all is kept otherwise than the log says',
      'budget writer/each|Thing t1 is kept otherwise than the log says',
      'budget writer/other is kept, and the log knows nothing of it',
    ]);
    // The log's word counts from then on, in memory and in the store.
    mendBudgets(house.house, mend);
    await house.house.recorder.checkpoint();
    expect((await budgetDifferences(house.store)).lines).toEqual([]);
    expect(await house.store.cells('budget')).toEqual(cells);
  });
});
