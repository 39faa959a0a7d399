// `npm run test:servers`: real MCP servers behind a real instance, over HTTP and stdio: what they offer is listed, an
// allowed call passes, a denied one does not reach them. It installs three of them (some 60 MB), so it is no part of
// `npm test`; what cannot be had is said by name. `npm run test:servers -- git memory` tries those alone.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { OperatorGround } from '../journeys/operator-ground.ts';
import { callOf, layOut, SERVERS } from './servers.mjs';

const here = import.meta.dirname;
const root = join(here, '..', '..');
const MINUTES = 60_000;
const CALL = { timeout: MINUTES };
const wanted = process.argv.slice(2);
const CHOSEN = SERVERS.filter(({ name }) => wanted.length === 0 || wanted.includes(name));

function fail(sentence) {
  console.error(`test:servers: ${sentence}`);
  process.exit(1);
}

function install() {
  const lock = join(here, 'package-lock.json');
  const stamp = join(here, 'node_modules', '.installed');
  if (existsSync(stamp) && readFileSync(stamp).equals(readFileSync(lock))) return;
  console.error('test:servers: installing the servers (some 60 MB) …');
  const npm = spawnSync('npm', ['ci', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: here,
    stdio: ['ignore', 2, 2],
    timeout: 20 * MINUTES,
    env: { ...process.env, PATH: path() },
  });
  if (npm.error) fail(`npm could not be run: ${npm.error.message}`);
  if (npm.status !== 0) fail('the servers could not be installed; what npm says is above.');
  writeFileSync(stamp, readFileSync(lock));
}

const path = () => [join(root, 'node_modules', 'node', 'bin'), process.env.PATH].join(delimiter);

/** An operation of the catalog: all that is called here is said to be read, so that the rules below decide alone. */
const entry = (name) =>
  `  ${name}: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None }\n`;

/** Beside the directory that a server works on. */
const recordOf = (directory) => `${directory}.received`;

/** The calls that reached a server, each by its tool and arguments. */
function callsReceived(directory) {
  const lines = readFileSync(recordOf(directory), 'utf8').split('\n').filter(Boolean);
  const calls = lines.map((line) => JSON.parse(line)).filter(({ method }) => method === 'tools/call');
  return calls.map(({ params }) => ({ name: params.name, arguments: params.arguments ?? {} }));
}

function prepareGround(places) {
  const ground = new OperatorGround();
  const upstreams = {};
  const rules = ['@id("reads") permit (principal, action in Action::"risk:read", resource);'];
  const names = new Set();
  for (const server of CHOSEN) {
    const directory = layOut(ground, server);
    places.set(server.name, directory);
    const { command, env = () => ({}) } = server.upstream;
    upstreams[server.name] = {
      command: [process.execPath, join(here, 'recorder.mjs'), recordOf(directory), ...command],
      cwd: directory,
      env: { PATH: path(), ...env(directory) },
      catalog: 'plain',
    };
    const denied = callOf(server.denied, directory);
    for (const { name } of [callOf(server.allowed, directory), denied]) names.add(name);
    rules.push(
      `@id("not-${server.name}") @reason("This is not for agents.")
forbid (principal, action == Action::"mcp:${server.name}/${denied.name}", resource)${
        server.when === undefined ? '' : ` when { ${server.when} }`
      };`,
    );
  }
  ground.write('rules.cedar', `${rules.join('\n')}\n`);
  ground.write('catalog.yaml', `catalog: plain\noperations:\n${[...names].map(entry).join('')}`);
  ground.write(
    'lanyard.yaml',
    ground.configuration({ upstreams: `upstreams: ${JSON.stringify(upstreams)}` }),
  );
  return ground;
}

async function connect(ground, url, token, server, transport) {
  const client = new Client({ name: 'servers', version: '1' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(
    transport === 'http'
      ? new StreamableHTTPClientTransport(new URL(`${url}/mcp/${server.name}`), {
          requestInit: { headers: { authorization: `Bearer ${token}` } },
        })
      : new StdioClientTransport({
          command: join(root, 'lanyard'),
          args: ['mcp', server.name, '--agent', 'writer', '-c', ground.config],
          env: { PATH: process.env.PATH, LANYARD_TOKEN: token },
        }),
  );
  return client;
}

/** What is wrong, a sentence each. */
async function faultsOf(client, server, directory, round) {
  const faults = [];
  const call = async ({ name, arguments: args }) =>
    JSON.stringify(await client.callTool({ name, arguments: args }, CALL));
  const [allowed, denied] = [callOf(server.allowed, directory), callOf(server.denied, directory)];
  const { tools } = await client.listTools();
  if (!tools.some(({ name }) => name === allowed.name)) faults.push(`${allowed.name} is not listed`);
  const runs = server.browser === undefined || existsSync(server.browser);
  const before = runs ? await call(allowed) : '';
  if (runs && !before.includes(allowed.says))
    faults.push(`the allowed call answered ${before.slice(0, 600)}`);
  const refused = await call(denied);
  if (!refused.includes('This is not for agents.'))
    faults.push(`the denied call answered ${refused.slice(0, 600)}`);
  const after = runs ? await call(allowed) : '';
  if (server.untouched?.(directory, before, after) === false) faults.push('the denied call has left a trace');
  const received = callsReceived(directory);
  const times = ({ name, arguments: args }) =>
    received.filter((one) => isDeepStrictEqual(one, { name, arguments: args })).length;
  if (times(denied) > 0) faults.push('the denied call has reached the server');
  // Both allowed calls of each way so far: a record that holds nothing proves nothing.
  if (runs && times(allowed) !== 2 * round)
    faults.push(`the allowed call reached it ${times(allowed)} times`);
  return faults;
}

async function tryOne(ground, url, server, directory, [transport, round]) {
  const title = `${server.name} over ${transport}`;
  const seen = (await ground.entries()).length;
  let faults;
  try {
    const client = await connect(ground, url, await ground.token(), server, transport);
    faults = await faultsOf(client, server, directory, round);
    await client.close();
  } catch (fault) {
    faults = [String(fault)];
  }
  const entries = (await ground.entries()).slice(seen);
  const denials = entries.filter(({ decision }) => decision === 'deny');
  const { name } = callOf(server.denied, directory);
  if (
    denials.length !== 1 ||
    denials[0].operation !== `mcp:${server.name}/${name}` ||
    denials[0].code !== 'FORBIDDEN'
  )
    faults.push(`the log holds ${denials.length} denials, and should hold one of ${name}`);
  if (entries.some(({ kind, action }) => kind === 'action.outcome' && action === denials[0]?.action))
    faults.push('the denied call has an outcome');
  const whole = server.browser === undefined || existsSync(server.browser);
  const what = whole
    ? 'listed, an allowed call passes, a denied one does not reach it'
    : `listed, a denied call does not reach it; the allowed one was left out, as there is no ${server.browser}`;
  if (faults.length === 0) console.log(`ok    ${title}: ${what}`);
  else console.log(`FAIL  ${title}\n        ${faults.join('\n        ')}`);
  return faults.length === 0;
}

async function main() {
  const places = new Map();
  const ground = prepareGround(places);
  try {
    const running = await ground.up();
    const url = await running.url();
    let ok = true;
    for (const server of CHOSEN)
      for (const [index, transport] of ['http', 'stdio'].entries())
        ok = (await tryOne(ground, url, server, places.get(server.name), [transport, index + 1])) && ok;
    const verified = await ground.run('log verify --deep');
    process.stdout.write(verified.stdout);
    return ok && verified.code === 0;
  } finally {
    await ground.remove();
  }
}

if (CHOSEN.length === 0)
  fail(`there is none of that name; there are ${SERVERS.map(({ name }) => name).join(', ')}.`);
install();
process.exitCode = (await main()) ? 0 : 1;
