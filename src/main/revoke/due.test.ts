import { describe, expect, it, test } from 'vitest';
import type { Entry } from '../../contract/log-entry.ts';
import { DueRevokes, killOf } from './due.ts';

let seq = 0;
const entry = (fields: object) => ({ seq: seq++, at: '2026-01-01T00:00:00.000Z', ...fields }) as Entry;
const kill = (more: object = {}) =>
  entry({ kind: 'containment.stopped', scope: 'agent:writer', level: 'killed', by: 'person', ...more });
const started = () => entry({ kind: 'instance.started' });
const planned = ({ seq: stop, scope }: Entry, revoke = 'proved') =>
  entry({ kind: 'containment.revoking', stop, scope, secrets: [{ upstream: 'wiki', revoke }] });

function due(...entries: readonly Entry[]) {
  const found = new DueRevokes();
  for (const one of entries) found.see(one);
  return { unplanned: found.unplanned.map((one) => one.seq), owed: found.owed };
}

describe('P4 a secret is revoked by a kill', () => {
  it.each(['person', 'stop-key', 'stop-code', 'trip'])('that came by %s', (by) => {
    expect(killOf(kill({ by }))).not.toBeNull();
  });

  it.each(['socket', 'sentinel', 'signal', 'agent', 'fault', 'start', 'claim', 'recovery', undefined])(
    'and not where it came by %s',
    (by) => {
      expect(killOf(kill({ by }))).toBeNull();
    },
  );

  it('and where the start tells of one whose entry was lost, and that it revokes', () => {
    expect(killOf(kill({ by: 'start', proven: true }))).not.toBeNull();
    expect(killOf(kill({ by: 'socket', proven: true }))).toBeNull();
  });

  it('of agents or an upstream as a whole, and of nothing less', () => {
    for (const scope of ['all', 'agent:a', 'owner:o', 'upstream:u'])
      expect(killOf(kill({ scope }))).toMatchObject({ scope });
    for (const scope of ['session:s', 'operation:mcp:a/b', 'target:all', 'allx'])
      expect(killOf(kill({ scope }))).toBeNull();
  });

  it('that a breaker tripped', () => {
    const tripped = { kind: 'containment.tripped', by: 'trip' };
    expect(killOf(kill(tripped))).toMatchObject({ scope: 'agent:writer' });
    expect(killOf(kill({ ...tripped, level: 'frozen' }))).toBeNull();
  });

  it('and not by who asked for less where it was killed already', () => {
    expect(killOf(kill({ asked: 'frozen' }))).toBeNull();
    expect(killOf(kill({ level: 'frozen' }))).toBeNull();
  });
});

test('what a crash left is due at the next start: planned or not', () => {
  const [first, second] = [kill(), kill()];
  expect(due(started(), first, second, planned(second), started())).toEqual({
    unplanned: [first.seq],
    owed: [{ upstream: 'wiki', scope: 'agent:writer', stop: second.seq }],
  });
});

test('what was done is not due, and neither is what nothing revokes', () => {
  const [first, second] = [kill(), kill()];
  const done = entry({ kind: 'containment.revoked', upstream: 'wiki', stops: [first.seq] });
  expect(due(first, planned(first), done, second, planned(second, 'none'))).toEqual({
    unplanned: [],
    owed: [],
  });
});

test('a step that is configured later is not for kills of long ago', () => {
  expect(due(kill(), started(), started()).unplanned).toEqual([]);
});

test('what people have brought back is not broken afterwards', () => {
  const [first, second] = [kill(), kill()];
  const released = entry({ kind: 'containment.released', scope: 'agent:writer' });
  expect(due(first, planned(first), second, released)).toEqual({ unplanned: [], owed: [] });
});
