import { describe, expect, it } from 'vitest';
import { hangOn, type Pace, type Played, thingsOf } from './drill.ts';
import type { Fate, Lane } from './lane.ts';

const lane: Lane = { name: 'a door', pulse: async () => 'ran', hang: async () => 'ran' };
const [GESTURE, RETURNED] = [100, 101];

/** Pulses as [when it began, what became of it, when it arrived at the canary]. */
function played(
  pulses: readonly (readonly [number, Fate, number?])[],
  hung: Played['hung'] = { ms: 105, fate: 'stopped' },
): Played {
  return {
    lane,
    hangs: true,
    hung,
    pulses: pulses.map(([beganMs, fate]) => ({ beganMs, fate })),
    arrivedMs: new Map(
      pulses.flatMap(([, , arrived], number) => (arrived === undefined ? [] : [[number, arrived]])),
    ),
  };
}
const seen = (one: Played) => thingsOf(one, GESTURE, RETURNED);
const FINE = [
  [90, 'ran', 91],
  [102, 'stopped'],
] as const;

describe('what a drill makes of what it saw', () => {
  it('held: nothing that began after the stop arrived, and what was in flight was ended', () => {
    expect(seen(played(FINE))).toEqual([
      { kind: 'door', name: 'a door', ms: 0, held: true },
      { kind: 'call', name: 'a door', ms: 5, held: true },
    ]);
  });

  it('held: what had left before it may still arrive, and is the last effect', () => {
    expect(seen(played([...FINE, [99, 'ran', 104]]))[0]).toMatchObject({ ms: 4, held: true });
  });

  it.each([
    ['a call that began after the stop ran', [[102, 'ran', 103]]],
    ['one arrived though its client was told no', [[102, 'stopped', 103]]],
    ['nobody was told no after it', [[90, 'ran', 91]]],
  ] as const)('did not hold: %s', (_, pulses) => {
    expect(seen(played(pulses))[0]).toMatchObject({ kind: 'door', held: false });
  });

  it.each([
    ['never ended', null],
    ['ran to its end', { ms: 120, fate: 'ran' }],
    ['was not answered', { ms: 120, fate: 'lost' }],
  ] as const)('did not hold: the call in flight %s', (_, hung) => {
    expect(seen(played(FINE, hung))[1]).toMatchObject({ kind: 'call', held: false });
  });
});

describe('the call of a drill that hangs', () => {
  it('is made again where it ends before there is a stop, and seen to have ended by the stop alone', async () => {
    const pace: Pace = { going: true, stopped: false };
    const calls: ((fate: Fate) => void)[] = [];
    const one = { ...played([], null), hangs: true };
    const hung = { ...one, lane: { ...lane, hang: () => new Promise<Fate>((end) => calls.push(end)) } };
    const over = hangOn(hung, () => 105, pace);
    calls[0]?.('lost');
    await expect.poll(() => calls.length).toBe(2);
    // Until it has arrived again there is nothing in flight.
    expect(hung).toMatchObject({ hangs: false, hung: null });
    pace.stopped = true;
    calls[1]?.('stopped');
    await over;
    expect(hung.hung).toEqual({ ms: 105, fate: 'stopped' });
    expect(calls).toHaveLength(2);
  });
});
