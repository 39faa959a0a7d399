import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ERRORS, type ErrorCode } from '../src/base/errors.ts';
import { isTest, ROOT, sourceFiles } from './source-tree.ts';

const text = sourceFiles('src')
  .filter(({ path }) => !isTest(path) && !path.startsWith('src/base/errors'))
  .map((file) => file.text)
  .join('\n');

it('has no code that nothing says', () => {
  const said = new Set(text.match(/\b[A-Z][A-Z0-9]+(?:_[A-Z0-9]+)*\b/g));
  expect(Object.keys(ERRORS).filter((code) => !said.has(code))).toEqual([]);
});

it('fills every blank of a sentence where its details stand beside the code', () => {
  const open = [...text.matchAll(/\bproblem\('([A-Z0-9_]+)'(?:\)|,\s*\{([^{}]*)\}\s*\))/g)].flatMap(
    ([, code, details = '']) => {
      const blanks = ERRORS[code as ErrorCode].sentence.matchAll(/\{(\w+)\}/g);
      return [...blanks].flatMap(([, name = '']) =>
        new RegExp(`\\b${name}\\b`).test(details) ? [] : [`${code} {${name}}`],
      );
    },
  );
  expect(open).toEqual([]);
});

it('tells of every denial and failure in docs/formats/codes.md, and of no code that is not', () => {
  const page = readFileSync(join(ROOT, 'docs', 'formats', 'codes.md'), 'utf8');
  const told = [...page.matchAll(/`([A-Z][A-Z0-9]+(?:_[A-Z0-9]+)*)`/g)].map(([, code = '']) => code);
  const met = (Object.keys(ERRORS) as ErrorCode[]).filter((code) =>
    ['deny', 'fail'].includes(ERRORS[code].kind),
  );
  expect(met.filter((code) => !told.includes(code))).toEqual([]);
  expect(told.filter((code) => !Object.hasOwn(ERRORS, code))).toEqual([]);
  expect(told.length).toBe(new Set(told).size);
});
