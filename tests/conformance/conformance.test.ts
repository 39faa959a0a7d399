import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GovernedInstance } from '../journeys/instance.ts';
import { differencesOf, knownDifferences } from './differences.ts';
import { runSuite, SUITES } from './harness.ts';
import { type Shim, startShim } from './shim.ts';
import { startUpstream, type Upstream } from './upstream.ts';

/** The official conformance harness against a conforming server, and against the same server behind a real instance. */

const RULES = `@id("everything") @need("What is denied here is not what these scenarios are about")
permit (principal, action, resource);
`;
const SCRIPTS = ['upstream-2025.mjs', 'upstream-2026.mjs'] as const;
/** Each server twice, as what happens at one is told to all who listen to it: one alone, one behind the instance. */
let alone: Upstream[];
let behind: Upstream[];
let instance: GovernedInstance;
const shims: Shim[] = [];

beforeAll(async () => {
  [alone, behind] = await Promise.all([startAll(), startAll()]);
  const [older, current] = behind;
  if (older === undefined || current === undefined) throw new Error('a server did not start');
  const tools = [...(await older.tools()), ...(await current.tools())];
  const may = ['elicitation', 'sampling', 'roots'];
  instance = await GovernedInstance.start(() => ({
    upstreams: {
      older: { url: older.url, catalog: 'plain', may },
      current: { url: current.url, catalog: 'plain', may },
    },
    plain: [...new Set(tools), 'resources/read', 'prompts/get'],
    rules: RULES,
  }));
}, 60_000);

const startAll = () => Promise.all(SCRIPTS.map((script) => startUpstream(script)));

afterAll(async () => {
  await Promise.all(shims.map((shim) => shim.stop()));
  await instance?.stop();
  await Promise.all([...alone, ...behind].map((upstream) => upstream.stop()));
});

describe('through Lanyard as without it, check by check', () => {
  it.each(SUITES)('$name', { timeout: 170_000 }, async (suite) => {
    const at = SCRIPTS.indexOf(suite.upstream);
    const shim = await startShim(`${instance.url}/mcp/${at === 0 ? 'older' : 'current'}`, instance.token);
    shims.push(shim);
    const url = alone[at]?.url.replace('127.0.0.1', 'localhost') ?? '';
    const [direct, through] = await Promise.all([runSuite(suite, url), runSuite(suite, shim.url)]);
    expect([...direct.values()].filter((status) => status.includes('SUCCESS')).length).toBeGreaterThan(20);
    expect(differencesOf(suite.name, direct, through)).toEqual(knownDifferences(suite.name));
  });
});
