import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askingHouse, seenIn } from '../../tests/faults/asking.ts';
import { question } from '../../tests/faults/people.ts';
import { removeDirectory, type TestHouse } from '../../tests/faults/test-house.ts';
import type { Attempt } from '../model/action.ts';

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
        recent: [
          { operation: 'mcp:box/post', decision: 'review' },
          { operation: 'mcp:box/look', decision: 'allow' },
        ],
      },
    });
    const text = JSON.stringify(view);
    expect(text).toContain('\\\\u{200b}');
    expect(text).not.toMatch(/[\u200b\u202e\u001b]/);
    const editable = view.ok ? view.value.editable : null;
    expect(JSON.parse(editable ?? '')).toEqual({ text: 'one\ntwo\u200b\u001b[31m' });
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
