import { describe, expect, it } from 'vitest';
import { answerItems } from './wire.ts';

const [a, b, c] = [{ name: 'a' }, { name: 'b' }, { name: 'c', description: 'é "quoted"' }];
const resultOf = (text: string): unknown => (JSON.parse(text) as { result: unknown }).result;

describe('a list as text', () => {
  it('says what is in it now, however often what stands first was shown before', () => {
    for (const items of [[a, b, c], [a, c], [a, b], [a, c, b], [a], [a, b, c], []]) {
      const { text, bytes } = answerItems(1, 'tools', items, { nextCursor: 'x' });
      expect(resultOf(text)).toEqual({ tools: items, nextCursor: 'x' });
      expect(bytes?.toString()).toBe(text);
    }
  });

  it('stands alone where nothing stands beside it', () => {
    expect(answerItems('id', 'prompts', [c], {}).text).toBe(
      `{"jsonrpc":"2.0","id":"id","result":{"prompts":[${JSON.stringify(c)}]}}`,
    );
  });
});
