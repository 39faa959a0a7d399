import { describe, expect, test } from 'vitest';
import type { FileView } from '../files.ts';
import { readRootTemplate, rootsOf } from './roots.ts';

const files: FileView = {
  realpath: (path) => ({ '/w': '/w', '/w/link': '/data', '/w/b': '/w/b' })[path] ?? null,
  present: () => true,
  names: () => null,
};

function roots(texts: readonly string[], command?: readonly string[]) {
  const templates = texts.map((text) => readRootTemplate(text) ?? expect.unreachable(text));
  return rootsOf(templates, { cwd: '/w', ...(command === undefined ? {} : { command }) }, files);
}

describe('the roots of an upstream', () => {
  test('are real directories of its command, its working directory, or fixed', () => {
    expect(roots(['{argv[1]}'], ['server', '.'])).toEqual({ ok: true, value: ['/w'] });
    expect(roots(['{argv[1..]}'], ['server', 'link', '/w/b', '.'])).toEqual({
      ok: true,
      value: ['/data', '/w/b', '/w'],
    });
    expect(roots(['{cwd}', '/w/link', '/w'])).toEqual({ ok: true, value: ['/w', '/data'] });
    expect(roots([])).toEqual({ ok: true, value: [] });
  });

  test.each([
    ['an argument that is not there', ['{argv[1]}'], ['server']],
    ['no command', ['{argv[1]}'], undefined],
    ['an empty argument', ['{argv[1]}'], ['server', '']],
    ['an option in its place', ['{argv[1]}'], ['npx', '-y', 'server', '.']],
    ['a directory that does not exist', ['{argv[1]}'], ['server', 'nowhere']],
    ['a home directory in short', ['{argv[1]}'], ['server', '~/w']],
  ])('cannot be told from %s', (_, texts, command) => {
    expect(roots(texts, command).ok).toBe(false);
  });

  test.each(['.', 'argv[1]', '{argv[-1]}', '{argv[1...]}', '{env.HOME}', ''])(
    'are not written %j',
    (text) => {
      expect(readRootTemplate(text)).toBeUndefined();
    },
  );
});
