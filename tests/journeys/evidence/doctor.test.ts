import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DoctorReport } from '../../../src/main/doctor/doctor.ts';
import { ROOT } from '../../source-tree.ts';
import { fixture, received } from '../instance.ts';
import { OperatorGround, type Running } from '../operator-ground.ts';
import { freePort } from '../people-ground.ts';

const SECRET = 'a-real-secret-which-no-sibling-may-see';
const RULES = `@id("reads") @need("Reading is harmless")
permit (principal, action in Action::"risk:read", resource);
@id("not-that") @reason("Not that one.")
forbid (principal == Agent::"other", action == Action::"mcp:box/echo", resource);
@id("of-the-silent") @reason("Whatever it turns out to be.")
forbid (principal, action == Action::"mcp:silent/anything", resource);
`;

/** What doctor is promised to fire, whatever else it does. */
const PROMISED = [
  ...['allowed', 'forbidden', 'no-permit', 'review', 'rule-error', 'your-allowed', 'your-denied'],
  ...[
    'pins',
    'your-pins',
    'full-disk',
    'token-expiry',
    'token-revocation',
    'level-frozen',
    'level-last-look',
  ],
  ...['log-verify', 'secrets', 'your-secrets', 'recorded-first', 'log-complete', 'witness', 'marks'],
];

/** A server with a tool that nobody can call: its schema is none. */
const ODD = `import { createInterface } from 'node:readline';
const tools = [{ name: 'fine', inputSchema: { type: 'object' } }, { name: 'broken', inputSchema: { type: 'object', $ref: 'https://example.org/x' } }];
const initialize = { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'odd', version: '1' } };
createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method } = JSON.parse(line);
  if (id === undefined) return;
  const result = { initialize, 'tools/list': { tools } }[method];
  console.log(JSON.stringify({ jsonrpc: '2.0', id, ...(result ? { result } : { error: { code: -32601, message: 'unknown' } }) }));
});
`;

/** Limits that hardly let an agent do anything: doctor's own tries must not run into them. */
const AGENTS = JSON.stringify([
  { id: 'writer', owner: 'ada', purpose: 'Looks', limits: { attemptsPerMinute: 2, inFlight: 1 } },
  { id: 'other', owner: 'ada', purpose: 'Looks', budgets: { few: { actions: 1, per: 'day' } } },
]);

/** Processes whose words name something in a directory. */
function processesOf(directory: string): string[] {
  if (!existsSync('/proc')) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(directory);
      } catch {
        return false;
      }
    });
}

describe('doctor', { timeout: 120_000 }, () => {
  const ground = new OperatorGround();
  // Other doctors may be at work on this machine.
  const temporary = join(ground.directory, 't');
  const left = () => readdirSync(temporary);
  const processes = () => processesOf(join(temporary, 'lanyard-doctor-'));
  let running: Running;

  beforeAll(async () => {
    mkdirSync(temporary);
    ground.write('rules.cedar', RULES);
    ground.write(
      'catalog.yaml',
      'catalog: plain\noperations:\n  echo: { risk: read, effect: [read], reversibility: read-only, audience: self, worst: None }\n',
    );
    const box = fixture(ground, 'minimal-stdio.mjs', [], { BOX_TOKEN: 'env:BOX_TOKEN' });
    ground.write('odd.mjs', ODD);
    const program = (...words: string[]) => ({ command: [process.execPath, ...words], cwd: './work' });
    const upstreams = {
      box,
      odd: program(join(ground.directory, 'odd.mjs')),
      silent: program('-e', 'process.stdin.resume()'),
    };
    ground.write(
      'lanyard.yaml',
      ground.configuration({
        agents: `agents: ${AGENTS}`,
        upstreams: `upstreams: ${JSON.stringify(upstreams)}`,
        egress: `egress: 127.0.0.1:${await freePort()}`,
      }),
    );
    running = await ground.up({ BOX_TOKEN: SECRET });
  });
  afterAll(() => ground.remove());

  it('P9 fires every control beside the running instance, which it only asks, and leaves nothing behind', async () => {
    const before = (await ground.entries()).length;
    const { code, stdout, stderr } = await ground.run('doctor --json', {
      env: { BOX_TOKEN: SECRET, TMPDIR: temporary },
    });
    const report = JSON.parse(stdout) as DoctorReport;
    const failed = Object.values(report.parts)
      .flat()
      .filter(({ sights }) => sights.some(({ fired }) => fired === false));
    expect(failed, stderr).toEqual([]);
    expect({ code, ok: report.ok, running: report.running }).toEqual({ code: 0, ok: true, running: true });

    const yours = new Map(report.parts.yours.map((one) => [one.id, one.sights]));
    // One server was never connected: the rules are compared all the same, and what could not be is named.
    expect(yours.get('your-rules')).toMatchObject([
      { fired: true, saw: expect.stringMatching(/^the same: .*, 4 rules$/) },
      { surface: 'silent', fired: null, saw: expect.stringMatching(/never connected.*not tried/) },
    ]);
    const allowed = yours.get('your-allowed')?.filter(({ fired }) => fired === true) ?? [];
    expect(new Set(allowed.map(({ surface }) => surface.split(',')[0]))).toEqual(new Set(['writer → box']));
    expect(allowed).toHaveLength(4);
    const denied = yours.get('your-denied')?.filter(({ fired }) => fired === true) ?? [];
    expect(new Set(denied.map(({ surface }) => surface.split(',')[0]))).toEqual(
      new Set(['other → box', 'writer → odd', 'other → odd']),
    );
    expect(yours.get('your-secrets')).toMatchObject([{ surface: 'box', fired: true }]);
    expect(report.parts.controls.length).toBeGreaterThan(30);
    // Each was really fired, here and now: one that could not be tried says nothing.
    const all = Object.values(report.parts).flat();
    const fired = all
      .filter(({ sights }) => sights.some((sight) => sight.fired === true))
      .map(({ id }) => id);
    expect(fired).toEqual(expect.arrayContaining([...PROMISED]));
    expect(report.uncontained.map(({ what }) => what)).toContain(
      'the operator socket: tokens, apply, accept, release',
    );

    // What doctor was told about is its controls, and never that it asks too often.
    const tooMany = all.filter(({ sights }) => sights.some(({ saw }) => /TOO_MANY|BUDGET|429/.test(saw)));
    expect(tooMany.map(({ id }) => id)).toEqual(['limits']);
    const servers = report.parts.servers.flatMap(({ sights }) => sights);
    expect(Object.fromEntries(servers.map((sight) => [sight.surface, sight]))).toMatchObject({
      box: { fired: true },
      odd: { fired: true, saw: expect.stringMatching(/shown to no agent: .*broken.*schema/s) },
      silent: {
        fired: null,
        saw: expect.stringMatching(/is not connected to it.*: silent was started and did not/),
      },
    });
    expect(report.uncontained).toEqual(
      expect.arrayContaining([
        {
          what: 'what passes inside a tunnel',
          place: 'http:CONNECT',
          how: 'tell a permitted host anything; nobody sees it',
        },
        {
          what: 'the secret of box',
          place: 'upstreams.box',
          how: 'go on using it after a kill, once it was carried off: no `revoke` takes it back',
        },
      ]),
    );

    // The real instance saw nothing of it, its server was never called, and its secret is in no sight.
    expect(await ground.entries()).toHaveLength(before);
    expect(received(ground)).not.toContain('tools/call');
    expect(stdout + stderr).not.toContain(SECRET);
    expect(left()).toEqual([]);
    expect(processes()).toEqual([]);
    expect((await ground.run('status')).code).toBe(0);
    await running.end();
  });

  it.each(['SIGINT', 'SIGTERM', 'SIGKILL'] as const)(
    'leaves nothing behind when it is interrupted (%s)',
    async (signal) => {
      const child = spawn(join(ROOT, 'lanyard'), ['doctor', '-c', ground.config], {
        env: { ...process.env, BOX_TOKEN: SECRET, TMPDIR: temporary },
        stdio: 'ignore',
      });
      const ended = once(child, 'exit');
      const [directory] = await until(() => {
        const found = left().filter((name) =>
          existsSync(join(temporary, name, 'laboratory', 'state', 'operator.sock')),
        );
        return found.length > 0 ? found : null;
      });
      expect(processes().length).toBeGreaterThan(0);
      child.kill(signal);
      await ended;
      await until(() => (processes().length === 0 && !left().includes(directory ?? '') ? [] : null));
      expect(left()).toEqual([]);
    },
  );
});

async function until<T>(look: () => T | null): Promise<T> {
  for (;;) {
    const found = look();
    if (found !== null) return found;
    await pause(20);
  }
}
