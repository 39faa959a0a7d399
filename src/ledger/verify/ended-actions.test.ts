import { expect, test } from 'vitest';
import { createIds } from '../../base/ids.ts';
import { EndedActions } from './ended-actions.ts';

test('knows every action that ended and no other, be they made in one millisecond or over years', () => {
  let ms = Date.parse('2026-11-20T00:00:00Z');
  const ids = createIds({ now: () => ms, monotonicMs: () => ms });
  const ended = new EndedActions();
  const all = Array.from({ length: 40_000 }, (_, i) => {
    if (i % 3 === 0) ms += i % 7 === 0 ? 86_400_000 : 1;
    return ids();
  });
  const isEven = (i: number) => i % 2 === 0;
  for (const [i, id] of all.entries()) if (isEven(i)) ended.add(id);
  expect(all.filter((id, i) => ended.has(id) !== isEven(i))).toEqual([]);
});

test('tells apart what differs in one digit, wherever it stands, and what is no ULID', () => {
  const ended = new EndedActions();
  const id = '01JD000000000000000000000Z';
  ended.add(id);
  ended.add(id);
  ended.add('A1');
  ended.add('00000000000000000000000000');
  for (const known of [id, 'A1', '00000000000000000000000000']) expect(ended.has(known)).toBe(true);
  for (let i = 0; i < id.length; i++) {
    const other = `${id.slice(0, i)}${id[i] === '5' ? '6' : '5'}${id.slice(i + 1)}`;
    expect(ended.has(other)).toBe(false);
  }
  for (const other of ['', 'A', id.toLowerCase(), `${id}0`]) expect(ended.has(other)).toBe(false);
});
