import { describe, expect, test } from 'vitest';
import { canonicalize } from '../../base/canonical.ts';
import { digestOf } from '../../base/hash.ts';
import type { Json, JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Draft } from '../../pipeline/recording/draft.ts';
import { Coverage, type CoverageNow, type Hole } from './coverage.ts';

/** A clock and a log in memory: what is said, and when. */
class World {
  ms = Date.parse('2026-11-20T20:00:00.000Z');
  holes: Hole[] = [{ hole: 'unclaimed' }];
  agents = ['writer'];
  broken = false;
  cell: string | null = null;
  readonly said: JsonObject[] = [];
  readonly coverage = this.open();

  open(): Coverage {
    return new Coverage({
      clock: { now: () => this.ms, monotonicMs: () => this.ms },
      record: async (draft: Draft) => {
        if (this.broken) throw new Error('no store');
        this.said.push(draft.fields as JsonObject);
        for (const { value } of draft.cells ?? []) this.cell = value;
      },
      look: (): CoverageNow => ({
        governed: { agents: this.agents, doors: ['mcp'], parts: ['rules'], upstreams: [] },
        holes: this.holes,
      }),
      remembered: this.cell,
    });
  }

  later(ms: number): Promise<void> {
    this.ms += ms;
    return this.coverage.tick();
  }

  get last(): JsonObject {
    return this.said.at(-1) ?? {};
  }
}

describe('coverage', () => {
  test('is said at start, when it changes, every hour, and at a stop', async () => {
    const world = new World();
    await world.coverage.start();
    expect(world.said).toMatchObject([{ why: 'started', every: 3600, governed: { agents: ['writer'] } }]);
    for (let i = 0; i < 10; i++) await world.later(LIMITS.coverageLookMs);
    expect(world.said).toHaveLength(1);

    world.holes = [...world.holes, { hole: 'upstream-missing', about: 'wiki' }];
    await world.later(LIMITS.coverageLookMs);
    expect(world.last).toMatchObject({
      why: 'changed',
      holes: [{}, { hole: 'upstream-missing', about: 'wiki' }],
    });

    await world.later(LIMITS.coverageEveryMs);
    expect(world.last).toMatchObject({ why: 'running' });
    await world.coverage.stop();
    expect(world.last).toMatchObject({ why: 'stopped' });
    // What did not change since is not said again, but for its digest.
    expect(world.said.map((entry) => 'holes' in entry)).toEqual([true, true, false, false]);
    const [first] = world.said;
    const { governed = null, holes = null } = first ?? {};
    expect(first?.['state']).toBe(digestOf(canonicalize({ governed, holes } as Json)));
    expect(new Set(world.said.slice(1).map(({ state }) => state)).size).toBe(1);
  });

  test('knows since when a hole is there, over a restart, and tells of those that closed', async () => {
    const world = new World();
    await world.coverage.start();
    const since = new Date(world.ms).toISOString();
    await world.coverage.stop();
    world.ms += 86_400_000;
    const again = world.open();
    await again.start();
    expect(world.last).toMatchObject({ why: 'started', holes: [{ hole: 'unclaimed', since }] });
    world.holes = [];
    world.ms += LIMITS.coverageGapMs;
    await again.tick();
    await again.stop();
    expect(world.said.at(-2)).toMatchObject({
      why: 'changed',
      holes: [],
      ended: [{ hole: 'unclaimed', since, until: new Date(world.ms).toISOString() }],
    });
    expect(world.last).not.toHaveProperty('ended');
  });

  test('that flaps costs the log little, and no hole is lost', async () => {
    const world = new World();
    await world.coverage.start();
    for (let i = 0; i < 40; i++) {
      world.holes = i % 2 === 0 ? [{ hole: 'witness-unreachable', about: `w${i}` }] : [];
      await world.later(1000);
    }
    await world.coverage.stop();
    expect(world.said.length).toBeLessThan(8);
    const ended = world.said.flatMap((entry) => (Array.isArray(entry['ended']) ? entry['ended'] : []));
    expect(ended.filter((hole) => (hole as JsonObject)['hole'] === 'witness-unreachable')).toHaveLength(20);
  });

  test('that cannot be recorded is said as soon as it can', async () => {
    const world = new World();
    world.broken = true;
    await world.coverage.start();
    await world.later(LIMITS.coverageGapMs);
    expect(world.said).toEqual([]);
    world.broken = false;
    await world.later(LIMITS.coverageGapMs);
    expect(world.said).toMatchObject([{ holes: [{ hole: 'unclaimed' }] }]);
    await world.coverage.stop();
  });
});
