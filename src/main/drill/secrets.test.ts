import { expect, it } from 'vitest';
import { isReady } from './secrets.ts';

const step = (command: readonly string[], PATH = '/usr/bin:/bin') => ({
  timeoutMs: 1,
  cwd: '/',
  env: { PATH },
  command,
});

it.each([
  ['a program of the path', step(['sh']), true],
  ['a program by its place', step(['/bin/sh']), true],
  ['one that is nowhere', step(['no-such-program']), false],
  ['one that is not there', step(['/nowhere/revoke']), false],
  ['one that may not be run', step(['/etc/passwd']), false],
  ['one without a path to look in', step(['sh'], ''), false],
  ['an address', { timeoutMs: 1, url: 'https://api.example.org/revoke', method: 'POST', headers: {} }, true],
  ['what is none', { timeoutMs: 1, url: 'api example', method: 'POST', headers: {} }, false],
])('a revoke step that is %s', (_, given, ready) => {
  expect(isReady(given)).toBe(ready);
});
