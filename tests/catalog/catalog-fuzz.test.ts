import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readPack } from '../../src/catalog/pack.ts';
import { loadCatalogs } from '../../src/catalog/reading/catalog-file.ts';

const DIRECTORY = join(import.meta.dirname, '../../packs/starter/catalog');
const texts = readdirSync(DIRECTORY).map((name) =>
  firstOperations(readFileSync(join(DIRECTORY, name), 'utf8')),
);

/** The catalog with its first two operations, so that many can be read in little time. */
function firstOperations(text: string): string {
  const from = text.indexOf('operations:');
  const starts = [...text.slice(from).matchAll(/^ {2}[a-z].*:$/gm)].map(({ index }) => from + index);
  return text.slice(0, starts[2] ?? text.length);
}

const scrap = fc.constantFrom(
  '{',
  '}',
  '[',
  ']',
  ':',
  '&a ',
  '*a',
  '!t ',
  '- ',
  '\n',
  '\t',
  '"',
  "'",
  '|',
  '>',
  '---\n',
  '...',
  '? ',
  '__proto__',
  '{.}',
  '{a',
  'each',
  '\u0000',
  '\ud800',
  '<<: ',
  '#',
);

/** A real catalog with pieces cut out and scraps put in. */
const mutated = fc
  .tuple(
    fc.constantFrom(...texts),
    fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(30), scrap), {
      minLength: 1,
      maxLength: 4,
    }),
  )
  .map(([text, cuts]) =>
    cuts.reduce((rest, [at, length, put]) => {
      const from = Math.floor(at * rest.length);
      return rest.slice(0, from) + put + rest.slice(from + length);
    }, text),
  );

test('whatever stands in a catalog, it is read or refused with places inside the file, and never throws', () => {
  let refused = 0;
  fc.assert(
    fc.property(
      fc.oneof(
        { weight: 5, arbitrary: mutated },
        { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 200 }) },
      ),
      (text) => {
        const result = loadCatalogs([{ name: 'x.yaml', text }]);
        readPack([{ name: 'pack.yaml', text }]);
        if (result.ok) {
          return;
        }
        refused++;
        const lines = text.split(/\r\n|\r|\n/).length;
        for (const { file, line, column, message } of result.error) {
          expect(file).toBe('x.yaml');
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(lines);
          expect(column).toBeGreaterThanOrEqual(1);
          expect(message).not.toContain('\n');
        }
      },
    ),
    { numRuns: 200 },
  );
  expect(refused).toBeGreaterThan(50);
});
