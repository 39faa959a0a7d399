import { expect, test } from 'vitest';
import type { EntryFilter, NewEntry, NewestSearch } from '../store.ts';
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

  test('the newest of a stretch that match and hold what is looked for come first', async () => {
    const entries = FOUND.map((rest, i) => makeEntry(i, rest));
    await bench.store.append({ ...makeBatch(0, 0), entries });
    const all = { from: 0, before: 99, limit: 99 };
    const searches: readonly (readonly [NewestSearch, readonly number[]])[] = [
      [all, [6, 5, 4, 3, 2, 1, 0]],
      [{ ...all, limit: 2 }, [6, 5]],
      [{ ...all, from: 2, before: 5 }, [4, 3, 2]],
      [{ ...all, from: 5, before: 5 }, []],
      [{ ...all, kinds: ['action.decided'] }, [5, 3, 1]],
      [{ ...all, kinds: ['instance.started', 'action.decided'], limit: 4 }, [5, 3, 1, 0]],
      [{ ...all, kinds: [] }, []],
      [{ ...all, agent: 'writer', kinds: ['action.decided'] }, [5, 1]],
      [{ ...all, session: 's2', agent: 'reader' }, [6, 3]],
      [{ ...all, holding: [entries[3]?.text ?? ''] }, [3]],
      [{ ...all, holding: [entries[3]?.text ?? '', 'nothing such'] }, []],
      [{ ...all, holding: ["' OR 1=1 --"] }, []],
      [{ ...all, holding: ['%'] }, []],
    ];
    for (const [search, expected] of searches)
      expect(
        (await bench.store.newest(search)).map(({ seq }) => seq),
        JSON.stringify(search),
      ).toEqual(expected);
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
