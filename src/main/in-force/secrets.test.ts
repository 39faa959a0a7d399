import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Secrets } from './secrets.ts';

let directory: string;
beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-secrets-')));
  return () => rmSync(directory, { recursive: true, force: true });
});

describe('secrets', () => {
  it('are looked up in the environment and in files beside the configuration, and remembered', () => {
    writeFileSync(join(directory, 'key'), 'from-a-file\n');
    const secrets = new Secrets(directory, { WIKI: 'Bearer from-the-environment' }, true);
    expect(secrets.resolveAll({ a: 'env:WIKI', b: 'file:key', c: 'plain' }, ['headers'])).toEqual({
      a: 'Bearer from-the-environment',
      b: 'from-a-file',
      c: 'plain',
    });
    // What follows "Bearer" must not show up by itself either.
    expect(secrets.values).toEqual(['Bearer from-the-environment', 'from-the-environment', 'from-a-file']);
    expect(secrets.problems).toEqual([]);
  });

  it.each([
    ['another scheme', 'ApiKey abcdefgh', ['abcdefgh']],
    [
      'Basic credentials',
      `Basic ${Buffer.from('bot:hunter22').toString('base64')}`,
      [Buffer.from('bot:hunter22').toString('base64'), 'bot:hunter22', 'hunter22'],
    ],
    ['an address', 'postgres://bot:p%40ssword@db.example/x', ['p%40ssword', 'p@ssword']],
    [
      'a key of several lines',
      `-----BEGIN X-----\n${'a'.repeat(64)}\n${'b'.repeat(40)}\n-----END X-----`,
      ['a'.repeat(64), 'b'.repeat(40)],
    ],
    ['what is short', 'Bearer abc', []],
    ['a sentence', 'three words here', []],
    ['an address without a password', 'https://db.example/x', []],
  ])('are known by their parts: %s', (_, value, parts) => {
    const secrets = new Secrets(directory, { ONE: value }, true);
    secrets.resolve('env:ONE', []);
    expect(secrets.values).toEqual([value, ...parts]);
  });

  it('that are missing, or too short to scrub, are problems at their place', () => {
    const secrets = new Secrets(directory, { EMPTY: '', SHORT: 'abc' }, true);
    secrets.resolveAll({ a: 'env:NONE', b: 'env:EMPTY', c: 'env:SHORT', d: 'file:gone' }, ['env']);
    expect(secrets.problems).toEqual([
      { paths: [['env', 'a']], message: 'the environment has no NONE' },
      { paths: [['env', 'b']], message: 'the environment has no EMPTY' },
      { paths: [['env', 'c']], message: expect.stringContaining('fewer than 6 characters') },
      { paths: [['env', 'd']], message: 'the secret `file:gone` cannot be read: it does not exist' },
    ]);
    expect(JSON.stringify(secrets.problems)).not.toContain('abc"');
  });

  it('are one problem each, with every place that names the same', () => {
    const secrets = new Secrets(directory, {}, true);
    secrets.resolveAll({ a: 'env:NONE', b: 'env:OTHER', c: 'env:NONE' }, ['env']);
    secrets.resolve('env:NONE', ['headers', 'Authorization']);
    expect(secrets.problems).toEqual([
      {
        paths: [
          ['env', 'a'],
          ['env', 'c'],
          ['headers', 'Authorization'],
        ],
        message: 'the environment has no NONE',
      },
      { paths: [['env', 'b']], message: 'the environment has no OTHER' },
    ]);
  });

  it('are not missed where nothing is executed', () => {
    const secrets = new Secrets(directory, {}, false);
    expect(secrets.resolve('env:NONE', ['env'])).toBe('');
    expect(secrets.problems).toEqual([]);
    expect(secrets.missing).toMatchObject([{ paths: [['env']] }]);
  });
});
