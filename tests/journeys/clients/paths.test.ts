import { chmodSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { filesystem, GovernedInstance, received } from '../instance.ts';
import { CLIENTS, type McpClient } from './connect.ts';

/** Ways out of the served directory, tried on the real filesystem server behind a real instance. */

let instance: GovernedInstance;
let client: McpClient;
let at: (...path: string[]) => string;
beforeAll(async () => {
  instance = await GovernedInstance.start((ground) => {
    at = (...path) => join(ground.directory, ...path);
    ground.write('listening', '#!/bin/sh\ntee -a "$RECEIVED" | "$SERVER" "$@"\n');
    chmodSync(at('listening'), 0o755);
    const [SERVER, served] = filesystem.command;
    const env = { ...filesystem.env, SERVER, RECEIVED: at('received') };
    return {
      upstreams: { files: { ...filesystem, command: [at('listening'), served], env } },
      rules: `@id("only-the-workspace") @reason("Work stays in the workspace.")
forbid (principal, action, resource is Path) unless { resource in Path::${JSON.stringify(at('workspace'))} };`,
    };
  });
  mkdirSync(at('outside'));
  writeFileSync(at('outside', 'private.txt'), 'private words');
  writeFileSync(at('workspace', 'a.txt'), 'what a.txt holds');
  writeFileSync(at('workspace', '%2e%2e'), 'a strange name');
  writeFileSync(at('workspace', '50%.txt'), 'half');
  symlinkSync('../outside', at('workspace', 'out'));
  symlinkSync('../outside/private.txt', at('workspace', 'link.txt'));
  symlinkSync('../outside/not-there-yet.txt', at('workspace', 'dangling.txt'));
  symlinkSync('a.txt', at('workspace', 'inside.txt'));
  symlinkSync('../state', at('workspace', 'state'));
  const connect = CLIENTS[2]?.[2];
  if (connect === undefined) throw new Error('no client');
  client = await connect(instance, 'files');
});
afterAll(async () => {
  await client.close();
  await instance.stop();
});

const denied = (code: string, ...rules: string[]) => ({
  isError: true,
  _meta: { 'dev.lanyard/decision': { code, rules } },
});
const OUTSIDE = denied('FORBIDDEN', 'only-the-workspace');

describe('is denied, and the server never hears of it', () => {
  const reads: readonly (readonly [string, () => string])[] = [
    ['the directory above', () => '../outside/private.txt'],
    ['the directory above, from within', () => 'a/../../outside/private.txt'],
    ['an absolute path', () => at('outside', 'private.txt')],
    ['an absolute path by way of the workspace', () => `${at('workspace')}/../outside/private.txt`],
    ['a link to a file', () => 'link.txt'],
    ['a link to a directory', () => 'out/private.txt'],
    ['a file: URI', () => pathToFileURL(at('outside', 'private.txt')).href],
    ['a file: URI, encoded', () => `file://${at('workspace')}/%2e%2e/outside/private.txt`],
  ];
  it.each(reads)('reading by %s', async (_, path) => {
    expect(await client.call('read_text_file', { path: path() })).toMatchObject(OUTSIDE);
  });

  it('reading many files, one of them outside', async () => {
    const paths = ['a.txt', 'out/private.txt'];
    expect(await client.call('read_multiple_files', { paths })).toMatchObject(OUTSIDE);
  });

  it.each([
    ['out/new.txt', 'outside/new.txt'],
    ['out/new/deeper.txt', 'outside/new/deeper.txt'],
    ['../outside/other.txt', 'outside/other.txt'],
  ])('writing %s', async (path, landing) => {
    expect(await client.call('write_file', { path, content: 'x' })).toMatchObject(OUTSIDE);
    expect(existsSync(at(landing))).toBe(false);
  });

  it('moving something out, or in', async () => {
    for (const [source, destination] of [
      ['a.txt', 'out/a.txt'],
      ['out/private.txt', 'b.txt'],
    ])
      expect(await client.call('move_file', { source, destination })).toMatchObject(OUTSIDE);
    expect(existsSync(at('outside', 'a.txt'))).toBe(false);
    expect(readFileSync(at('outside', 'private.txt'), 'utf8')).toBe('private words');
  });

  it.each([
    ['the state', 'state/log.sqlite'],
    ['the state by another case', '../STATE/log.sqlite'],
    ['the state from above', '../state/../state/log.sqlite'],
    ['the configuration', '../lanyard.yaml'],
    ['the rules', '../rules.cedar'],
    ['what holds it all', '..'],
  ])('touching %s', async (_, path) => {
    for (const call of [
      client.call('read_text_file', { path }),
      client.call('write_file', { path, content: 'x' }),
    ])
      expect(await call).toMatchObject(denied('PROTECTED'));
  });

  // Programs read these differently, so what they would do cannot be told.
  it.each([
    ['a NUL', () => 'a.txt\u0000.png'],
    ['`..` behind a link', () => 'out/../outside/private.txt'],
    ['a link to what is not there yet', () => 'dangling.txt'],
    ['a file: URI with an encoded slash', () => `file://${at('workspace')}/..%2foutside%2fprivate.txt`],
    ['a file: URI of another machine', () => `file://elsewhere${at('outside', 'private.txt')}`],
    ['a home directory', () => '~/private.txt'],
  ])('a path with %s', async (_, path) => {
    for (const call of [
      client.call('read_text_file', { path: path() }),
      client.call('write_file', { path: path(), content: 'x' }),
    ])
      expect(await call).toMatchObject(denied('TARGET_UNKNOWN'));
    expect(existsSync(at('outside', 'not-there-yet.txt'))).toBe(false);
  });
});

it('what is inside is reached, under the name it really has', async () => {
  const reads: readonly (readonly [string, string, string])[] = [
    ['a.txt', 'a.txt', 'what a.txt holds'],
    ['./b/../a.txt', 'a.txt', 'what a.txt holds'],
    ['inside.txt', 'a.txt', 'what a.txt holds'],
    [pathToFileURL(at('workspace', 'a.txt')).href, 'a.txt', 'what a.txt holds'],
    ['%2e%2e', '%2e%2e', 'a strange name'],
    ['50%.txt', '50%.txt', 'half'],
  ];
  await instance.newActions();
  for (const [path, , text] of reads)
    expect(await client.call('read_text_file', { path })).toMatchObject({ content: [{ text }] });
  const decided = (await instance.newActions()).filter(({ kind }) => kind === 'action.decided');
  expect(decided.map(({ target }) => target)).toEqual(
    reads.map(([, name]) => ({ type: 'Path', id: at('workspace', name) })),
  );
  const arrived = received(instance.ground);
  expect(arrived).not.toMatch(/outside|private|sqlite|lanyard\.yaml|cedar|NUL/);
  expect(arrived.match(/"method":"tools\/call"/g)).toHaveLength(reads.length);
  await instance.expectLogToHold();
});

it('what an apply puts in force is protected from that moment on, whatever the rules say', async () => {
  const { ground } = instance;
  const call = () => client.call('read_text_file', { path: '../outside/more.cedar' });
  ground.write('outside/more.cedar', '// no rule yet\n');
  expect(await call()).toMatchObject(OUTSIDE);
  const more = ground.read('lanyard.yaml').replace('policies: [', 'policies: [outside/more.cedar, ');
  ground.write('lanyard.yaml', more);
  expect(await ground.run('apply')).toMatchObject({ code: 0 });
  expect(await call()).toMatchObject(denied('PROTECTED'));
});
