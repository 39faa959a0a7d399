import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bundleHeader, bundleLines } from '../bundle.ts';
import { createSigner } from '../signer.ts';
import { verifyBundle } from './bundle.ts';
import { verifyStored } from './stored.ts';
import {
  bundleOf,
  checkpointOf,
  chunksOf,
  codes,
  key,
  makeEntry,
  makeLog,
  ORIGIN,
  pagesOf,
  rowOf,
  signer,
} from './suite/sample-log.ts';
import { isPrintable, TAMPERINGS } from './suite/tamperings.ts';

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
