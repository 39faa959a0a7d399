import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askingHouse, seenIn } from '../../../tests/faults/asking.ts';
import { question } from '../../../tests/faults/people.ts';
import { removeDirectory, type TestHouse } from '../../../tests/faults/test-house.ts';
import type { JsonObject } from '../../base/json.ts';
import type { Attempt } from '../../model/action.ts';

const TEXT = { type: 'string' };
const CATALOG = `  mark: { risk: draft, effect: [update], reversibility: reversible, audience: self, worst: Marks it, undo: { operation: unmark, arguments: { id: "{id}", note: "was {id}" } } }
  unmark: { risk: draft, effect: [update], reversibility: reversible, audience: self, worst: Unmarks it }
  pay: { risk: draft, effect: [spend], reversibility: irreversible, audience: named, worst: Pays a stranger, amount: { value: cents, currency: "{currency}", unit: minor } }
  save: { risk: draft, effect: [update], reversibility: reversible, audience: self, worst: Loses it, targets: [{ type: Path, id: "{path}" }] }
`;

let house: TestHouse;
beforeEach(async () => {
  house = await askingHouse();
});
afterEach(async () => {
  await house.close();
  removeDirectory(house.directory);
});

const post = (more: Partial<Attempt> = {}, text = 'hello') => house.act('post', { text }, more);
const seen = (...prefixes: string[]) => seenIn(house, ...prefixes);

describe('what a person is shown', () => {
  test('is beside whom a yes does not count', async () => {
    await post();
    const kept = question(house);
    const [passkey] = house.house.passkeys.of('grace');
    if (passkey === undefined) throw new Error('grace has no passkey');
    house.house.passkeys.put({ ...passkey, invitedBy: ['ada'] });
    const answered = ['ada', 'grace'].map((person) => ({ person, answer: 'approve', atMs: 0 }) as const);
    kept.approval = { ...kept.approval, answers: answered };
    const [row] = await house.operations.approvals();
    expect(row?.['answers']).toMatchObject([{ person: 'ada' }, { person: 'grace', notBeside: ['ada'] }]);
  });

  test('is whose yes counts no more, since she may not answer it now', async () => {
    await post();
    const kept = question(house);
    const answered = ['ada', 'left'].map((person) => ({ person, answer: 'approve', atMs: 0 }) as const);
    kept.approval = { ...kept.approval, answers: answered };
    const [row] = await house.operations.approvals();
    const at = '1970-01-01T00:00:00.000Z';
    expect(row?.['answers']).toEqual([
      { person: 'ada', answer: 'approve', at },
      { person: 'left', answer: 'approve', at, noLonger: true },
    ]);
  });

  test('is everything, harmless to look at, and why she is asked', async () => {
    await house.look('a');
    await post({ reason: 'because\u202e' }, 'one\ntwo\u200b\u001b[31m');
    const id = question(house).approval.id;
    const [row] = await house.operations.approvals();
    expect(row).toMatchObject({ approval: id, state: 'waiting', people: ['ada'], risk: 'external' });
    const view = await house.operations.approval(id, null);
    expect(view).toMatchObject({
      ok: true,
      value: {
        worst: 'Says it to everybody',
        audience: 'public',
        reversibility: 'irreversible',
        undo: null,
        why: [{ rule: 'ask-owner', who: 'owner', reason: 'Everybody sees it' }],
        claimedReason: 'because\\u{202e}',
        redacted: false,
        marks: ['untrusted', 'secret'],
        recent: [{ operation: 'mcp:box/look', decision: 'allow' }],
      },
    });
    const text = JSON.stringify(view);
    expect(text).toContain('\\\\u{200b}');
    expect(text).not.toMatch(/[\u200b\u202e\u001b]/);
    const editable = view.ok ? view.value.editable : null;
    expect(JSON.parse(editable ?? '')).toEqual({ text: 'one\ntwo\u200b\u001b[31m' });
  });

  describe('of what changes a file, and can be taken back', () => {
    let asks: TestHouse;
    let note: string;
    beforeEach(async () => {
      const [id, path, content] = [TEXT, TEXT, TEXT];
      asks = await askingHouse(
        {},
        {
          tools: [
            { name: 'mark', inputSchema: { type: 'object', properties: { id } } },
            {
              name: 'pay',
              inputSchema: { type: 'object', properties: { cents: { type: 'integer' }, currency: TEXT } },
            },
            { name: 'save', inputSchema: { type: 'object', properties: { path, content, mode: TEXT } } },
          ],
          catalog: CATALOG,
          rules: `@id("ask-both") @review("owner")
forbid (principal, action in [Action::"mcp:box/mark", Action::"mcp:box/pay", Action::"mcp:box/save"], resource);
`,
        },
      );
      note = join(mkdtempSync(join(tmpdir(), 'lanyard-note-')), 'note');
      writeFileSync(note, 'one\ntwo\n');
    });
    afterEach(async () => {
      await asks.close();
      removeDirectory(asks.directory);
      removeDirectory(dirname(note));
    });
    const viewOf = async (operation: string, args: JsonObject) => {
      await asks.act(operation, args);
      const question = (await asks.operations.approvals()).at(-1);
      const view = await asks.operations.approval(question?.approval ?? '', null);
      return view.ok ? view.value : null;
    };

    test('the call is named that would take it back, with the arguments that it would need', async () => {
      const view = await viewOf('mark', { id: 'a\u202e' });
      expect(view?.undo).toBe('unmark {"id":"a\\u{202e}","note":"was a\\u{202e}"}');
      // What it would need was not said.
      expect((await viewOf('mark', {}))?.undo).toBe('unmark');
    });

    test('what it pays is told in whole units, and where that cannot be told, that', async () => {
      const money = async (args: JsonObject) => (await viewOf('pay', args))?.money;
      expect(await money({ cents: 9_000_001, currency: 'eur' })).toEqual(['90,000.01 EUR']);
      expect(await money({ cents: 9_000_000, currency: 'JPY' })).toEqual(['9,000,000.00 JPY']);
      expect(await money({ cents: -5, currency: 'EUR' })).toBeNull();
      expect(await viewOf('mark', { id: 'a' })).not.toHaveProperty('money');
    });

    test('what stands beside the text is shown beside its difference', async () => {
      const view = await viewOf('save', { path: note, content: 'one\nthree\n', mode: '0777' });
      expect(view?.difference).toEqual(
        expect.arrayContaining([
          { sign: '-', text: 'two' },
          { sign: '+', text: 'three' },
        ]),
      );
      expect(view?.beside?.join('\n')).toContain('"mode": "0777"');
      expect(view?.beside?.join('\n')).not.toContain('three');
      expect(view?.arguments?.join('\n')).toContain('three');
    });
  });

  test('says that something was taken out where it was', async () => {
    await post({}, 'password: hunter2hunter2');
    const view = await house.operations.approval(question(house).approval.id, null);
    expect(view).toMatchObject({ ok: true, value: { redacted: true, editable: null } });
    expect(JSON.stringify(view)).not.toContain('hunter2');
  });

  test('the socket can take a question back and never answer it', async () => {
    await post();
    const { id, digest } = question(house).approval;
    expect(await house.operations.approve(id, 'ada', digest)).toMatchObject({ ok: false });
    expect(await house.operations.deny('nothing', null, 'no')).toMatchObject({ ok: false });
    expect(await house.operations.deny(id, null, 'no')).toMatchObject({ ok: true });
    expect((await seen('approval.cancelled'))[0]).toMatchObject({ by: 'socket', why: 'no' });
  });
});
