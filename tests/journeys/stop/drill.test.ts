import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../../src/cli/instance.ts';
import { markedBy } from '../../../src/doors/run/index.ts';
import { OperatorGround, type Running } from '../operator-ground.ts';
import type { Body } from '../people-ground.ts';

/** A stop rehearsed on a running instance: measured on every door, and nothing real is touched. */

let ground: OperatorGround;
let running: Running;
let token: string;
let upstreams: string;
const drill = async (level: string): Promise<Body> => {
  const { code, stdout, stderr } = await ground.run(`drill agent:writer --level ${level} --json`);
  // It says on stderr why nothing was measured.
  if (stdout === '') throw new Error(stderr);
  return { code, ...JSON.parse(stdout) };
};

beforeAll(async () => {
  ground = new OperatorGround();
  ground.write('revoke.sh', '#!/bin/sh\ntouch revoked\n');
  chmodSync(`${ground.directory}/revoke.sh`, 0o700);
  const revoke = { command: ['./revoke.sh'], verify: { command: ['./revoke.sh'] } };
  const box = { ...ground.upstream({ KEY: 'env:BOX_KEY' }), revoke };
  upstreams = `upstreams: ${JSON.stringify({ box })}`;
  ground.write('lanyard.yaml', ground.configuration({ upstreams }));
  running = await ground.up({ BOX_KEY: 'correct horse battery staple' });
  await running.url();
  token = await ground.token();
});
afterAll(() => ground.remove());

describe('a drill', () => {
  it('P4 ends what canaries have in flight and begin, on every door, and leaves the real agent alone', async () => {
    const real = new AbortController();
    const inFlight = running.call(token, 'wait', real.signal).catch(() => null);
    await expect.poll(() => ground.entries('action.decided')).not.toEqual([]);
    const before = (await ask(ground.config, 'GET /v1/status')) as Body;

    const seen = await drill('frozen');
    expect(seen).toMatchObject({ code: 0, agent: 'writer', level: 'frozen', held: true, where: 'live' });
    const doors = seen.things.filter(({ kind }: Body) => kind === 'door').map(({ name }: Body) => name);
    expect(doors).toHaveLength(9);
    expect(doors).toContain('check');
    expect(seen.things.filter(({ kind }: Body) => kind === 'call')).toHaveLength(8);
    for (const thing of seen.things) expect(thing).toMatchObject({ held: true });
    const others = seen.things.filter(({ kind }: Body) => kind !== 'door' && kind !== 'call');
    expect(others.map(({ kind }: Body) => kind).sort()).toEqual(['approval', 'process', 'release', 'tunnel']);
    for (const { ms } of others) expect(ms).toEqual(expect.any(Number));
    expect(seen.notTried).toEqual([]);
    // Nobody was asked who is anybody, and what waited is over; the program is gone.
    const asked = await ground.entries('approval.asked', 'approval.spent', 'approval.cancelled');
    expect(asked).toMatchObject([
      { kind: 'approval.asked', people: ['lanyard-drill'] },
      { kind: 'approval.cancelled', approval: asked[0]?.['approval'] },
    ]);
    const [started, ended] = await ground.entries('run.started', 'run.ended');
    expect([started, ended]).toMatchObject([{ kind: 'run.started' }, { kind: 'run.ended' }]);
    expect(markedBy(String(started?.['run']))).toEqual([]);

    // Its stop was its own: no level is left, the call of the real agent still runs, and its token is good.
    const after = (await ask(ground.config, 'GET /v1/status')) as Body;
    expect(after).toMatchObject({ levels: before.levels, fault: null });
    const [decided] = await ground.entries('action.decided');
    const outcomes = (await ground.entries('action.outcome')).map(({ action }) => action);
    expect(outcomes).not.toContain(decided?.['action']);
    expect(outcomes.length).toBeGreaterThan(8);
    real.abort();
    await inFlight;
    expect((await running.call(token, 'look')).text).toContain('done');
    expect(await ground.entries('containment.stopped', 'instance.pin-changed')).toEqual([]);
  });

  it('at killed ends the one token that is its own, and looks at what revokes secrets without running it', async () => {
    const seen = await drill('killed');
    expect(seen).toMatchObject({ code: 0, held: true });
    for (const kind of ['token', 'process', 'tunnel', 'approval'])
      expect(seen.things).toContainEqual(expect.objectContaining({ kind, held: true }));
    const ended = (await ground.entries('run.ended')).at(-1);
    expect(ended).toMatchObject({ why: 'killed' });
    expect(markedBy(String(ended?.['run']))).toEqual([]);
    expect(seen.things).toContainEqual({
      kind: 'secret',
      ms: null,
      held: true,
      name: 'the secret of box: its step and the read that proves it are there',
    });
    expect(seen.notTried).toMatchObject([{ what: 'revoking the secret of box' }]);
    expect(existsSync(`${ground.directory}/revoked`)).toBe(false);
    expect(await ground.entries('containment.revoking', 'containment.revoked')).toEqual([]);
    expect((await running.call(token, 'look')).text).toContain('done');
    const agents = (await ask(ground.config, 'GET /v1/agents')) as Body[];
    expect(agents.find(({ id }) => id === 'writer').tokens).toHaveLength(1);
  });

  it('is in the log, and its report can be handed to somebody who has the key alone', async () => {
    const [first] = await ground.entries('drill.done');
    const [started] = await ground.entries('instance.started');
    expect(first).toMatchObject({ by: 'socket', agent: 'writer', held: true });
    ground.write('key', `${String(started?.['key'])}\n`);
    const path = `state/drills/${String(first?.['drill'])}.note`;
    const checked = await ground.run(`drill check ${path} --key key --json`);
    expect(checked.code).toBe(0);
    expect(JSON.parse(checked.stdout)).toMatchObject({ drill: first?.['drill'], digest: first?.['report'] });
    const note = readFileSync(`${ground.directory}/${path}`, 'utf8');
    ground.write('forged.note', note.replace('"level":"frozen"', '"level":"killed"'));
    expect((await ground.run('drill check forged.note --key key')).code).toBe(3);
  });

  it('measures nothing where the agent stands still, and says so', async () => {
    await ground.run('stop agent:writer');
    const refused = await ground.run('drill agent:writer');
    expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining('stands still') });
    expect(await ground.run('drill agent:nobody')).toMatchObject({ code: 1 });
  });

  it('is done by itself as often as was said, of whoever does not stand still', async () => {
    ground.write('lanyard.yaml', ground.configuration({ upstreams, drills: 'drills: { every: 30d }' }));
    expect(await ground.run('apply')).toMatchObject({ code: 0 });
    const scheduled = async () => (await ground.entries('drill.done')).filter(({ by }) => by === 'schedule');
    await expect.poll(scheduled, { timeout: 110_000 }).not.toEqual([]);
    expect(await scheduled()).toMatchObject([{ agent: 'other', level: 'frozen', held: true }]);
    expect(await ground.entries('drill.overdue')).toEqual([]);
  });

  it('leaves a log that holds', async () => {
    expect(await ground.run('log verify --deep')).toMatchObject({ code: 0 });
  });
});
