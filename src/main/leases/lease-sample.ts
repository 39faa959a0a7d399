import { randomInt } from 'node:crypto';
import { canonicalize } from '../../base/canonical.ts';
import { toInstant } from '../../base/clock.ts';
import { digestOf } from '../../base/hash.ts';
import type { Json } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import type { LeaseSample } from '../../contract/control-reads.ts';
import { entryIn } from '../../contract/log-entry.ts';
import { DRILL_PREFIX } from '../../model/agent.ts';
import type { Shown } from '../../pipeline/stop/lease-acts.ts';
import type { LeaseNow } from '../../pipeline/stop/leases.ts';
import { rowFrom } from '../console/action-rows.ts';
import type { House } from '../house.ts';

/** What drills do is none of the agent's doing. */
const DRILLED = `"operation":"mcp:${DRILL_PREFIX}`;

interface Candidate {
  readonly action: string;
  /** Higher is looked at first. */
  readonly weight: number;
}

/**
 * Draws what a person is to look through: of the newest actions since the last look the gravest first, drawn by lot
 * among those alike, so that no agent can know which of its actions will be looked at.
 */
export async function drawSample(
  house: House,
  agent: string,
  now: LeaseNow,
  sinceMs: number,
  atMs: number,
): Promise<{ readonly shown: Shown; readonly sample: LeaseSample }> {
  const upTo = await house.store.size();
  const unknown = await house.store.newest({
    agent,
    kinds: ['action.outcome'],
    holding: ['"outcome":"unknown"'],
    from: now.seq,
    before: upTo,
    limit: LIMITS.leaseSample,
  });
  const ran = await house.store.newest({
    agent,
    kinds: ['action.decided'],
    holding: ['"decision":"allow"'],
    from: now.seq,
    before: upTo,
    limit: LIMITS.leaseSampledFrom,
  });
  const grave = new Set(unknown.map(({ text }) => entryIn(text).action ?? ''));
  const candidates = ran
    .filter(({ text }) => !text.includes(DRILLED))
    .map(({ text }): Candidate => {
      const { action = '', operation = '' } = entryIn(text);
      return { action, weight: grave.has(action) ? WEIGHTS.length : weightOf(house, operation) };
    });
  const rows = [];
  for (const { action } of drawn(candidates)) {
    const row = await rowFrom(house.store, action);
    if (row !== null) rows.push(row);
  }
  const told = {
    agent,
    at: toInstant(atMs),
    since: toInstant(now.sinceMs),
    upTo,
    actions: ran.length,
    more: ran.length === LIMITS.leaseSampledFrom,
    sample: rows,
  };
  const digest = digestOf(canonicalize({ ...told, sample: rows.map((row): Json => ({ ...row })) }));
  const shown = {
    agent,
    sinceMs,
    atMs,
    seq: upTo,
    sample: rows.map(({ action }) => action),
    actions: ran.length,
    digest,
  };
  return { shown, sample: { ...told, shown: digest } };
}

/** By class, the mildest first. */
const WEIGHTS = ['read', 'draft', 'unclassified', 'merge', 'comment', 'external'];

function weightOf({ standing }: House, operation: string): number {
  const [, upstream = '', name = ''] = /^[a-z]+:([^/]+)\/(.+)$/.exec(operation) ?? [];
  return WEIGHTS.indexOf(standing.inForce.upstreams.get(upstream)?.entryOf(name)?.risk ?? 'unclassified');
}

/** All but one of the gravest; the last by lot among all, so that the many mild ones are looked at too. */
function drawn(candidates: readonly Candidate[]): readonly Candidate[] {
  const left = candidates.map((one) => ({ one, lot: randomInt(2 ** 47) }));
  left.sort((a, b) => b.one.weight - a.one.weight || a.lot - b.lot);
  const chosen = left.splice(0, LIMITS.leaseSample - 1);
  if (left.length > 0) chosen.push(...left.splice(randomInt(left.length), 1));
  return chosen.map(({ one }) => one);
}
