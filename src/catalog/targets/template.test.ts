import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readField, readReference, readTemplate, type Template } from './template.ts';

test('a template that is read shows as it was written', () => {
  const piece = fc.constantFrom(
    '{a}',
    '{a.b-c}',
    '{.}',
    '{.x y}',
    '/',
    '#',
    'text',
    '@',
    ' ',
    '{',
    '}',
    '{}',
    '{..}',
    '{a.}',
    '{ a}',
  );
  let read = 0;
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 6 }), (pieces) => {
      const text = pieces.join('');
      const template = readTemplate(text);
      if (!template.ok) return;
      read++;
      expect(showTemplate(template.value)).toBe(text);
    }),
    { numRuns: 2000 },
  );
  expect(read).toBeGreaterThan(50);
});

test.each(['', '.', 'a..b', 'a.', '.a', 'a[]b', '[]', 'a[0]', '{a}'])('%j names no field', (text) => {
  expect(readField(text)).toBeUndefined();
});

test('a field knows which steps are lists', () => {
  expect(readField('a.b[].c')).toEqual({
    steps: [
      { name: 'a', each: false },
      { name: 'b', each: true },
      { name: 'c', each: false },
    ],
  });
  expect(readReference('.')).toEqual({ of: 'element', path: [] });
});

/** A template as its author wrote it. */
function showTemplate(template: Template): string {
  return template
    .map((part) => {
      if (typeof part === 'string') return part;
      return `{${part.of === 'element' ? '.' : ''}${part.path.join('.')}}`;
    })
    .join('');
}
