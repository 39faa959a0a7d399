import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Past, type Step, type Traits } from '../../src/history/index.ts';
import { loadPolicies, type PolicySet } from '../../src/policy/index.ts';
import { removeDirectory, TestHouse } from '../faults/test-house.ts';
import { loadShipped, readShippedPack, worldOf } from './pack-world.ts';

const BURST = 10;

describe('incident 3: an inbox is emptied while the owner types stop', () => {
  let house: TestHouse;
  beforeAll(async () => {
    house = await TestHouse.open({
      configuration: 'packs: [breakers]',
      catalog: `  unlisted-class: { risk: draft, effect: [update, delete], reversibility: reversible, audience: self, worst: Loses a mail }
`,
    });
  });
  afterAll(async () => {
    await house.close();
    removeDirectory(house.directory);
  });
  const trash = () => house.act('unlisted-class', {});

  test('the burst trips by itself after ten, and no deletion is sent after that', async () => {
    for (let i = 0; i < BURST; i++) expect(await trash()).toMatchObject({ kind: 'result' });
    // The plan was two hundred, and it does not listen.
    const rest = await Promise.all(Array.from({ length: 190 }, () => trash()));
    expect(new Set(rest.map(({ kind }) => kind))).toEqual(new Set(['denied']));
    expect(house.upstream.sent).toHaveLength(BURST);
    expect(await house.look('inbox')).toMatchObject({ decision: { code: 'FROZEN' } });
    const { entries } = await house.see();
    expect(entries.filter(({ kind }) => kind === 'containment.tripped')).toMatchObject([
      {
        agent: 'writer',
        level: 'frozen',
        rules: ['breaker-burst-of-deletions'],
        past: { deletionsLastMinute: BURST },
      },
    ]);
  });

  test('a release lets it go on with half of it', async () => {
    house.rooms.halt.set('agent:writer', 'live');
    house.rooms.past.follow({
      kind: 'containment.released',
      seq: 0,
      scope: 'agent:writer',
      at: new Date(house.house.clock.now()).toISOString(),
    });
    const before = house.upstream.sent.length;
    for (let i = 0; i < 20; i++) await trash();
    expect(house.upstream.sent.length - before).toBe(BURST / 2);
  });
});

const [starter, breakers] = [readShippedPack('starter'), readShippedPack('breakers')];
const catalogs = loadShipped([starter, readShippedPack('github'), readShippedPack('gmail'), breakers]);
const START = Date.parse('2026-06-01T08:00:00Z');
const MINUTE = 60_000;

/** The real counters and the real rules, on a clock of our own. Whatever asks is answered with a yes. */
class Life {
  readonly past = new Past();
  readonly policy: PolicySet;
  nowMs = START;
  trips: { readonly rules: readonly string[]; readonly level: string | undefined }[] = [];
  allowed = 0;

  constructor() {
    const loaded = loadPolicies([...starter.policies, ...breakers.policies], worldOf(catalogs));
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
    this.policy = loaded.value;
  }

  try(
    operation: string,
    target: { readonly type: string; readonly id: string; readonly owner?: string },
  ): boolean {
    const [, upstream = '', name = ''] = /^mcp:([^/]+)\/(.+)$/.exec(operation) ?? [];
    const entry = catalogs.get(upstream)?.operations.get(name);
    if (entry === undefined) throw new Error(`no ${operation}`);
    const { risk, audience, effect } = entry;
    const traits: Traits = { risk, audience, reads: risk === 'read', deletes: effect.includes('delete') };
    const ref = { type: target.type, id: target.id };
    const owners = target.owner === undefined ? [] : [target.owner];
    const step: Step = {
      agent: 'coder',
      operation,
      upstream,
      namedTargets: [ref],
      owners,
      argumentsText: target.id,
    };
    const past = this.past.facts(step, traits, this.nowMs);
    const decision = this.policy.decide({
      agent: 'coder',
      level: 'live',
      operation,
      arguments: {},
      targets: [{ ...ref, ancestors: [], attributes: { id: target.id } }],
      system: { nowMs: this.nowMs, session: 's', door: 'mcp', marks: [], past },
    });
    if (decision.decision === 'deny') {
      this.past.denied('coder');
      this.trips.push({ rules: decision.rules, level: decision.trips.at(-1) });
      return false;
    }
    this.past.count(step, traits, this.nowMs);
    this.past.use(step);
    this.past.know('coder', this.past.unknown(step, traits));
    this.allowed++;
    return true;
  }

  wait(minutes: number): void {
    this.nowMs += minutes * MINUTE;
  }
}

const issue = (repo: number, n: number) => ({
  type: 'Issue',
  id: `octo-${repo}/hello#${n}`,
  owner: `Org octo-${repo}`,
});

/** A working day of a maintainer's helper: it reads, drafts, tidies mail, and comments where somebody said yes. */
function day(life: Life, date: number): void {
  const begin = START + date * 24 * 60 * MINUTE;
  for (let hour = 0; hour < 8; hour++) {
    life.nowMs = begin + hour * 60 * MINUTE;
    const busy = (date * 8 + hour) % 5;
    for (let i = 0; i < 12 + busy * 4; i++) {
      life.try('mcp:github/issue_read', issue(i % 4, i));
      life.try('mcp:filesystem/write_file', { type: 'Path', id: `/srv/work/${date}-${hour}-${i % 9}` });
      if (i % 6 === 0) life.try('mcp:github/add_issue_comment', issue(i % 4, date * 100 + i));
      if (i % 4 === 0) life.try('mcp:gmail/label_thread', { type: 'Thread', id: `t${date}-${hour}-${i}` });
      life.wait(1);
    }
  }
}

describe('incident 2: a busy account', () => {
  test('an ordinary fortnight of an agent trips nothing', () => {
    const life = new Life();
    for (let date = 0; date < 12; date++) day(life, date);
    expect(life.trips).toEqual([]);
    expect(life.allowed).toBeGreaterThan(3000);
  });

  test('breadth: the same agent that goes through other people’s reports is stopped after thirty of them', () => {
    const life = new Life();
    for (let date = 0; date < 12; date++) day(life, date);
    life.nowMs = START + 12 * 24 * 60 * MINUTE;
    const before = life.allowed;
    let n = 0;
    while (life.trips.length === 0 && n < 500) {
      life.try('mcp:github/issue_write', issue(0, 5000 + n++));
      life.wait(0.5);
    }
    expect(life.trips).toEqual([{ rules: ['breaker-breadth'], level: 'frozen' }]);
    expect(life.allowed - before).toBe(30);
  });

  test('pace: the n-th reply on one thing is stopped after forty within the hour', () => {
    const life = new Life();
    let n = 0;
    while (life.trips.length === 0 && n++ < 500) {
      life.try('mcp:github/add_issue_comment', issue(0, 1));
      life.wait(1);
    }
    expect(life.trips).toEqual([{ rules: ['breaker-pace-outside'], level: 'frozen' }]);
    expect(life.allowed).toBe(40);
  });

  test('unlike itself: five times its own pace, where a new agent might go on', () => {
    const life = new Life();
    for (let date = 0; date < 12; date++) day(life, date);
    life.nowMs = START + 12 * 24 * 60 * MINUTE;
    const usual = life.past.facts(
      { agent: 'coder', operation: 'x', upstream: 'x', namedTargets: [], owners: [], argumentsText: '' },
      { risk: 'draft', audience: 'self', reads: false, deletes: false },
      life.nowMs,
    ).usualChanges;
    expect(usual).toBeGreaterThan(20);
    let n = 0;
    while (life.trips.length === 0 && n++ < 1000) {
      life.try('mcp:filesystem/write_file', { type: 'Path', id: `/srv/work/${n % 9}` });
      life.wait(0.1);
    }
    expect(life.trips).toEqual([{ rules: ['breaker-unusual-pace'], level: 'watched' }]);
    expect(n).toBe(usual * 5 + 1);
  });
});
