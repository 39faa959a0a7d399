import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from '../../src/cli/instance.ts';
import { OperatorGround, type Running } from './operator-ground.ts';
import type { Body } from './people-ground.ts';

/** A stop rehearsed on a running instance: measured on every door, and nothing real is touched. */

let ground: OperatorGround;
let running: Running;
let token: string;
const drill = async (level: string): Promise<Body> => {
  const { code, stdout } = await ground.run(`drill agent:writer --level ${level} --json`);
  return { code, ...JSON.parse(stdout) };
};

beforeAll(async () => {
  ground = new OperatorGround();
  running = await ground.up();
  await running.url();
  token = await ground.token();
});
afterAll(() => ground.remove());

describe('a drill', () => {
  it('P4 ends what canaries have in flight and begin, on every door, and leaves the real agent alone', async () => {
    const real = new AbortController();
    const inFlight = running.call(token, 'wait', real.signal).catch(() => null);
    while ((await ground.entries('action.decided')).length === 0);
    const before = (await ask(ground.config, 'GET /v1/status')) as Body;

    const seen = await drill('frozen');
    expect(seen).toMatchObject({ code: 0, agent: 'writer', level: 'frozen', held: true, where: 'live' });
    const doors = seen.things.filter(({ kind }: Body) => kind === 'door').map(({ name }: Body) => name);
    expect(doors).toHaveLength(9);
    expect(doors).toContain('check');
    expect(seen.things.filter(({ kind }: Body) => kind === 'call')).toHaveLength(8);
    for (const thing of seen.things) expect(thing).toMatchObject({ held: true });
    expect(seen.notTried.map(({ what }: Body) => what)).toContain('a waiting approval');

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

  it('at killed ends the one token that is its own', async () => {
    const seen = await drill('killed');
    expect(seen).toMatchObject({ code: 0, held: true });
    expect(seen.things).toContainEqual(expect.objectContaining({ kind: 'token', held: true }));
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
    ground.write('lanyard.yaml', ground.configuration({ drills: 'drills: { every: 30d }' }));
    expect(await ground.run('apply')).toMatchObject({ code: 0 });
    let scheduled: Body[] = [];
    while (scheduled.length === 0)
      scheduled = (await ground.entries('drill.done')).filter(({ by }) => by === 'schedule');
    expect(scheduled).toMatchObject([{ agent: 'other', level: 'frozen', held: true }]);
    expect(await ground.entries('drill.overdue')).toEqual([]);
  });
});
