import { describe, expect, it } from 'vitest';
import { filled, stated } from './stated.ts';

describe('what is stated', () => {
  it('is every member that is not undefined, in its order', () => {
    const made = stated({ b: 1, gone: undefined, a: null, empty: '', no: false, list: [undefined] });
    expect(Object.keys(made)).toEqual(['b', 'a', 'empty', 'no', 'list']);
    expect(made).toStrictEqual({ b: 1, a: null, empty: '', no: false, list: [undefined] });
  });

  it('is no list that says nothing', () => {
    expect(stated({ some: filled([1]), none: filled([]) })).toStrictEqual({ some: [1] });
  });
});
