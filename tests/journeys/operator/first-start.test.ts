import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeStarter } from '../../../src/main/in-force/starter.ts';
import { current } from '../../doors/agents/running-door.ts';
import { ROOT } from '../../source-tree.ts';

/** `./lanyard start` in a checkout of its own, with a home of its own. */

let checkout: string;
const started: ChildProcess[] = [];
beforeAll(() => {
  checkout = realpathSync(mkdtempSync(join(tmpdir(), 'lanyard-checkout-')));
  for (const name of ['src', 'packs', 'scripts', 'lanyard', 'package.json', 'package-lock.json'])
    cpSync(join(ROOT, name), join(checkout, name), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  writeStarter(join(checkout, 'home'));
  // Any free port: somebody may be using the usual one on this machine.
  const config = join(checkout, 'home', 'lanyard.yaml');
  writeFileSync(config, readFileSync(config, 'utf8').replace(/127\.0\.0\.1:770\d/g, '127.0.0.1:0'));
});
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  rmSync(checkout, { recursive: true, force: true });
});

interface Shown {
  readonly child: ChildProcess;
  readonly url: string;
  readonly stdout: string;
}

const READY = /^ready (\S+)$/m;

/** Starts it and waits until it is ready: by then everything that it tells a person has been told. */
async function startLanyard(): Promise<Shown> {
  const { LANYARD_CONFIG: _, ...env } = process.env;
  const child = spawn(join(checkout, 'lanyard'), ['start'], {
    cwd: checkout,
    env: { ...env, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  let [stdout, stderr] = ['', ''];
  await new Promise<void>((done, fail) => {
    child.once('exit', () => fail(new Error(stderr)));
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      stdout += chunk;
      if (READY.test(stdout)) done();
    });
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      stderr += chunk;
    });
  });
  return { child, url: READY.exec(stdout)?.[1] ?? '', stdout };
}

async function call(
  url: string,
  token: string,
  name: string,
  args: { [name: string]: string },
): Promise<string> {
  const { headers, body } = current('tools/call', { name, arguments: args });
  const response = await fetch(`${url}/mcp/files`, {
    method: 'POST',
    headers: {
      ...headers,
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    },
    body: String(body),
  });
  return response.text();
}

describe('./lanyard start', () => {
  it('prints a token once, and with it a read passes and a forbidden write does not', {
    timeout: 60_000,
  }, async () => {
    const first = await startLanyard();
    const tokens = new Set(first.stdout.match(/lyd_\w+_[\w-]+/g));
    expect(tokens.size).toBe(1);
    const [token = ''] = tokens;
    for (const program of ['Claude Code', 'Codex', 'Cursor', 'Gemini CLI', 'opencode'])
      expect(first.stdout).toContain(program);
    expect(first.stdout).toContain("the agent's own shell, editor and fetch");

    const read = await call(first.url, token, 'read_text_file', { path: 'README.md' });
    expect(read).toContain('Whatever lies here can be read');
    const written = await call(first.url, token, 'write_file', { path: '.env', content: 'x' });
    expect(written).toContain('"rules":["no-hidden-files"]');
    expect(written).toContain('agents leave them alone');
    first.child.kill('SIGTERM');
    expect(await once(first.child, 'exit')).toEqual([0, null]);

    const second = await startLanyard();
    expect(second.stdout).not.toMatch(/lyd_\w+/);
    expect(second.stdout).toContain('./lanyard agent token coder prints a new token');
    expect(await call(second.url, token, 'read_text_file', { path: 'README.md' })).toContain(
      'Whatever lies here',
    );
    second.child.kill('SIGTERM');
    expect(await once(second.child, 'exit')).toEqual([0, null]);
  });

  it('never overwrites what a person has written', () => {
    const rules = join(checkout, 'home', 'policies', 'workspace.cedar');
    writeFileSync(rules, '// mine\n');
    writeStarter(join(checkout, 'home'));
    expect(readFileSync(rules, 'utf8')).toBe('// mine\n');
  });
});
