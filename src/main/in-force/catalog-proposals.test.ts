import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readConfiguration } from '../configuration/read.ts';
import { SHIPPED_PACKS } from '../installation.ts';
import { proposeCatalogs } from './catalog-proposals.ts';
import { readRuleSet, type SetFile } from './rule-set.ts';

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-propose-')));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

function shipped(): SetFile[] {
  return readdirSync(SHIPPED_PACKS, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\/catalog\/.*\.yaml$/.test(name))
    .map((name) => ({ role: 'catalog', name, text: readFileSync(join(SHIPPED_PACKS, name), 'utf8') }));
}

function proposed(upstream: string): readonly string[] {
  const read = readConfiguration(`upstreams: { box: ${upstream} }`);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return proposeCatalogs(read.value.configuration.upstreams, directory, shipped).flatMap(
    ({ catalogs }) => catalogs,
  );
}

describe('catalogs that were written for such a server', () => {
  it.each([
    ['{ command: [npx, -y, "@playwright/mcp@latest"] }', ['playwright']],
    ['{ command: [uvx, mcp-atlassian] }', ['atlassian']],
    ['{ command: [docker, run, -i, "ghcr.io/github/github-mcp-server:v1.2.0"] }', ['github']],
    ['{ command: [node_modules/.bin/mcp-server-filesystem, .] }', ['filesystem']],
    ['{ url: "https://mcp.slack.com/mcp" }', ['slack']],
  ])('%s is told of them', (upstream, catalogs) => {
    expect(proposed(upstream)).toEqual(catalogs);
  });

  it.each([
    ['one that names a catalog', '{ command: [uvx, mcp-atlassian], catalog: mine }'],
    ['one of another name', '{ command: [uvx, mcp-atlassian-evil] }'],
    ['one at another host', '{ url: "https://mcp.slack.com.evil.example/mcp" }'],
    ['one nobody wrote for', '{ command: [./serve] }'],
  ])('%s is not', (_, upstream) => {
    expect(proposed(upstream)).toEqual([]);
  });

  it('are told with the line, and none of them is taken', () => {
    const path = join(directory, 'lanyard.yaml');
    writeFileSync(path, 'listen: 127.0.0.1:0\nupstreams:\n  box: { command: [uvx, mcp-atlassian] }\n');
    const read = readRuleSet(path);
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    expect(read.value.set.files).toEqual([]);
    expect(read.value.warnings).toEqual([
      expect.objectContaining({ line: 3, message: expect.stringContaining('`catalog: atlassian`') }),
    ]);
  });
});
