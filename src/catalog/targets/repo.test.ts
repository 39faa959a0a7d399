import { describe, expect, test } from 'vitest';
import { resolveOrg, resolveRepo } from './repo.ts';

describe('a repository', () => {
  test.each([
    ['Octo/Hello-World', 'octo/hello-world', 'Octo/Hello-World'],
    ['octo/hello.git', 'octo/hello', 'octo/hello'],
    ['https://GitHub.com/Octo/hello.git/', 'octo/hello', 'https://github.com/Octo/hello'],
    ['http://www.github.com/octo/hello', 'octo/hello', 'http://www.github.com/octo/hello'],
    ['git@github.com:octo/hello.git', 'octo/hello', 'ssh://git@github.com/octo/hello'],
    ['ssh://git@github.com/octo/hello', 'octo/hello', 'ssh://git@github.com/octo/hello'],
    ['https://evil.example/octo/hello', 'evil.example/octo/hello', 'https://evil.example/octo/hello'],
    ['git@evil.example:octo/hello', 'evil.example/octo/hello', 'ssh://git@evil.example/octo/hello'],
    ['https://github.com./octo/hello', 'octo/hello', 'https://github.com/octo/hello'],
  ])('%j is %j and is sent as %j', (text, id, sent) => {
    const result = resolveRepo(text);
    expect(result).toMatchObject({
      ok: true,
      value: { sent, target: { type: 'Repo', id, attributes: { id } } },
    });
    if (result.ok) {
      expect(result.value.target.ancestors).toEqual([{ type: 'Org', id: id.slice(0, id.lastIndexOf('/')) }]);
      expect(resolveRepo(sent)).toEqual(result);
    }
  });

  test.each([
    'hello',
    '/hello',
    'octo/',
    'octo//hello',
    'octo/hello/tree/main',
    'octo/..',
    './hello',
    'octo/.git',
    'octo/hello.git.git',
    'octo/hel lo',
    'octo/hell\u00f6',
    'https://token@github.com/octo/hello',
    'https://github.com@evil.example/octo/hello',
    'https://github.com:8443/octo/hello',
    'https://github.com/octo/hello?x',
    'https://github.com/octo/%68ello',
    'https://github.com\\@evil.example/octo/hello',
    'ssh://root@github.com/octo/hello',
    'git://github.com/octo/hello',
    'file:///octo/hello',
    '',
  ])('%j is refused', (text) => {
    expect(resolveRepo(text).ok).toBe(false);
  });

  test('an organisation has the id that its repositories name', () => {
    expect(resolveOrg('Octo')).toMatchObject({ ok: true, value: { type: 'Org', id: 'octo' } });
    expect(resolveOrg('octo/hello').ok).toBe(false);
  });
});
