import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { BrakeGround, codeOf } from './ground.ts';
import { stopUnderLoad } from './rounds.ts';

/** A stop in the middle of many calls over every door. tests/faults/long repeats it with more of everything. */

let ground: BrakeGround;
beforeAll(async () => {
  ground = await BrakeGround.start(12);
});
afterAll(() => ground?.stop());

const CALLS = 120;
const ASKS = 24;
const BODIES = { runs: 4, tunnels: 8, piped: 8, tasks: 8 };
const owned = (owner: string) => ground.agents.filter((_, i) => (i % 2 === 0) === (owner === 'ada'));
const waiting = async () =>
  (
    (await ground.ada.get('/v1/approvals')).body as { approval: string; state: string; agent: string }[]
  ).filter(({ state }) => state === 'waiting');

test('P4 frozen: all is cut at once, and what a server reads still is unknown', {
  timeout: 120_000,
}, async () => {
  const pulledAt = 40 + Math.floor(Math.random() * 60);
  const seen = await stopUnderLoad(ground, {
    scope: 'all',
    level: 'frozen',
    covered: ground.agents,
    calls: CALLS,
    asks: ASKS,
    pulledAt,
    name: 'one',
    bodies: BODIES,
  });
  expect(seen.cut).toBeGreaterThan(0);
});

test('P4 P5 what waits for a person cannot be approved while it is frozen, and can be denied', async () => {
  const [one] = await waiting();
  const { body } = await ground.ada.get(`/v1/approvals/${one?.approval}`);
  const yes = await ground.ada.do(`/v1/approvals/${one?.approval}/approve`, { digest: body.digest });
  expect([yes.status, JSON.stringify(yes.body)]).toEqual([
    expect.any(Number),
    expect.stringContaining('frozen'),
  ]);
  expect(yes.status).toBeGreaterThanOrEqual(400);
  expect((await ground.ada.post(`/v1/approvals/${one?.approval}/deny`, { why: 'no' })).status).toBe(200);
  expect((await ground.ada.do('/v1/release', { scope: 'all', why: 'looked at' })).status).toBe(200);
  expect((await waiting()).map(({ approval }) => approval)).not.toContain(one?.approval);
  await ground.bodies.expectResumed();
});

test('P4 killed: tokens, questions and processes of whom it covers are gone, and the others go on', {
  timeout: 120_000,
}, async () => {
  const covered = owned('grace');
  const others = owned('ada');
  await stopUnderLoad(ground, {
    scope: 'owner:grace',
    level: 'killed',
    covered,
    calls: CALLS,
    asks: ASKS,
    pulledAt: ground.arrived().length > 0 ? 30 + Math.floor(Math.random() * 60) : 30,
    name: 'two',
    bodies: BODIES,
  });
  expect((await waiting()).filter(({ agent }) => covered.includes(agent))).toEqual([]);
  // The command of a run says last that its program is over.
  const theirs = () => ground.instance.house.halt.alive.filter(({ about }) => covered.includes(about.agent));
  await vi.waitFor(() => expect(theirs()).toEqual([]), { timeout: 60_000 });
  const lives = [...ground.instance.house.halt.alive];
  expect(lives.some(({ about }) => others.includes(about.agent))).toBe(true);
  const alive = () => ground.children().filter(isAlive).length;
  const own = lives.filter(({ kind, name }) => kind === 'upstream' && name === 'child').length;
  // Theirs, and those that belong to no agent.
  await vi.waitFor(() => expect(alive()).toBeLessThanOrEqual(own + 2), { timeout: 60_000 });
  const still = await ground.check(others[0] ?? '', 'two-others');
  expect([still.status, codeOf(still)]).toEqual([200, expect.stringContaining('"decision":true')]);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
