import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { fixturePath } from '../../tests/fixtures/upstreams/start.ts';
import { readTls } from './tls.ts';

const [cert, key] = ['tls/localhost-cert.pem', 'tls/localhost-key.pem'].map(fixturePath) as [string, string];
const around = { configPath: '/nowhere/lanyard.yaml', environment: { KEY: readFileSync(key, 'utf8') } };

it.each([
  ['a path', cert, key],
  ['file:', `file:${cert}`, `file:${key}`],
  ['env:', cert, 'env:KEY'],
])('reads %s', (_, certificate, secret) => {
  expect(readTls({ cert: certificate, key: secret }, around)).toEqual({
    ok: true,
    value: { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') },
  });
});

it.each([
  ['a variable that is not there', 'env:NONE', 'the environment has no NONE'],
  ['a file that is not there', 'file:/nowhere/key', 'it does not exist'],
  ['what is no key', cert, 'cannot be used'],
])('says of %s what is wrong', (_, secret, sentence) => {
  expect(readTls({ cert, key: secret }, around)).toMatchObject({
    ok: false,
    error: expect.stringContaining(sentence),
  });
});
