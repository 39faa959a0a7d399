import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { canonicalize } from '../../base/canonical.ts';
import type { EntryFields } from '../../contract/log-entry.ts';
import { verifyBundle } from './bundle.ts';
import { verifyStored } from './stored.ts';
import {
  bundleOf,
  checkpointOf,
  chunksOf,
  codes,
  key,
  makeEntry,
  ORIGIN,
  pagesOf,
  rowOf,
} from './suite/sample-log.ts';

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

  test.each([
    ['while the first is open', [allow('A'), allow('A')]],
    ['after its outcome', [allow('A'), end('A'), allow('A')]],
    ['after its outcome, with one of its own', [allow('A'), end('A'), allow('B'), allow('A'), end('A')]],
    ['after it was aborted', [allow('A'), { ...end('A'), outcome: 'aborted' as const }, allow('A')]],
  ])('a second allow is found, %s', async (_, entries) => {
    const report = await verify(entries);
    expect(codes(report)).toEqual(['allowed-twice']);
    expect(report.faults[0]?.from).toBe(entries.findLastIndex(({ decision }) => decision === 'allow'));
  });

  test('an action that people are asked about is decided until it is allowed, and one like it afterwards', async () => {
    const asks: Partial<EntryFields> = { ...allow('A'), decision: 'review', code: 'APPROVAL_PENDING' };
    const denies: Partial<EntryFields> = { ...allow('A'), decision: 'deny' };
    const resumed = { kind: 'action.continued' as const, action: 'A' };
    const unknown = { ...end('A'), outcome: 'unknown' as const };
    const entries = [asks, denies, asks, allow('A'), resumed, resumed, unknown, allow('B'), end('B')];
    expect(await verify(entries)).toMatchObject({ holds: true, open: [] });
  });
});
