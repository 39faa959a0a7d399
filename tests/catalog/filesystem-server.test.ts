import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadCatalogs } from '../../src/catalog/reading/catalog-file.ts';
import { rootsOf } from '../../src/catalog/targets/roots.ts';
import { resolveTargets } from '../../src/catalog/targets/targets.ts';
import { machineFiles } from '../../src/main/files.ts';
import { type Attempt, leafOf } from '../../src/model/action.ts';

/**
 * What is decided on is what happens: the real server is given what would be sent, and then exactly the target has
 * changed, or nothing has. The tree lies where links, Unicode and names that look encoded could lead astray.
 */
const HOUSE = join(import.meta.dirname, '../..');
const PROGRAM = join(HOUSE, 'node_modules/@modelcontextprotocol/server-filesystem/dist/index.js');
const FILE = join(HOUSE, 'packs/starter/catalog/filesystem.yaml');
const loaded = loadCatalogs([{ name: FILE, text: readFileSync(FILE, 'utf8') }]);
const catalog = loaded.ok ? loaded.value.get('filesystem') : undefined;
if (catalog === undefined) throw new Error(JSON.stringify(loaded));
const { roots: rootTemplates } = catalog;

let outer: string;
let client: Client;

beforeAll(async () => {
  outer = realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-files-')));
  for (const directory of ['root/dir/deep', 'second', 'secret', 'decoy'])
    mkdirSync(join(outer, directory), { recursive: true });
  const files = [
    'root/a.txt',
    'root/50%.txt',
    'root/cafe\u0301',
    'root/dir/x',
    'secret/key',
    'second/s.txt',
    'root/ spaced ',
  ];
  for (const file of files) writeFileSync(join(outer, file), 'before');
  symlinkSync(join(outer, 'root/dir'), join(outer, 'root/link'));
  symlinkSync(join(outer, 'secret'), join(outer, 'root/out'));
  symlinkSync(join(outer, 'root/dir/deep'), join(outer, 'root/deep'));
  symlinkSync(join(outer, 'root/not-yet'), join(outer, 'root/dangling'));
  client = new Client({ name: 'lanyard-test', version: '1' });
  const args = [PROGRAM, join(outer, 'root'), join(outer, 'second')];
  await client.connect(
    new StdioClientTransport({
      command: process.execPath,
      args,
      cwd: join(outer, 'decoy'),
      stderr: 'ignore',
    }),
  );
});
afterAll(async () => {
  await client.close();
  rmSync(outer, { recursive: true, force: true });
});

/** Every file below by its real path, with its content. */
function snapshot(): Map<string, string> {
  const files = new Map<string, string>();
  for (const entry of readdirSync(outer, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    // the listing goes through links as well; each file counts under its own name
    if (entry.isFile() && realpathSync(path) === path) files.set(path, readFileSync(path, 'utf8'));
  }
  return files;
}

function resolve(tool: string, args: Record<string, string>) {
  const roots = rootsOf(
    rootTemplates,
    { command: ['server', join(outer, 'root'), join(outer, 'second')], cwd: join(outer, 'decoy') },
    machineFiles,
  );
  if (!roots.ok) throw new Error(roots.error);
  const attempt: Attempt = {
    agent: 'a',
    session: 's',
    token: 't1',
    door: 'mcp',
    upstream: 'files',
    method: 'tools/call',
    name: tool,
    arguments: args,
  };
  return resolveTargets(
    catalog?.operations.get(leafOf(attempt)),
    attempt,
    { upstream: 'files', roots: roots.value, cwd: join(outer, 'decoy') },
    machineFiles,
  );
}

const WRITTEN = [
  'a.txt',
  './dir/../a.txt',
  'new.txt',
  'link/x',
  'link/new',
  'dir//x',
  '50%.txt',
  '%61.txt',
  'dir%2fx',
  'caf\u00e9',
  'cafe\u0301',
  ' spaced ',
  '"a.txt"',
  '~user',
  'a.txt\\',
  'FILE',
];

const ELSEWHERE = [
  'out/key',
  '../secret/key',
  '../second/../secret/key',
  '/etc/lanyard-test',
  'out/new',
  '..',
];
const REFUSED = [
  '~/lanyard-test',
  '~',
  '',
  'deep/../x',
  'dangling',
  'dangling/x',
  'C:\\x',
  'a\0b',
  'file:a.txt',
];

describe('writing through the real filesystem server', () => {
  test.each(WRITTEN)('%j changes its target and nothing else', async (path) => {
    const before = snapshot();
    const result = resolve('write_file', { path, content: `after ${path}` });
    if (!result.ok) throw new Error(result.error.sentence);
    const target = result.value.targets[0]?.id ?? '';
    const answer = await client.callTool({ name: 'write_file', arguments: { ...result.value.arguments } });
    expect(answer.isError).not.toBe(true);
    expect(snapshot()).toEqual(before.set(target, `after ${path}`));
    expect(realpathSync(target)).toBe(target);
  });

  test('a file: URI of a file means that file, not one of that name', async () => {
    const before = snapshot();
    const result = resolve('write_file', { path: `file://${outer}/root/50%25.txt`, content: 'by URI' });
    if (!result.ok) throw new Error(result.error.sentence);
    await client.callTool({ name: 'write_file', arguments: { ...result.value.arguments } });
    expect(snapshot()).toEqual(before.set(join(outer, 'root/50%.txt'), 'by URI'));
  });

  test.each(ELSEWHERE)(
    '%j has a target outside, which a rule can see, and the server refuses it too',
    async (path) => {
      const before = snapshot();
      const result = resolve('write_file', { path, content: 'x' });
      if (!result.ok) throw new Error(result.error.sentence);
      expect(result.value.targets[0]?.ancestors.map(({ id }) => id)).not.toContain(join(outer, 'root'));
      const answer = await client.callTool({ name: 'write_file', arguments: { ...result.value.arguments } });
      expect(answer.isError).toBe(true);
      expect(snapshot()).toEqual(before);
    },
  );

  test.each(REFUSED)('%j is denied before anything is sent', (path) => {
    expect(resolve('write_file', { path, content: 'x' })).toMatchObject({
      ok: false,
      error: { code: 'TARGET_UNKNOWN' },
    });
  });

  test('sent as it came, ~ would have meant another directory: that is why it is denied', async () => {
    const answer = await client.callTool({ name: 'get_file_info', arguments: { path: '~' } });
    expect(JSON.stringify(answer.content)).toContain(homedir());
  });

  test('a move shows both ends', async () => {
    writeFileSync(join(outer, 'root/from'), 'moved');
    const result = resolve('move_file', { source: 'link/../from', destination: 'link/to' });
    expect(result).toMatchObject({
      ok: true,
      value: { targets: [{ id: join(outer, 'root/from') }, { id: join(outer, 'root/dir/to') }] },
    });
    if (!result.ok) return;
    await client.callTool({ name: 'move_file', arguments: { ...result.value.arguments } });
    expect(readFileSync(join(outer, 'root/dir/to'), 'utf8')).toBe('moved');
    expect(statSync(join(outer, 'root/from'), { throwIfNoEntry: false })).toBeUndefined();
  });
});
