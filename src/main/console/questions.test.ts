import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { askingHouse } from '../../../tests/faults/asking.ts';
import { approve } from '../../../tests/faults/people.ts';
import { removeDirectory, type TestHouse } from '../../../tests/faults/test-house.ts';
import { Questions } from './questions.ts';

/** The operation that no catalog classifies is the gravest. */
const RULES = `@id("asks-all") @review("role:reviewer")
forbid (principal, action == Action::"mcp:box/write", resource);
`;

let asked: TestHouse;
let questions: Questions;
beforeEach(async () => {
  asked = await askingHouse({}, { rules: RULES });
  questions = new Questions(asked.house);
});
afterEach(async () => {
  await asked.close();
  removeDirectory(asked.directory);
});

const operations = (reader: string, of: 'mine' | 'others' | 'over', from = 0) =>
  questions.page(reader, of, from).rows.map(({ operation }) => operation.replace('mcp:box/', ''));

describe('the inbox, page by page', () => {
  test('has the gravest first and then the oldest, for whoever may answer and has not', async () => {
    await asked.act('write', { path: 'a.txt', text: 'one' });
    await asked.act('post', { text: 'one' });
    await asked.act('mixed', { text: 'both' });
    await asked.act('post', { text: 'two' });
    expect(operations('ada', 'mine').at(-1)).toBe('post');
    expect(questions.page('ada', 'mine', 0)).toMatchObject({ count: 2, from: 0, alike: [] });
    expect(questions.page('ada', 'mine', 1)).toMatchObject({ count: 2, from: 1, rows: [{}] });
    const oldest = questions.page('ada', 'mine', 0).rows[0]?.asked ?? '';
    expect(oldest <= (questions.page('ada', 'mine', 1).rows[0]?.asked ?? '')).toBe(true);
    expect(operations('grace', 'mine')).toContain('mixed');
    expect(operations('grace', 'mine').at(-1)).toBe('write');
    expect(operations('grace', 'others')).toEqual(['post', 'post']);
    expect(questions.count('grace')).toMatchObject({ all: 4, mine: 2 });
  });

  test('moves with every answer: half a quorum waits for the other half, what is approved waits no more', async () => {
    await asked.act('mixed', { text: 'both' });
    expect(operations('grace', 'mine')).toEqual(['mixed']);
    await approve(asked, 'grace');
    expect(operations('grace', 'mine')).toEqual([]);
    expect(operations('alan', 'mine')).toEqual(['mixed']);
    await approve(asked, 'alan');
    expect(operations('alan', 'mine')).toEqual([]);
    expect(questions.page('alan', 'over', 0).rows).toMatchObject([{ state: 'approved' }]);
    expect(questions.count('alan')).toEqual({ all: 0, mine: 0, oldestAtMs: null });
  });
});
