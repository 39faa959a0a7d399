import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { canonicalize } from '../../base/canonical.ts';
import { LIMITS } from '../../base/limits.ts';
import type { Entry, EntryFields } from '../../contract/log-entry.ts';
import { bundleHeader, bundleLines, type LogRow } from '../bundle.ts';
import { signCheckpoint } from '../checkpoint.ts';
import { encodeEntry, leafHash } from '../entry.ts';
import { parseVerifierKey, type VerifierKey } from '../note.ts';
import { createSigner, type Signer } from '../signer.ts';
import { createTree } from '../tree.ts';
import { verifyBundle } from './bundle.ts';
import type { FaultCode, Report } from './report.ts';
import { type StoredCheckpoint, verifyStored } from './stored.ts';
import { verifyTail } from './tail.ts';

const ORIGIN = 'lanyard.example/main';
const signer = createSigner(ORIGIN);
const key = keyOf(signer);

function keyOf(of: Signer): VerifierKey {
  const parsed = parseVerifierKey(of.verifierKey);
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value;
}

function makeEntry(seq: number, fields: Partial<EntryFields> = {}): Entry {
  return { seq, at: '2026-11-20T20:18:19.693Z', kind: 'instance.gap', note: `número ${seq} 😀`, ...fields };
}

function rowOf(entry: Entry): LogRow {
  const text = encodeEntry(entry);
  return { seq: entry.seq, text, leaf: leafHash(text) };
}

function makeLog(count: number): LogRow[] {
  return Array.from({ length: count }, (_, seq) => rowOf(makeEntry(seq)));
}

function checkpointOf(rows: readonly LogRow[], by: Signer = signer, origin = ORIGIN): StoredCheckpoint {
  const tree = createTree();
  for (const row of rows) tree.append(row.leaf);
  return {
    size: rows.length,
    note: signCheckpoint(by, origin, rows.length, tree.root()),
    frontier: tree.frontier(),
  };
}

async function* pagesOf(rows: readonly LogRow[]): AsyncGenerator<readonly LogRow[]> {
  for (let at = 0; at < rows.length; at += 7) yield rows.slice(at, at + 7);
}

async function* chunksOf(bytes: Buffer, size = 1000): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const bundleOf = (rows: readonly LogRow[], checkpoint = checkpointOf(rows)) =>
  Buffer.from(bundleHeader(ORIGIN, signer.verifierKey, checkpoint.note) + bundleLines(rows));

const codes = (report: Report) => [...new Set(report.faults.map((fault) => fault.code))];

/** What somebody does to a log of which the checkpoint was kept, and what must be said of it. */
interface Tampering {
  readonly name: string;
  change(rows: LogRow[]): LogRow[];
  readonly code: FaultCode;
  readonly from: number;
}

/** Rewrites an entry together with its leaf, as somebody who knows the format would. */
const rewritten = (row: LogRow, fields: Partial<EntryFields>): LogRow => rowOf(makeEntry(row.seq, fields));

const TAMPERINGS: readonly Tampering[] = [
  {
    name: 'an entry changed, its leaf kept',
    change: (rows) =>
      rows.map((r) => (r.seq === 20 ? { ...r, text: r.text.replace('número', 'numero') } : r)),
    code: 'changed',
    from: 20,
  },
  {
    name: 'a leaf changed, its entry kept',
    change: (rows) => rows.map((r) => (r.seq === 20 ? { ...r, leaf: leafHash('x') } : r)),
    code: 'changed',
    from: 20,
  },
  {
    name: 'an entry changed with its leaf',
    change: (rows) => rows.map((r) => (r.seq === 20 ? rewritten(r, { note: 'nothing happened' }) : r)),
    code: 'root-mismatch',
    from: 0,
  },
  { name: 'an entry removed', change: (rows) => rows.toSpliced(20, 1), code: 'missing', from: 20 },
  {
    name: 'an entry removed and the rest renumbered',
    change: (rows) =>
      rows.toSpliced(20, 1).map((_, i) => rowOf(makeEntry(i, { note: i < 20 ? `número ${i} 😀` : 'x' }))),
    code: 'truncated',
    from: 39,
  },
  {
    name: 'an entry repeated',
    change: (rows) => rows.toSpliced(20, 0, ...rows.slice(19, 20)),
    code: 'duplicated',
    from: 19,
  },
  {
    name: 'two entries exchanged',
    change: (rows) =>
      rows.with(20, rows[21] ?? rowOf(makeEntry(0))).with(21, rows[20] ?? rowOf(makeEntry(0))),
    code: 'reordered',
    from: 20,
  },
  {
    name: 'an entry put in',
    change: (rows) => rows.toSpliced(20, 0, rowOf(makeEntry(20, { note: 'forged' }))),
    code: 'duplicated',
    from: 20,
  },
  { name: 'the end cut off', change: (rows) => rows.slice(0, 30), code: 'truncated', from: 30 },
  { name: 'everything cut off', change: () => [], code: 'truncated', from: 0 },
  { name: 'the beginning cut off', change: (rows) => rows.slice(3), code: 'missing', from: 0 },
  {
    name: 'a space put into the text, with the leaf that fits',
    change: (rows) => rows.map((r) => (r.seq === 20 ? { ...r, ...spaced(r.text) } : r)),
    code: 'not-canonical',
    from: 20,
  },
  {
    name: 'an entry that is no JSON',
    change: (rows) => rows.map((r) => (r.seq === 20 ? { ...r, text: '{', leaf: leafHash('{') } : r)),
    code: 'not-canonical',
    from: 20,
  },
];

const isPrintable = (row: LogRow) => row.text.startsWith('{"') && !row.text.includes('", "');

function spaced(text: string): Pick<LogRow, 'text' | 'leaf'> {
  const changed = text.replace(',', ', ');
  return { text: changed, leaf: leafHash(changed) };
}

describe('a stored log', () => {
  const rows = makeLog(40);
  const checkpoint = checkpointOf(rows);
  const options = { checkpoint, key, origin: ORIGIN };

  test('that is whole holds', async () => {
    const report = await verifyStored(pagesOf(rows), options);
    expect(report).toEqual({
      holds: true,
      entries: 40,
      covered: 40,
      tail: 0,
      origin: ORIGIN,
      key: { line: signer.verifierKey, fingerprint: key.fingerprint, given: true },
      faults: [],
      faultCount: 0,
      brokenFrom: null,
    });
  });

  test('of every small size holds', async () => {
    for (let size = 0; size < 40; size++) {
      const some = rows.slice(0, size);
      expect((await verifyStored(pagesOf(some), { ...options, checkpoint: checkpointOf(some) })).holds).toBe(
        true,
      );
    }
  });

  test.each(TAMPERINGS)('with $name does not', async ({ change, code, from }) => {
    const report = await verifyStored(pagesOf(change([...rows])), options);
    expect(report.holds).toBe(false);
    expect(codes(report)).toContain(code);
    expect(report.brokenFrom).toBeLessThanOrEqual(from);
    expect(report.faults.find((fault) => fault.code === code)?.from).toBe(from);
  });

  test('names the tail that no checkpoint covers, and finds what is wrong in it', async () => {
    const partly = { ...options, checkpoint: checkpointOf(rows.slice(0, 33)) };
    expect(await verifyStored(pagesOf(rows), partly)).toMatchObject({ holds: true, covered: 33, tail: 7 });
    const changed = rows.map((r) => (r.seq === 38 ? { ...r, text: r.text.replace('38', '83') } : r));
    const report = await verifyStored(pagesOf(changed), partly);
    expect(report).toMatchObject({ holds: false, brokenFrom: 38 });
    expect(codes(report)).toEqual(['changed']);
  });

  test('changed with its leaf is narrowed down to a subtree of the checkpoint', async () => {
    // 40 = 32 + 8.
    const changed = rows.map((r) => (r.seq === 37 ? rewritten(r, { note: 'x' }) : r));
    const report = await verifyStored(pagesOf(changed), options);
    expect(report).toMatchObject({ holds: false, brokenFrom: 32, faultCount: 1 });
    expect(report.faults[0]?.what).toContain('entries 32 to 39');
  });

  test('whose checkpoint is not signed by our key, or of another origin or size, does not hold', async () => {
    const stranger = checkpointOf(rows, createSigner(ORIGIN));
    expect(codes(await verifyStored(pagesOf(rows), { ...options, checkpoint: stranger }))).toEqual([
      'wrong-key',
    ]);
    const other = checkpointOf(rows, signer, 'elsewhere');
    expect(codes(await verifyStored(pagesOf(rows), { ...options, checkpoint: other }))).toEqual([
      'bad-checkpoint',
    ]);
    const forged = { ...checkpoint, note: checkpoint.note.replace('\n40\n', '\n39\n') };
    expect(codes(await verifyStored(pagesOf(rows), { ...options, checkpoint: forged }))).toEqual([
      'bad-checkpoint',
    ]);
    const resized = { ...checkpoint, size: 39 };
    expect(codes(await verifyStored(pagesOf(rows), { ...options, checkpoint: resized }))).toContain(
      'bad-checkpoint',
    );
    const frontier = Buffer.from(checkpoint.frontier);
    frontier[5] = (frontier[5] ?? 0) ^ 1;
    const bent = { ...checkpoint, frontier };
    expect(codes(await verifyStored(pagesOf(rows), { ...options, checkpoint: bent }))).toEqual([
      'bad-frontier',
    ]);
  });

  test('of thousands of broken entries counts them and keeps few', async () => {
    const changed = makeLog(3000).map((r) => ({ ...r, text: r.text.replace('n', 'N') }));
    const report = await verifyStored(pagesOf(changed), options);
    expect(report.faultCount).toBeGreaterThanOrEqual(3000);
    expect(report.faults.length).toBe(LIMITS.reportedFaults);
    expect(report.brokenFrom).toBe(0);
  });

  test('lets others have their turn while it is read', async () => {
    let pauses = 0;
    const pause = async () => {
      pauses++;
    };
    await verifyStored(pagesOf(rows), { ...options, pause, sliceEntries: 10 });
    expect(pauses).toBe(4);
  });
});

describe('a start', () => {
  const rows = makeLog(40);
  const behind = rows.slice(33);
  const options = { checkpoint: checkpointOf(rows.slice(0, 33)), key, origin: ORIGIN, size: 40 };

  test('goes on from the checkpoint with the tree of the whole log', async () => {
    const started = await verifyTail(pagesOf(behind), options);
    if (!started.ok) throw new Error(started.error.faults[0]?.what);
    expect(started.value.report).toMatchObject({ holds: true, entries: 40, covered: 33, tail: 7 });
    expect(started.value.tree.size).toBe(40);
    const whole = createTree();
    for (const row of rows) whole.append(row.leaf);
    expect(started.value.tree.root()).toEqual(whole.root());
  });

  test('of a log without a checkpoint reads all of it', async () => {
    const started = await verifyTail(pagesOf(rows), { ...options, checkpoint: null });
    expect(started.ok && started.value.tree.size).toBe(40);
    expect((await verifyTail(pagesOf([]), { ...options, checkpoint: null, size: 0 })).ok).toBe(true);
  });

  test('is refused when anything it looks at does not hold', async () => {
    const changed = behind.map((r) => (r.seq === 35 ? { ...r, text: `${r.text} ` } : r));
    const reasons = async (...args: Parameters<typeof verifyTail>) => {
      const started = await verifyTail(...args);
      return started.ok ? [] : codes(started.error);
    };
    expect(await reasons(pagesOf(changed), options)).toEqual(['changed', 'not-canonical']);
    expect(await reasons(pagesOf(behind.slice(1)), options)).toContain('missing');
    expect(await reasons(pagesOf(behind.slice(0, -1)), options)).toEqual(['truncated']);
    expect(await reasons(pagesOf(behind), { ...options, key: keyOf(createSigner(ORIGIN)) })).toEqual([
      'wrong-key',
    ]);
    expect(await reasons(pagesOf(behind), { ...options, origin: 'x' })).toEqual(['bad-checkpoint']);
    const frontier = Buffer.alloc(64);
    const bent = { ...options.checkpoint, frontier };
    expect(await reasons(pagesOf(behind), { ...options, checkpoint: bent })).toEqual(['bad-frontier']);
  });

  test('is refused when more entries are unsigned than a writer ever leaves unsigned', async () => {
    const many = makeLog(LIMITS.checkpointEntries + LIMITS.queuedEntries + 1);
    const started = await verifyTail(pagesOf(many), { ...options, checkpoint: null, size: many.length });
    expect(started.ok).toBe(false);
    expect(!started.ok && codes(started.error)).toEqual(['not-covered']);
  });
});

describe('a bundle', () => {
  const rows = makeLog(40);
  const bundle = bundleOf(rows);

  test('that is whole holds, by its own key and by the one given, however it is cut', async () => {
    for (const size of [1, 7, 64, 1000, 100_000]) {
      const report = await verifyBundle(chunksOf(bundle, size));
      expect(report).toMatchObject({ holds: true, entries: 40, covered: 40, tail: 0, origin: ORIGIN });
      expect(report.key).toEqual({ line: signer.verifierKey, fingerprint: key.fingerprint, given: false });
    }
    expect((await verifyBundle(chunksOf(bundle), { key })).key?.given).toBe(true);
    const none = bundleOf([]);
    expect(await verifyBundle(chunksOf(none))).toMatchObject({ holds: true, entries: 0 });
  });

  test.each(TAMPERINGS)('with $name does not', async ({ change, code, from }) => {
    // What cannot be printed any more stands there as it is.
    const lines = change([...rows]).map((row) => (isPrintable(row) ? bundleLines([row]) : `${row.text}\n`));
    const header = bundleHeader(ORIGIN, signer.verifierKey, checkpointOf(rows).note);
    const changed = Buffer.from(header + lines.join(''));
    const report = await verifyBundle(chunksOf(changed));
    expect(report.holds).toBe(false);
    expect(codes(report)).toContain(code);
    expect(report.brokenFrom).toBeLessThanOrEqual(from);
  });

  test('with entries that its checkpoint does not cover does not hold', async () => {
    const report = await verifyBundle(chunksOf(bundleOf(rows, checkpointOf(rows.slice(0, 33)))));
    expect(report).toMatchObject({ holds: false, brokenFrom: 33, tail: 7 });
    expect(codes(report)).toEqual(['not-covered']);
  });

  test('of another signer does not hold with our key, whatever its header says', async () => {
    const stranger = createSigner(ORIGIN);
    const note = checkpointOf(rows, stranger).note;
    const theirs = Buffer.from(bundleHeader(ORIGIN, stranger.verifierKey, note) + bundleLines(rows));
    expect((await verifyBundle(chunksOf(theirs))).holds).toBe(true);
    expect(codes(await verifyBundle(chunksOf(theirs), { key }))).toEqual(['wrong-key']);
    const lying = Buffer.from(bundleHeader(ORIGIN, signer.verifierKey, note) + bundleLines(rows));
    expect(codes(await verifyBundle(chunksOf(lying), { key }))).toEqual(['wrong-key']);
    const relabelled = Buffer.from(
      bundleHeader(ORIGIN, stranger.verifierKey, checkpointOf(rows).note) + bundleLines(rows),
    );
    expect((await verifyBundle(chunksOf(relabelled), { key })).holds).toBe(false);
  });

  test('with a bad header does not hold', async () => {
    const lines = bundleLines(rows);
    const { note } = checkpointOf(rows);
    const headers = [
      '',
      '\n',
      'x\n',
      '[]\n',
      '{}\n',
      bundleHeader('elsewhere', signer.verifierKey, note),
      bundleHeader(ORIGIN, 'no key', note),
      bundleHeader(ORIGIN, signer.verifierKey, 'no note'),
      bundleHeader(ORIGIN, signer.verifierKey, note).replace('lanyard-log/1', 'lanyard-log/2'),
      `\ufeff${bundleHeader(ORIGIN, signer.verifierKey, note)}`,
    ];
    for (const header of headers) {
      expect((await verifyBundle(chunksOf(Buffer.from(header + lines)))).holds, header).toBe(false);
    }
    expect((await verifyBundle(chunksOf(Buffer.alloc(0)))).holds).toBe(false);
  });

  test('an entry whose members hide a leaf is read by its own', async () => {
    const tricky = [
      makeEntry(0, { note: '"leaf":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="' }),
      makeEntry(1, { hidden: { leaf: 'A'.repeat(44) } }),
      makeEntry(2, { 'x"leaf': 'A'.repeat(44) }),
      makeEntry(3, { '10': 1, '9': { '2': 0, '11': '\\ud800' } }),
      makeEntry(4, { zzz: { leaf: 'A'.repeat(44) } }),
    ].map(rowOf);
    expect(await verifyBundle(chunksOf(bundleOf(tricky)), { deep: true })).toMatchObject({
      holds: true,
      entries: 5,
    });
    expect(
      (await verifyStored(pagesOf(tricky), { checkpoint: checkpointOf(tricky), key, origin: ORIGIN })).holds,
    ).toBe(true);
  });

  test('no single byte of it can be changed, dropped or doubled', async () => {
    const small = bundleOf(makeLog(3));
    for (let at = 0; at < small.length; at++) {
      const changed = Buffer.from(small);
      changed[at] = (changed[at] ?? 0) ^ 1;
      expect((await verifyBundle(chunksOf(changed), { key })).holds, `byte ${at}`).toBe(false);
      const dropped = Buffer.concat([small.subarray(0, at), small.subarray(at + 1)]);
      // The newline at the very end says nothing.
      expect((await verifyBundle(chunksOf(dropped), { key })).holds, `byte ${at}`).toBe(
        at === small.length - 1,
      );
    }
  });

  test('random bytes never throw and never hold', async () => {
    const pieces = fc.array(
      fc.oneof(
        fc.constantFrom(
          ...bundle
            .toString()
            .split('\n')
            .slice(0, 4)
            .map((line) => Buffer.from(`${line}\n`)),
        ),
        fc.uint8Array({ maxLength: 50 }).map((bytes) => Buffer.from(bytes)),
        fc
          .constantFrom('[', '{"a":', '\n', '{}\n', '{"leaf":""}\n', 'null\n')
          .map((text) => Buffer.from(text)),
      ),
      { maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(pieces, async (parts) => {
        expect((await verifyBundle(chunksOf(Buffer.concat(parts)), { deep: true })).holds).toBe(false);
      }),
      { numRuns: 300 },
    );
  });

  test('a line without end and nesting without end are refused', async () => {
    const header = bundle.subarray(0, bundle.indexOf('\n') + 1);
    async function* endless(): AsyncGenerator<Buffer> {
      yield header;
      const chunk = Buffer.alloc(1024 * 1024, 'x');
      for (let i = 0; i < 1000; i++) yield chunk;
    }
    const report = await verifyBundle(endless());
    expect(codes(report)).toContain('not-an-entry');
    const deep = Buffer.concat([header, Buffer.from(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}\n`)]);
    expect((await verifyBundle(chunksOf(deep, 65536))).holds).toBe(false);
  });
});

describe('deep', () => {
  const fields: Partial<EntryFields> = {
    agent: 'writer',
    operation: 'mcp:files/write_file',
    target: { type: 'Path', id: '/srv/w/a.txt' },
    argumentsDigest: `sha256:${'a'.repeat(64)}`,
  };
  const digestOf = (pin: string | null, targets: readonly { type: string; id: string }[]) => {
    const { agent = '', operation = '', argumentsDigest = '' } = fields;
    const text = canonicalize({
      agent,
      operation,
      argumentsDigest,
      pin,
      targets: targets.map((t) => ({ ...t })),
    });
    return `sha256:${createHash('sha256').update(text).digest('hex')}`;
  };
  const target = { type: 'Path', id: '/srv/w/a.txt' };
  const other = { type: 'Path', id: '/srv/w/b.txt' };
  const allow = (action: string, more: Partial<EntryFields> = {}): Partial<EntryFields> => ({
    kind: 'action.decided',
    decision: 'allow',
    action,
    digest: digestOf(null, [target]),
    ...fields,
    ...more,
  });
  const end = (action: string): Partial<EntryFields> => ({ kind: 'action.outcome', outcome: 'ok', action });
  const verify = async (entries: readonly Partial<EntryFields>[]) => {
    const rows = entries.map((one, seq) => rowOf(makeEntry(seq, one)));
    const options = { checkpoint: checkpointOf(rows), key, origin: ORIGIN, deep: true };
    const stored = await verifyStored(pagesOf(rows), options);
    const bundled = await verifyBundle(chunksOf(bundleOf(rows)), { deep: true });
    expect(bundled.faults).toEqual(stored.faults);
    expect(bundled.open).toEqual(stored.open);
    return stored;
  };

  test('allows with their outcomes hold, and open ones are listed', async () => {
    const report = await verify([allow('A'), allow('B'), end('A'), { ...allow('C'), decision: 'deny' }]);
    expect(report).toMatchObject({ holds: true, open: [{ action: 'B', seq: 1 }] });
  });

  test('pins and several targets are in the digest', async () => {
    const pin = `sha256:${'c'.repeat(64)}`;
    const both = { pin, targets: [target, other], digest: digestOf(pin, [target, other]) };
    expect((await verify([allow('A', both)])).holds).toBe(true);
    expect(codes(await verify([allow('A', { ...both, targets: [target] })]))).toEqual(['bad-digest']);
    expect(codes(await verify([allow('A', { pin })]))).toEqual(['bad-digest']);
    expect(codes(await verify([allow('A', { agent: 'reader' })]))).toEqual(['bad-digest']);
    expect(codes(await verify([{ ...allow('A', { operation: 'x' }), decision: 'deny' }]))).toEqual([
      'bad-digest',
    ]);
  });

  test.each([
    ['an outcome of nothing', [end('A')]],
    ['an outcome before its allow', [end('A'), allow('A')]],
    ['two outcomes', [allow('A'), end('A'), end('A')]],
    ['an outcome of a denial', [{ ...allow('A'), decision: 'deny' as const }, end('A')]],
    ['an outcome of no action', [{ kind: 'action.outcome' as const }]],
  ])('%s is found', async (_, entries) => {
    expect(codes(await verify(entries))).toEqual(['outcome-without-allow']);
  });

  test('a second allow while the first is open is found', async () => {
    expect(codes(await verify([allow('A'), allow('A')]))).toEqual(['allowed-twice']);
  });
});
