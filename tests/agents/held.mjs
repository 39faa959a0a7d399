// Claude Code under `./lanyard run`: its model behind TLS on a name of this machine is the one endpoint that it reaches.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as pause } from 'node:timers/promises';
import { OperatorGround } from '../journeys/operator-ground.ts';
import { anthropic, startModel } from './model.mjs';

const root = join(import.meta.dirname, '..', '..');
const claude = join(import.meta.dirname, 'node_modules', '.bin', 'claude');
/** A name of this machine that is not `localhost`, which clients do not ask their proxy for. */
const NAME = hostname();
const MOST_MS = 3 * 60_000;
const BEATS = 'while :; do echo . >> beats; sleep 0.05; done';

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

function certificate(directory) {
  const [key, cert] = [join(directory, 'key.pem'), join(directory, 'cert.pem')];
  const words = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
  ];
  const named = ['-subj', `/CN=${NAME}`, '-addext', `subjectAltName=DNS:${NAME}`];
  const made = spawnSync('openssl', [...words, ...named, '-keyout', key, '-out', cert]);
  if (made.status !== 0) throw new Error(`openssl made no certificate: ${made.stderr}`);
  return { key: readFileSync(key), cert: readFileSync(cert), path: cert };
}

/** A ground whose agent has a model of its own at `port`, and nothing else outside. */
async function openGround(port) {
  const ground = new OperatorGround();
  const home = join(ground.directory, 'home');
  mkdirSync(home);
  mkdirSync(join(ground.directory, 'workspace'));
  ground.write('workspace/a.txt', 'what a.txt holds');
  const env = ['ANTHROPIC_BASE_URL', 'ANTHROPIC_API_KEY', 'NODE_EXTRA_CA_CERTS', 'DISABLE_TELEMETRY'];
  const quiet = [
    'DISABLE_ERROR_REPORTING',
    'DISABLE_AUTOUPDATER',
    'CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC',
  ];
  const run = { model: [`${NAME}:${port}`], env: [...env, ...quiet], writable: [home] };
  const files = {
    command: [join(root, 'node_modules/.bin/mcp-server-filesystem'), '.'],
    ...{ cwd: './workspace', env: { PATH: process.env.PATH }, catalog: 'filesystem' },
  };
  ground.write(
    'rules.cedar',
    `@id("model") @need("The model lies on this machine here")
permit (principal, action == Action::"http:CONNECT", resource == Host::"127.0.0.1:${port}");
`,
  );
  ground.write(
    'lanyard.yaml',
    ground.configuration({
      listen: `listen: 127.0.0.1:${await freePort()}`,
      agents: `agents: ${JSON.stringify([{ id: 'writer', owner: 'ada', purpose: 'Writes', run }])}`,
      upstreams: `upstreams: ${JSON.stringify({ files })}`,
      packs: 'packs: [starter]',
    }),
  );
  return { ground, home };
}

function start({ ground, home }, { token, port, cert, work }) {
  const server = {
    ...{ type: 'http', url: '$' + '{LANYARD_URL}/mcp/files' },
    headers: { Authorization: 'Bearer $' + '{LANYARD_TOKEN}' },
  };
  writeFileSync(join(home, 'mcp.json'), JSON.stringify({ mcpServers: { files: server } }));
  writeFileSync(join(home, 'settings.json'), '{}');
  writeFileSync(join(home, 'cert.pem'), cert);
  const words = [
    ...['run', '--agent', 'writer', '-c', ground.config, '--', claude],
    ...['-p', 'Play your part.', '--output-format', 'stream-json', '--verbose'],
    ...[
      '--mcp-config',
      join(home, 'mcp.json'),
      '--strict-mcp-config',
      '--settings',
      join(home, 'settings.json'),
    ],
    ...['--allowedTools', 'Bash,mcp__files__read_text_file'],
  ];
  const child = spawn(join(root, 'lanyard'), words, {
    cwd: work,
    env: {
      ...{ PATH: process.env.PATH, HOME: home, LANG: 'C.UTF-8', LANYARD_TOKEN: token },
      ...{ ANTHROPIC_BASE_URL: `https://${NAME}:${port}`, ANTHROPIC_API_KEY: 'x' },
      ...{
        NODE_EXTRA_CA_CERTS: join(home, 'cert.pem'),
        DISABLE_TELEMETRY: '1',
        DISABLE_ERROR_REPORTING: '1',
      },
      ...{ DISABLE_AUTOUPDATER: '1', CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1' },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(MOST_MS),
  });
  child.on('error', () => undefined);
  const said = Promise.all([text(child.stdout), text(child.stderr)]).then((both) => both.join('\n'));
  const ended = once(child, 'close').then(([code, signal]) => signal ?? code);
  return { child, said, ended };
}

const alive = (run) =>
  readdirSync('/proc').filter((pid) => {
    try {
      if (/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'))) return false;
      return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`LANYARD_RUN=${run}\0`);
    } catch {
      return false;
    }
  });
const sizeOf = (path) => (existsSync(path) ? statSync(path).size : 0);

async function until(holds, ms = MOST_MS) {
  const end = Date.now() + ms;
  while (!(await holds())) {
    if (Date.now() > end) return false;
    await pause(20);
  }
  return true;
}

async function isStill(path) {
  const before = sizeOf(path);
  await pause(500);
  return sizeOf(path) === before;
}

/** It works, reaches its model and its server, and nothing else; reads nothing of Lanyard's. */
async function playWhole(place, shared) {
  const { ground } = place;
  const state = join(ground.directory, 'state');
  const command = `curl -sS -m 20 https://elsewhere.invalid/ 2>&1; git init -q . ; git -c user.name=x -c user.email=x@x.invalid commit -q --allow-empty -m x
GIT_TERMINAL_PROMPT=0 git push https://git.elsewhere.invalid/x.git HEAD:main 2>&1; cat ${state}/log.sqlite ${ground.config} 2>&1; echo played`;
  shared.steps.splice(
    0,
    9,
    { name: 'Bash', input: { command, description: 'Tries' } },
    { tool: 'read_text_file', input: { path: 'a.txt' } },
  );
  const { ended, said } = start(place, shared);
  const code = await ended;
  const faults = [];
  const [tried = '', read = ''] = shared.model.heard;
  if (code !== 0) faults.push(`it ended with ${code}: ${(await said).slice(-2000)}`);
  if (!tried.includes('played')) faults.push(`the command did not run: ${tried.slice(0, 500)}`);
  if (!/response 403|code 403/.test(tried)) faults.push('curl was not refused at the way out');
  if (!tried.includes('No such file')) faults.push("Lanyard's files could be read");
  if (!read.includes('what a.txt holds')) faults.push('the server was not reached through its door');
  const entries = await ground.entries('action.decided');
  const isTold = (id, decision) =>
    entries.some(({ target, decision: was }) => target?.id === id && was === decision);
  for (const host of ['elsewhere.invalid:443', 'git.elsewhere.invalid:443'])
    if (!isTold(host, 'deny')) faults.push(`the log does not tell of ${host}`);
  if (!isTold(`${NAME}:${shared.port}`, 'allow')) faults.push('the log does not tell of its model');
  return faults;
}

/** Frozen in the middle of a command that never ends, released, killed. */
async function playStopped(place, shared) {
  const { ground } = place;
  const beats = join(shared.work, 'beats');
  shared.steps.splice(0, 9, { name: 'Bash', input: { command: BEATS, description: 'Beats' } });
  const { ended } = start(place, shared);
  const faults = [];
  if (!(await until(() => sizeOf(beats) > 4))) return ['its command did not come to run'];
  const run = (await ground.entries('run.started')).at(-1)?.run;
  await ground.run('stop agent:writer');
  if (!(await isStill(beats))) faults.push('frozen, its command went on');
  if (alive(run).length === 0) faults.push('frozen, it was gone');
  await ground.run('release agent:writer --why tested');
  const before = sizeOf(beats);
  if (!(await until(() => sizeOf(beats) > before, 30_000))) faults.push('released, it did not go on');
  await ground.run('stop agent:writer --level killed');
  await ended;
  if (alive(run).length > 0) faults.push('killed, something of it was left');
  if (!(await isStill(beats))) faults.push('killed, its command went on');
  return faults;
}

export async function tryHeld() {
  const port = await freePort();
  const place = await openGround(port);
  const { ground } = place;
  const work = join(ground.directory, 'held');
  mkdirSync(work);
  const steps = [];
  const { key, cert } = certificate(place.home);
  const model = await startModel(anthropic, 'files', steps, { key, cert, port });
  try {
    await (await ground.up()).url();
    const shared = { token: await ground.token('writer'), port, cert, work, steps, model };
    const faults = [...(await playWhole(place, shared)), ...(await playStopped(place, shared))];
    const title = 'Claude Code under run';
    if (faults.length === 0)
      console.log(
        `ok    ${title}: works, reaches nothing else, reads nothing of Lanyard's; frozen, released, killed in a tool call`,
      );
    else console.log(`FAIL  ${title}\n        ${faults.join('\n        ')}`);
    return faults.length === 0;
  } finally {
    model.close();
    await ground.remove();
  }
}
