import { expect, test } from 'vitest';
import type { EntryFilter, NewEntry } from '../store.ts';
import { makeBatch, makeEntry, seqs, type Workbench } from './workbench.ts';

export function testFinding(bench: Workbench): void {
  const FOUND: readonly Partial<NewEntry>[] = [
    { kind: 'instance.started', atMs: 100 },
    { kind: 'action.decided', atMs: 200, action: 'A', agent: 'writer', session: 's1' },
    { kind: 'action.outcome', atMs: 300, action: 'A', agent: 'writer', session: 's1' },
    { kind: 'action.decided', atMs: 250, action: 'B', agent: 'reader', session: 's2' }, // the clock stepped back
    { kind: 'operator.applied', atMs: 400 },
    { kind: 'action.decided', atMs: 500, action: 'C', agent: 'writer', session: 's2' },
    { kind: 'action.outcome', atMs: 600, action: 'B', agent: 'reader', session: 's2' },
  ];
  const cases: readonly (readonly [EntryFilter, readonly number[]])[] = [
    [{}, [0, 1, 2, 3, 4, 5, 6]],
    [{ kinds: ['action.decided'] }, [1, 3, 5]],
    [{ kinds: ['operator.applied', 'action.outcome', 'operator.applied'] }, [2, 4, 6]],
    [{ kinds: [] }, []],
    [{ kinds: ['nothing.such'] }, []],
    [{ action: 'B' }, [3, 6]],
    [{ agent: 'writer' }, [1, 2, 5]],
    [{ agent: 'WRITER' }, []],
    [{ agent: "writer' OR 1=1 --" }, []],
    [{ session: 's2' }, [3, 5, 6]],
    [{ sinceMs: 300 }, [2, 4, 5, 6]],
    [{ sinceMs: 250 }, [2, 3, 4, 5, 6]],
    [{ sinceMs: 601 }, []],
    [{ from: 4 }, [4, 5, 6]],
    [{ from: 99 }, []],
    [{ agent: 'writer', kinds: ['action.decided'], sinceMs: 201 }, [5]],
    [{ agent: 'writer', session: 's1', action: 'A', kinds: ['action.outcome'], from: 1, sinceMs: 1 }, [2]],
    [{ agent: 'writer', session: 's2', action: 'A' }, []],
  ];
  test('every filter finds what matches all of it, in order', async () => {
    await bench.store.append({ ...makeBatch(0, 0), entries: FOUND.map((rest, i) => makeEntry(i, rest)) });
    for (const [filter, expected] of cases) {
      expect(await seqs(bench.store.find(filter)), JSON.stringify(filter)).toEqual(expected);
    }
  });

  test('many matches come in order over many pages', async () => {
    const entries = Array.from({ length: 3000 }, (_, i) =>
      makeEntry(i, { kind: `k${i % 3}`, agent: i % 2 === 0 ? 'even' : 'odd' }),
    );
    await bench.store.append({ ...makeBatch(0, 0), entries });
    const expected = entries.flatMap((e, i) => (e.kind !== 'k1' && e.agent === 'odd' ? [i] : []));
    expect(await seqs(bench.store.find({ kinds: ['k2', 'k0'], agent: 'odd' }))).toEqual(expected);
  });
}
