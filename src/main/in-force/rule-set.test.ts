import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readFilesOf } from './rule-set.ts';

const directory = mkdtempSync(join(tmpdir(), 'lanyard-set-'));
afterAll(() => rmSync(directory, { recursive: true }));

function write(name: string, text: string): void {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

test('a file of a pack that would be taken for a rule that holds, and is not read, is told', () => {
  write('mine/pack.yaml', 'name: mine\ndescription: Ours\nversion: 1.0.0\n');
  write('mine/policies/a.cedar', '@id("a") forbid (principal, action, resource);');
  write('mine/policies/b.cedar.txt', '@id("b") forbid (principal, action, resource);');
  write(
    'lanyard.yaml',
    'listen: 127.0.0.1:0\npeople: [{ id: ada, name: Ada }]\nagents: [{ id: w, owner: ada, purpose: Works }]\npacks: [starter, ./mine]\n',
  );
  const { read, problems } = readFilesOf(join(directory, 'lanyard.yaml'));
  expect(problems).toEqual([]);
  expect(read?.set.files.map(({ name }) => name)).toContain('mine/a.cedar');
  expect(read?.warnings).toMatchObject([
    {
      file: join(directory, 'mine/policies/b.cedar.txt'),
      message: 'only files *.cedar stand directly in policies/',
    },
  ]);
});
