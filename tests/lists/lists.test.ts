import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, describe, expect, test } from 'vitest';
import { isJsonObject } from '../../src/base/json.ts';
import { readToolFacts } from '../packs/tool-facts.ts';

const MODULES = join(import.meta.dirname, 'servers/node_modules');
const home = mkdtempSync(join(tmpdir(), 'lanyard-lists-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** Gmail's server wants a client id before it lists anything; nobody is asked to sign in. */
function writeGoogleClient(): void {
  const client = {
    client_id: 'none',
    client_secret: 'none',
    redirect_uris: ['http://localhost:3000/callback'],
  };
  mkdirSync(join(home, '.gmail-mcp'), { recursive: true });
  writeFileSync(join(home, '.gmail-mcp/gcp-oauth.keys.json'), JSON.stringify({ installed: client }));
}

const CAPABILITIES = 'vision,pdf,devtools,testing,storage,network,config,tracing';
const SERVERS = [
  {
    catalog: 'playwright',
    program: '@playwright/mcp/cli.js',
    args: ['--headless', `--caps=${CAPABILITIES}`],
  },
  { catalog: 'slack-bot', program: '@modelcontextprotocol/server-slack/dist/index.js', args: [] },
  {
    catalog: 'postgres-query',
    program: '@modelcontextprotocol/server-postgres/dist/index.js',
    args: ['postgresql://127.0.0.1:1/none'],
  },
  { catalog: 'gmail-autoauth', program: '@gongrzhe/server-gmail-autoauth-mcp/dist/index.js', args: [] },
  {
    catalog: 'stripe-toolkit',
    program: '@stripe/mcp/dist/index.js',
    args: ['--tools=all', '--api-key=sk_test_none'],
  },
];

async function list(program: string, args: readonly string[]) {
  const client = new Client({ name: 'lanyard-test', version: '1' });
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, SLACK_BOT_TOKEN: 'none', SLACK_TEAM_ID: 'none' };
  const command = { command: process.execPath, args: [join(MODULES, program), ...args], env };
  await client.connect(new StdioClientTransport({ ...command, stderr: 'ignore' }));
  try {
    return (await client.listTools()).tools;
  } finally {
    await client.close();
  }
}

/** What of a tool the catalogs rely on: which arguments there are, and which must be given. */
function shapeOf(schema: unknown) {
  const properties = isJsonObject(schema) && isJsonObject(schema['properties']) ? schema['properties'] : {};
  const required = isJsonObject(schema) && Array.isArray(schema['required']) ? schema['required'] : [];
  return { arguments: Object.keys(properties).sort(), required: required.map(String).sort() };
}

describe.each(SERVERS)('the facts about $catalog', ({ catalog, program, args }) => {
  test('are what the real server lists', async () => {
    writeGoogleClient();
    const named = (tools: readonly { name: string; inputSchema?: unknown }[]) =>
      Object.fromEntries(tools.map((tool) => [tool.name, shapeOf(tool.inputSchema)]));
    expect(named(readToolFacts(catalog).tools)).toEqual(named(await list(program, args)));
  });
});
