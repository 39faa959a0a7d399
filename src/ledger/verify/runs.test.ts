import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../base/json.ts';
import { Runs } from './runs.ts';

const BEGIN = Date.parse('2026-11-20T00:00:00.000Z');
const at = (minutes: number) => new Date(BEGIN + minutes * 60_000).toISOString();

/** Minutes and kinds of entries, in order; `instance.` is left out. */
function report(...entries: readonly (readonly [number, string, JsonObject?])[]) {
  const runs = new Runs();
  for (const [seq, [minutes, kind, more]] of entries.entries())
    runs.see({ seq, at: at(minutes), kind: kind.includes('.') ? kind : `instance.${kind}`, ...more }, seq);
  return runs.report();
}

const covers = (minutes: number): [number, string, JsonObject] => [minutes, 'coverage', { every: 3600 }];

describe('a log', () => {
  test('of a quiet day has no silent stretch', () => {
    const hours = Array.from({ length: 24 }, (_, hour) => covers(hour * 60));
    expect(report([0, 'started'], ...hours, [1400, 'stopped'])).toMatchObject({ entries: 24, stretches: [] });
  });

  test('from which hours are missing has one', () => {
    const found = report([0, 'started'], covers(0), covers(60), covers(240), [241, 'stopped']);
    expect(found.stretches).toEqual([{ kind: 'silent', from: at(60), to: at(240), after: 2 }]);
  });

  test('tells an announced stop from a run that was cut off', () => {
    const found = report(
      [0, 'started'],
      covers(0),
      [5, 'stopped'],
      [600, 'started'],
      covers(600),
      [610, 'action.decided'],
      [900, 'action.outcome'],
      [900, 'started'],
      covers(900),
    );
    expect(found.stretches).toEqual([
      { kind: 'stopped', from: at(5), to: at(600), after: 2 },
      { kind: 'cut-off', from: at(610), to: at(900), after: 5 },
    ]);
  });

  test('whose clock was set back has none for that', () => {
    expect(
      report([0, 'started'], covers(0), covers(60), [10, 'action.decided'], covers(70)).stretches,
    ).toEqual([]);
  });

  test('says by its last word what was governed, and which holes were known', () => {
    const holes = [{ hole: 'unclaimed', since: at(0) }];
    const found = report(
      [0, 'started'],
      [0, 'coverage', { every: 3600, governed: { agents: ['writer'] }, holes }],
      [60, 'coverage', { every: 3600 }],
    );
    expect(found).toMatchObject({ entries: 2, governed: { agents: ['writer'] }, holes });
    expect(report([0, 'started'])).toMatchObject({ entries: 0, governed: null });
  });

  test('of many silent stretches is not endless', () => {
    const entries = Array.from({ length: 200 }, (_, i) => covers(i * 300));
    const found = report([0, 'started'], ...entries);
    expect(found.stretches).toHaveLength(50);
    expect(found.stretchCount).toBe(199);
  });
});
