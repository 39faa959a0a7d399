import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client as CurrentClient } from '@modelcontextprotocol/client';
import { StdioClientTransport as CurrentStdio } from '@modelcontextprotocol/client/stdio';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import type { ClientCapabilities } from '@modelcontextprotocol/sdk/types.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { TargetTemplate } from '../../src/catalog/entry.ts';
import { type Catalog, loadCatalogs } from '../../src/catalog/reading/catalog-file.ts';
import { RISKS } from '../../src/model/risk.ts';

const HOUSE = join(import.meta.dirname, '../..');

interface Listed {
  /** Tool names and, where the server has resources or prompts, `resources/read` and `prompts/get`. */
  readonly operations: readonly string[];
  /** The names of each tool's arguments. */
  readonly inputs: ReadonlyMap<string, readonly string[]>;
}

interface Start {
  readonly program: string;
  readonly args: readonly string[];
}

/** What a server lists to a client of the older generation with these capabilities. */
async function list({ program, args }: Start, capabilities: ClientCapabilities): Promise<Listed> {
  const client = new Client({ name: 'lanyard-test', version: '1' }, { capabilities });
  const command = {
    command: process.execPath,
    args: [join(HOUSE, program), ...args],
    stderr: 'ignore' as const,
  };
  await client.connect(new StdioClientTransport(command));
  try {
    const { tools } = await client.listTools();
    return readLists(tools, client.getServerCapabilities());
  } finally {
    await client.close();
  }
}

/** What it lists to a client of 2026-07-28, which goes back to the older generation where the server knows no other. */
async function listCurrent({ program, args }: Start): Promise<Listed> {
  const client = new CurrentClient(
    { name: 'lanyard-test', version: '1' },
    { versionNegotiation: { mode: 'auto' } },
  );
  const command = {
    command: process.execPath,
    args: [join(HOUSE, program), ...args],
    stderr: 'ignore' as const,
  };
  await client.connect(new CurrentStdio(command));
  try {
    const { tools } = await client.listTools();
    return readLists(tools, client.getServerCapabilities());
  } finally {
    await client.close();
  }
}

function readLists(
  tools: readonly { name: string; inputSchema: { properties?: object | undefined } }[],
  offered: { resources?: unknown; prompts?: unknown } | undefined,
): Listed {
  const operations = tools.map((tool) => tool.name);
  if (offered?.resources !== undefined) operations.push('resources/read');
  if (offered?.prompts !== undefined) operations.push('prompts/get');
  return {
    operations,
    inputs: new Map(tools.map((tool) => [tool.name, Object.keys(tool.inputSchema.properties ?? {})])),
  };
}

function readCatalog(name: string): Catalog {
  const file = join(HOUSE, `packs/starter/catalog/${name}.yaml`);
  const loaded = loadCatalogs([{ name: file, text: readFileSync(file, 'utf8') }]);
  const catalog = loaded.ok ? loaded.value.get(name) : undefined;
  if (catalog === undefined) throw new Error(JSON.stringify(loaded));
  return catalog;
}

function countRisks({ operations }: Catalog): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const risk of RISKS) {
    const count = [...operations.values()].filter((entry) => entry.risk === risk).length;
    if (count > 0) counts[risk] = count;
  }
  return counts;
}

/** The arguments that a target is made of, by their first name. */
function argumentsOf({ id, each, parents }: Pick<TargetTemplate, 'id' | 'each' | 'parents'>): string[] {
  const own = id.flatMap((part) =>
    typeof part === 'object' && part.of === 'arguments' ? (part.path[0] ?? []) : [],
  );
  const list = each?.[0];
  return [...own, ...(list === undefined ? [] : [list]), ...parents.flatMap((parent) => argumentsOf(parent))];
}

const ALL: ClientCapabilities = {
  sampling: {},
  roots: {},
  elicitation: { form: {}, url: {} },
  tasks: { list: {}, cancel: {}, requests: { sampling: { createMessage: {} }, elicitation: { create: {} } } },
};

const INSTALLED = (name: string) => `node_modules/@modelcontextprotocol/${name}/dist/index.js`;
const SERVERS = [
  {
    catalog: 'filesystem',
    program: INSTALLED('server-filesystem'),
    served: true,
    capabilities: [{}],
    risks: { read: 10, draft: 4 },
  },
  {
    catalog: 'memory',
    program: INSTALLED('server-memory'),
    served: false,
    capabilities: [{}],
    risks: { read: 4, draft: 6 },
  },
  // It lists more to a client that offers elicitation, sampling and roots, which a configuration can let through.
  {
    catalog: 'everything',
    program: INSTALLED('server-everything'),
    served: false,
    capabilities: [{}, ALL],
    risks: { read: 13, draft: 5, comment: 3 },
  },
  {
    catalog: 'forge',
    program: 'demo/servers/forge.ts',
    served: true,
    capabilities: [{}],
    risks: { read: 3, draft: 2, comment: 2, merge: 1 },
  },
  {
    catalog: 'websearch',
    program: 'demo/servers/websearch.ts',
    served: false,
    capabilities: [{}],
    risks: { read: 2 },
  },
  {
    catalog: 'publisher',
    program: 'demo/servers/publisher.ts',
    served: true,
    capabilities: [{}],
    risks: { read: 2, draft: 1, external: 2 },
  },
];

describe.each(SERVERS)('the catalog $catalog', ({ catalog: name, program, served, capabilities, risks }) => {
  const catalog = readCatalog(name);
  const operations = new Set<string>();
  const inputs = new Map<string, readonly string[]>();
  let directory: string;

  beforeAll(async () => {
    directory = mkdtempSync(join(tmpdir(), 'lanyard-server-'));
    const start = { program, args: served ? [directory] : [] };
    const lists = [await listCurrent(start)];
    for (const offered of capabilities) lists.push(await list(start, offered));
    for (const listed of lists) {
      for (const operation of listed.operations) operations.add(operation);
      for (const [tool, properties] of listed.inputs) inputs.set(tool, properties);
    }
  });
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  test('has an entry for everything that the server lists, and none beyond', () => {
    expect([...catalog.operations.keys()].toSorted()).toEqual([...operations].toSorted());
  });

  test('makes targets of arguments that exist', () => {
    for (const [operation, { targets }] of catalog.operations) {
      const properties = inputs.get(operation) ?? (operation === 'resources/read' ? ['uri'] : []);
      for (const target of targets) {
        for (const argument of argumentsOf(target)) expect(properties, operation).toContain(argument);
      }
    }
  });

  test('has as many operations of each class as when somebody last thought about it', () => {
    expect(countRisks(catalog)).toEqual(risks);
  });
});
