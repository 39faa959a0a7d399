import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json.ts';
import { leafHash } from '../../../src/ledger/index.ts';
import { createTree } from '../../../src/ledger/tree.ts';
import { current } from '../../doors/agents/running-door.ts';
import { OtlpReceiver } from '../../fixtures/otlp-receiver.ts';
import { ROOT } from '../../source-tree.ts';
import { type LogEntry, OperatorGround, type Running } from '../operator-ground.ts';

/** What an auditor finds out about an instance that lived: by the commands of docs/operating/evidence.md, and beyond. */

const RULES = `@id("reads") @need("Reading is harmless")
permit (principal, action in Action::"risk:read", resource);
@id("no-telling") @reason("What is told cannot be taken back")
forbid (principal, action == Action::"mcp:box/tell", resource);
`;
/** Turns a line around in a terminal that obeys. */
const HOSTILE = 'a\u202eevil';

const receiver = new OtlpReceiver();
let ground: OperatorGround;
let running: Running;
let entries: LogEntry[];
beforeAll(async () => {
  ground = new OperatorGround();
  ground.write('rules.cedar', RULES);
  mkdirSync(join(ground.directory, 'kept'));
  const otlp = await receiver.open();
  const headers = { Authorization: 'env:OTLP_TOKEN' };
  ground.write(
    'lanyard.yaml',
    ground.configuration({
      witness: 'witness: ["file:kept/"]',
      telemetry: `telemetry: ${JSON.stringify({ otlp, headers })}`,
      log: 'log: { public: true }',
    }),
  );
  running = await ground.up({ OTLP_TOKEN: 'Bearer telemetry-secret' });
  const token = await ground.token();
  for (const name of ['look', 'look', 'tell', 'look']) await call(token, name);
  const other = await ground.token('other');
  await call(other, 'look');
  await call(token, 'look', { 'dev.lanyard/session': 's2', 'dev.lanyard/parent': 's1' });
  entries = await ground.entries();
});
afterAll(async () => {
  await ground.remove();
  await receiver.close();
});

describe('a public log', () => {
  it('is read at `listen` without a token: its checkpoint, and the hashes and entries of it', async () => {
    const read = async (path: string, init: RequestInit = {}) =>
      fetch(`${await running.url()}/log/${path}`, init);
    const note = await (await read('checkpoint')).text();
    const [, count = '', root] = note.split('\n');
    const size = Number(count);
    const name = `${Math.min(size, 255)}`;
    const hashes = Buffer.from(await (await read(`tile/0/000.p/${name}`)).arrayBuffer());
    const bundle = Buffer.from(await (await read(`tile/entries/000.p/${name}`)).arrayBuffer());
    const first = bundle.subarray(2, 2 + bundle.readUInt16BE(0)).toString();
    expect(JSON.parse(first)).toMatchObject({ seq: 0 });
    expect(Buffer.from(leafHash(first))).toEqual(hashes.subarray(0, 32));
    const tree = createTree();
    for (let i = 0; i < size; i++) tree.append(hashes.subarray(i * 32, i * 32 + 32));
    expect(tree.root().toString('base64')).toBe(root);
  });

  it.each([
    ['what it does not reach', 'tile/0/999', {}, 404, 'PAGE_UNKNOWN'],
    ['another method', 'checkpoint', { method: 'POST' }, 405, 'METHOD_NOT_ALLOWED'],
    ['a foreign page', 'checkpoint', { headers: { origin: 'http://evil.example' } }, 403, 'BAD_ORIGIN'],
  ])('refuses %s', async (_, path, init, status, code) => {
    const response = await fetch(`${await running.url()}/log/${path}`, init);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: { code } });
  });
});

/** One call of the session `s1`, with a reason. */
async function call(token: string, name: string, more: JsonObject = {}): Promise<void> {
  const _meta = { 'dev.lanyard/session': 's1', 'dev.lanyard/reason': 'because\nI say so', ...more };
  const { headers, body } = current('tools/call', { name, arguments: { id: HOSTILE }, _meta }, 1);
  const response = await fetch(`${await running.url()}/mcp/box`, {
    method: 'POST',
    headers: {
      ...headers,
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: String(body),
  });
  expect(await response.text()).not.toContain('BAD_PARAMS');
}

const decisions = () => entries.filter(({ kind }) => kind === 'action.decided');
const nth = (n: number): LogEntry => {
  const entry = decisions()[n];
  if (entry === undefined) throw new Error(`there are only ${decisions().length} decisions`);
  return entry;
};

describe('log trace', () => {
  it('says what led to an action: session, reads, denials, rules of then, the claim of the agent', async () => {
    const { code, stdout } = await ground.run(`log trace ${nth(3)['action']}`);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^mcp:box\/look {2}\(action 01/);
    for (const line of [
      /by +agent writer of ada, session \S+, through mcp/,
      /decided +allow at \S+ \(entry \d+\)/,
      /outcome +ok at \S+ \(entry \d+\)/,
      /can do +read \(read, read-only, seen by self\); at worst: None/,
      /undo +nothing to take back/,
      /why +the agent's own claim, which nobody verified: "because\\nI say so"/,
      /user +MCP carries no words of the user/,
      /approval +none/,
      /arguments +\{"id":"a\ufffdevil"\}\n +as digested in the log/,
      / {2}reads \(rules\.cedar:1\)\n {4}@id\("reads"\)/,
      /of the set sha256:[0-9a-f]{64}, policy sha256:[0-9a-f]{64}$/m,
      /Before it, session \S+ \(3 actions\)/,
      /had read, latest first:\n.*mcp:box\/look on Target box: untrusted, secret, 2 times/,
      /had been denied once:\n.*mcp:box\/tell on Target box: FORBIDDEN by no-telling/,
    ])
      expect(stdout).toMatch(line);
    // Nothing that an agent wrote can steer the terminal.
    expect(stdout).not.toMatch(/[^\P{Cc}\n]|\p{Cf}/u);
  });

  it('takes the number of an entry as well, and says of a denial that nothing was sent', async () => {
    const { code, stdout } = await ground.run(`log trace ${nth(2).seq}`);
    expect(code).toBe(0);
    expect(stdout).toContain('mcp:box/tell');
    expect(stdout).toContain('outcome   none: nothing was sent');
    expect(stdout).toContain('forbid (principal, action == Action::"mcp:box/tell", resource);');
  });

  it('knows nothing of what other agents did under the same name of a session', async () => {
    const { stdout } = await ground.run(`log trace ${nth(4)['action']} --json`);
    const [session] = JSON.parse(stdout).sessions;
    expect(session).toMatchObject({ actions: 0, read: [], denied: 0, denials: [] });
  });

  it('with --json gives salt and text, from which the digests of the log can be made', async () => {
    const decided = nth(3);
    const { stdout } = await ground.run(`log trace ${decided['action']} --json`);
    const trace = JSON.parse(stdout);
    expect(trace).toMatchObject({
      action: decided['action'],
      digest: { holds: true },
      claims: { reason: expect.stringContaining('because'), by: 'writer', verified: false },
      userWords: null,
      rules: [{ id: 'reads', text: expect.stringContaining('permit (principal') }],
      operation: { reversibility: 'read-only', source: 'untrusted' },
    });
    for (const [part, recorded] of [
      ['arguments', decided['argumentsDigest']],
      ['result', trace.outcome.resultDigest],
    ]) {
      const { salt, text } = trace[part];
      const hash = createHash('sha256').update(Buffer.from(salt, 'base64')).update(text).digest('hex');
      expect(`sha256:${hash}`).toBe(recorded);
    }
  });

  it('follows a session to its parent, and says where its marks came from', async () => {
    const { stdout } = await ground.run(`log trace ${nth(5)['action']} --json`);
    const trace = JSON.parse(stdout);
    const [own, parent] = trace.sessions;
    expect(own).toMatchObject({ actions: 0, read: [] });
    expect(parent).toMatchObject({ session: nth(0)['session'], actions: 4, denied: 1 });
    expect(trace.marks.map(({ mark }: { mark: string }) => mark).sort()).toEqual(['secret', 'untrusted']);
    expect(trace.marks[0].from[0]).toMatchObject({ operation: 'mcp:box/look', seq: nth(3).seq });
    const text = (await ground.run(`log trace ${nth(5)['action']}`)).stdout;
    expect(text).toMatch(
      /marked +untrusted: mcp:box\/look on Target box \(entry \d+, session \S+\), and 2 more before/,
    );
    expect(text).toContain(`Its parent, session ${nth(0)['session']} (4 actions)`);
  });

  it('of what is no action says so', async () => {
    expect(await ground.run('log trace 01ARZ3NDEKTSV4RRFFQ69G5FAV')).toMatchObject({ code: 1, stdout: '' });
    const lists = './lanyard log show lists them.';
    expect(await ground.run('log trace 999999')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `lanyard: There is no entry 999999 in the log, which has ${entries.length}; ${lists}\n`,
    });
    expect(await ground.run('log trace 0')).toMatchObject({
      code: 1,
      stdout: '',
      stderr: `lanyard: Entry 0 is not about an action; ${lists}\n`,
    });
  });
});

describe('P6 coverage', () => {
  it('is said at the start: what is governed, and which holes are known since when', () => {
    const [started] = entries.filter(({ kind }) => kind === 'instance.coverage');
    expect(started).toMatchObject({
      why: 'started',
      every: 3600,
      governed: { agents: ['writer', 'other'], doors: ['mcp', 'check'], upstreams: ['box'] },
    });
    const holes = started?.['holes'] as readonly { hole: string; since: string }[];
    expect(holes.map(({ hole }) => hole)).toEqual(['unclaimed', 'uncontained', 'unreached']);
    for (const { since } of holes) expect(Date.parse(since)).not.toBeNaN();
  });

  it('is told by log verify --deep', async () => {
    const { code, stdout } = await ground.run('log verify --deep');
    expect(code).toBe(0);
    expect(stdout).toMatch(/What was governed is said 1 times; by the last: \{"agents":\["writer","other"\]/);
    expect(stdout).toMatch(/hole: uncontained since 20/);
  });
});

describe('telemetry of an instance', () => {
  it('tells what happened, with its secret, and nothing of what was in it', async () => {
    await receiver.until(() => receiver.spans.filter(({ name }) => name === 'tools/call look').length === 5);
    const denied = receiver.spans.find(({ name }) => name === 'tools/call tell');
    expect(denied?.['status']).toMatchObject({ code: 2, message: 'FORBIDDEN' });
    expect(receiver.got[0]?.headers['authorization']).toBe('Bearer telemetry-secret');
    const said = JSON.stringify(receiver.spans);
    for (const word of ['evil', 'I say so', 'telemetry-secret', '"ada"']) expect(said).not.toContain(word);
    expect(JSON.stringify(entries)).not.toContain('telemetry-secret');
  });
});

/** The commands of the page, in its order. */
function commandsOf(page: string): string[] {
  return [...page.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block.split('\n').filter((line) => line !== ''),
  );
}

describe("the auditor's page", () => {
  it('has commands that do what it says', async () => {
    const page = readFileSync(join(ROOT, 'docs/operating/evidence.md'), 'utf8');
    const commands = commandsOf(page);
    expect(commands.length).toBeGreaterThan(6);
    for (const command of commands) {
      const words = command.replace('ACTION-ID', String(nth(3)['action'])).split(' ');
      const [program, ...rest] = words;
      if (program === 'node') {
        const [script = '', ...files] = rest;
        const node = join(ROOT, 'node_modules/node/bin/node');
        const ended = await promisify(execFile)(node, [join(ROOT, script), ...files], {
          cwd: ground.directory,
        });
        expect(ended.stdout).toMatch(/^holds: \d+ entries$/m);
        continue;
      }
      expect(program).toBe('./lanyard');
      const ended = await ground.runWords(rest);
      expect({ command, code: ended.code, stderr: ended.code === 0 ? '' : ended.stderr }).toEqual({
        command,
        code: 0,
        stderr: '',
      });
      const key = /verifier key (\S+)/.exec(ended.stderr)?.[1];
      if (!rest.includes('first.ndjson')) continue;
      ground.write('key.txt', `${key}\n`);
      takeNotes();
    }
    const events = ground.read('events.ndjson').trimEnd().split('\n');
    const bundle = ground.read('bundle.ndjson').trimEnd().split('\n').slice(1);
    expect(events.length).toBeGreaterThanOrEqual(bundle.length);
    expect(events.slice(0, bundle.length).map((line) => JSON.parse(line).raw_data)).toEqual(bundle);
  });

  it('has commands that find what it says', async () => {
    const bundle = ground.read('bundle.ndjson');
    ground.write('bundle.ndjson', bundle.replace('"decision":"deny"', '"decision":"allow"'));
    const given = '--deep --bundle bundle.ndjson --key key.txt --against checkpoints.notes';
    const first = await ground.run(`log verify ${given}`);
    expect(first).toMatchObject({ code: 3, stdout: expect.stringContaining(`from entry ${nth(2).seq} on`) });
    const node = join(ROOT, 'node_modules/node/bin/node');
    const script = join(ROOT, 'tests/second-verifier/verify.mjs');
    const second = await promisify(execFile)(node, [script, 'bundle.ndjson', '--key', 'key.txt'], {
      cwd: ground.directory,
    }).catch((error: { code: number; stdout: string }) => error);
    expect(second).toMatchObject({
      code: 3,
      stdout: expect.stringContaining(`does not hold from entry ${nth(2).seq} on`),
    });
  });
});

/** The auditor takes what her witness has. */
function takeNotes(): void {
  const directory = join(ground.directory, 'kept');
  const [name = ''] = readdirSync(directory);
  writeFileSync(join(ground.directory, 'checkpoints.notes'), readFileSync(join(directory, name)));
}
