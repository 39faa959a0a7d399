import { describe, expect, test } from 'vitest';
import { readPack } from './pack.ts';

const HEAD = { name: 'pack.yaml', text: 'name: starter\ndescription: Where to begin\nversion: 1.0.0\n' };
const file = (name: string) => ({ name, text: '' });

describe('a pack', () => {
  test('is its head and the files of its directories, in order', () => {
    const files = [
      file('policies/b.cedar'),
      HEAD,
      file('policies/a.cedar'),
      file('catalog/x.yaml'),
      file('tests/t.golden'),
      file('README.md'),
    ];
    expect(readPack(files)).toEqual({
      ok: true,
      value: {
        name: 'starter',
        description: 'Where to begin',
        version: '1.0.0',
        catalog: [file('catalog/x.yaml')],
        policies: [file('policies/a.cedar'), file('policies/b.cedar')],
        tests: [file('tests/t.golden')],
      },
    });
  });

  test.each([
    ['without a head', [file('policies/a.cedar')], 'needs this file'],
    ['with a rule that would not be read', [HEAD, file('policies/a.cedar.txt')], 'only files *.cedar'],
    ['with a rule in a directory below', [HEAD, file('policies/more/a.cedar')], 'only files *.cedar'],
    ['with a catalog that would not be read', [HEAD, file('catalog/a.yml')], 'only files *.yaml'],
    [
      'with an unknown key',
      [{ name: 'pack.yaml', text: `${HEAD.text}versoin: 1\n` }],
      'did you mean `version`',
    ],
    ['without a version', [{ name: 'pack.yaml', text: 'name: a\ndescription: b\n' }], 'needs `version`'],
    [
      'with a version that is a number',
      [{ name: 'pack.yaml', text: 'name: a\ndescription: b\nversion: 1.0\n' }],
      'must be text',
    ],
    [
      'with a name that is a path',
      [{ name: 'pack.yaml', text: 'name: ../a\ndescription: b\nversion: 1.0.0\n' }],
      'must match',
    ],
  ])('%s is refused', (_, files, why) => {
    const result = readPack(files);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(JSON.stringify(result.error)).toContain(why);
  });
});
