import { expect, it } from 'vitest';
import { ERRORS, type ErrorCode } from '../src/base/errors.ts';
import { isTest, sourceFiles } from './source-tree.ts';

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
