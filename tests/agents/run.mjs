// `npm run test:agents`: real agent programs through a real instance, each with an allowed and a denied call. It installs
// the programs (some 1.3 GB), so it is no part of `npm test`; whoever asks for it gets an answer: what cannot be done
// fails. The programs speak to scripted models and run where nothing but this machine can be reached.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { OperatorGround } from '../journeys/operator-ground.ts';
import { ASKING_RULES, claim, controlOf, playAsking } from './asking.mjs';
import { tryHeld } from './held.mjs';
import { startModel } from './model.mjs';
import { PROGRAMS } from './programs.mjs';

const here = import.meta.dirname;
const root = join(here, '..', '..');
const MINUTES = 60_000;
const PROGRAM_MS = 3 * MINUTES;
/** `npm run test:agents -- gemini inspector` tries those alone. */
const wanted = process.argv.slice(2).filter((word) => word !== '--offline');
const isWanted = (name) => wanted.length === 0 || wanted.includes(name);

const STEPS = [
  { tool: 'read_text_file', input: { path: 'a.txt' } },
  { tool: 'write_file', input: { path: '.env', content: 'TAKEN=1' } },
];
const CONTENT = 'what a.txt holds';
const RULE = `@id("no-hidden-files") @reason("Hidden files stay as they are.")
forbid (principal, action, resource is Path) when { resource.name like ".*" };
`;

function fail(sentence) {
  console.error(`test:agents: ${sentence}`);
  process.exit(1);
}

function install() {
  const lock = join(here, 'package-lock.json');
  const stamp = join(here, 'node_modules', '.installed');
  if (existsSync(stamp) && readFileSync(stamp).equals(readFileSync(lock))) return;
  console.error('test:agents: installing the agent programs (some 1.3 GB) …');
  // Not `npm ci`: it wants every platform's package of opencode in the lock file, and not every registry has them all.
  const npm = spawnSync('npm', ['install', '--no-save', '--no-fund', '--no-audit', '--loglevel=error'], {
    cwd: here,
    stdio: ['ignore', 2, 2],
    timeout: 20 * MINUTES,
  });
  if (npm.error) fail(`npm could not be run: ${npm.error.message}`);
  if (npm.status !== 0) fail('the agent programs could not be installed; what npm says is above.');
  writeFileSync(stamp, readFileSync(lock));
}

/** Runs this file again where only loopback exists, and ends as that does; goes on here where that cannot be had. */
function goOffline() {
  if (process.argv.includes('--offline')) return;
  const inside = ['sh', '-c', 'ip link set lo up && exec "$@"', 'sh'];
  for (const flags of [['-n'], ['-r', '-n']]) {
    if (spawnSync('unshare', [...flags, ...inside, 'true']).status !== 0) continue;
    const again = [process.execPath, ...process.execArgv, join(here, 'run.mjs'), '--offline', ...wanted];
    const run = spawnSync('unshare', [...flags, ...inside, ...again], { stdio: 'inherit' });
    process.exit(run.status ?? 1);
  }
  console.error('test:agents: no network namespace can be made here; the programs could reach the network.');
}

function prepareGround(control) {
  const ground = new OperatorGround();
  mkdirSync(join(ground.directory, 'workspace'));
  ground.write('workspace/a.txt', CONTENT);
  ground.write('rules.cedar', RULE + ASKING_RULES);
  const files = {
    command: [join(root, 'node_modules/.bin/mcp-server-filesystem'), '.'],
    cwd: './workspace',
    env: { PATH: withOurNode() },
    catalog: 'filesystem',
  };
  const agents = PROGRAMS.map(({ agent, name }) => ({ id: agent, owner: 'ada', purpose: `Is ${name}` }));
  const configuration = ground.configuration({
    agents: `agents: ${JSON.stringify(agents)}`,
    upstreams: `upstreams: ${JSON.stringify({ files })}`,
    packs: 'packs: [starter]',
    people: 'people: [{ id: ada, name: Ada, roles: [owner, admin] }]',
    control,
  });
  ground.write('lanyard.yaml', configuration);
  return ground;
}

const withOurNode = () => [join(root, 'node_modules', 'node', 'bin'), process.env.PATH].join(delimiter);

/** The program to its end, with a home of its own and nothing of our environment. */
async function play(program, place) {
  const { command, args, env } = program.start(place);
  const child = spawn(command, args, {
    cwd: place.home,
    env: { PATH: withOurNode(), HOME: place.home, TMPDIR: place.home, LANG: 'C.UTF-8', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(PROGRAM_MS),
  });
  let fault = null;
  child.on('error', (error) => {
    fault = error.message;
  });
  const ended = new Promise((resolve) => child.on('close', (code, signal) => resolve(signal ?? code)));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code: fault ?? code, said: `${stdout}\n${stderr}` };
}

const isLike = (entry, wanted) =>
  entry !== undefined &&
  Object.entries(wanted).every(([key, value]) => JSON.stringify(entry[key]) === JSON.stringify(value));

/** What is wrong with what the log and the model have seen, a sentence each. */
function faultsOf(entries, agent, heard, ground) {
  const wanted = [
    { kind: 'action.decided', agent, operation: 'mcp:files/read_text_file', decision: 'allow' },
    { kind: 'action.outcome', agent, outcome: 'ok' },
    {
      kind: 'action.decided',
      agent,
      operation: 'mcp:files/write_file',
      decision: 'deny',
      code: 'FORBIDDEN',
      rules: ['no-hidden-files'],
    },
  ];
  const faults = [];
  if (entries.length !== wanted.length)
    faults.push(`the log holds ${entries.length} entries of actions and not ${wanted.length}`);
  for (const [index, one] of wanted.entries())
    if (!isLike(entries[index], one))
      faults.push(
        `entry ${index} should hold ${JSON.stringify(one)} and is ${JSON.stringify(entries[index])}`,
      );
  if (heard.length !== STEPS.length) faults.push(`the model heard ${heard.length} results`);
  if (!heard[0]?.includes(CONTENT)) faults.push('the model did not get what the file holds');
  if (!heard[1]?.includes('Hidden files stay as they are.'))
    faults.push('the model did not get the reason of the denial');
  if (existsSync(join(ground.directory, 'workspace', '.env'))) faults.push('the file was written');
  return faults;
}

async function tryOne(ground, url, program, transport) {
  const home = join(ground.directory, `home-${program.agent}-${transport}`);
  mkdirSync(home);
  const model = await startModel(program.face, 'files', STEPS);
  const before = (await ground.entries()).length;
  try {
    const token = await ground.token(program.agent);
    const { code, said } = await play(program, {
      home,
      transport,
      agent: program.agent,
      url: `${url}/mcp/files`,
      token,
      config: ground.config,
      model: model.origin,
    });
    const entries = (await ground.entries()).slice(before).filter(({ kind }) => kind.startsWith('action.'));
    const faults = faultsOf(entries, program.agent, model.heard, ground);
    if (code !== 0) faults.push(`it ended with ${code}`);
    const title = `${program.name} over ${transport}`;
    if (faults.length === 0) console.log(`ok    ${title}: a read allowed, a write denied with its reason`);
    else console.log(`FAIL  ${title}\n        ${faults.join('\n        ')}\n${said.slice(-4000)}`);
    return faults.length === 0;
  } finally {
    model.close();
  }
}

/** The program to its end, as a person would call it in a terminal; answers its status and what it said. */
async function inspect(ground, words, env = {}) {
  const home = join(ground.directory, 'home-inspector');
  mkdirSync(home, { recursive: true });
  const command = join(here, 'node_modules', '.bin', 'mcp-inspector');
  const program = { start: () => ({ command, args: ['--cli', ...words], env }) };
  return play(program, { home });
}

/** The MCP Inspector's command line: it lists the tools, an allowed call passes, a denied one says why. */
async function tryInspector(ground, url, transport) {
  const token = await ground.token('claude');
  const { command, args } = {
    command: join(root, 'lanyard'),
    args: ['mcp', 'files', '--agent', 'claude', '-c', ground.config],
  };
  const target =
    transport === 'http'
      ? [`${url}/mcp/files`, '--transport', 'http', '--header', `Authorization: Bearer ${token}`]
      : ['-e', `LANYARD_TOKEN=${token}`, '--', command, ...args];
  const asked = (method, ...rest) =>
    inspect(
      ground,
      transport === 'http'
        ? [...target, '--method', method, ...rest]
        : ['--method', method, ...rest, ...target],
    );
  const list = await asked('tools/list');
  const before = (await ground.entries()).length;
  const read = await asked('tools/call', '--tool-name', 'read_text_file', '--tool-arg', 'path=a.txt');
  const write = await asked(
    'tools/call',
    '--tool-name',
    'write_file',
    '--tool-arg',
    'path=.env',
    '--tool-arg',
    'content=TAKEN',
  );
  const decided = (await ground.entries()).slice(before).filter(({ kind }) => kind === 'action.decided');
  const faults = [];
  if (!list.said.includes('read_text_file')) faults.push(`it lists no tools: ${list.said.slice(0, 1500)}`);
  if (!read.said.includes(CONTENT))
    faults.push(`it did not get what the file holds: ${read.said.slice(0, 1500)}`);
  if (!write.said.includes('Hidden files stay as they are.'))
    faults.push(`it did not get the reason of the denial: ${write.said.slice(0, 1500)}`);
  if (decided.map(({ decision }) => decision).join() !== 'allow,deny')
    faults.push('the log does not hold an allow and a deny');
  if (existsSync(join(ground.directory, 'workspace', '.env'))) faults.push('the file was written');
  const title = `MCP Inspector --cli over ${transport}`;
  if (faults.length === 0)
    console.log(`ok    ${title}: listed, a read allowed, a write denied with its reason`);
  else console.log(`FAIL  ${title}\n        ${faults.join('\n        ')}`);
  return faults.length === 0;
}

/** Claude Code: a call that is held until a person approves it, and a wish for a permission. */
async function tryAsking(ground, url, control) {
  const program = PROGRAMS.find(({ agent }) => agent === 'claude');
  // From the claim on a token takes a signature too, so this one is made before, and this play is the last.
  const token = await ground.token(program.agent);
  const ada = await claim(ground.config, control);
  const faults = await playAsking({ ground, url, token, ada }, program, play);
  const title = `${program.name} over http, held and asking`;
  if (faults.length === 0)
    console.log(`ok    ${title}: the approved call came back, the wish lies before its owner`);
  else console.log(`FAIL  ${title}\n        ${faults.join('\n        ')}`);
  return faults.length === 0;
}

async function main() {
  const control = await controlOf();
  const ground = prepareGround(control);
  try {
    const running = await ground.up();
    const url = await running.url();
    let ok = true;
    for (const program of PROGRAMS.filter(({ agent }) => isWanted(agent)))
      for (const transport of ['http', 'stdio']) ok = (await tryOne(ground, url, program, transport)) && ok;
    if (isWanted('inspector'))
      for (const transport of ['http', 'stdio']) ok = (await tryInspector(ground, url, transport)) && ok;
    if (isWanted('claude') || wanted.includes('asking')) ok = (await tryAsking(ground, url, control)) && ok;
    if (isWanted('claude') || wanted.includes('held')) ok = (await tryHeld()) && ok;
    const verified = await ground.run('log verify --deep');
    process.stdout.write(verified.stdout);
    return ok && verified.code === 0;
  } finally {
    await ground.remove();
  }
}

install();
goOffline();
process.exitCode = (await main()) ? 0 : 1;
