import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSqlite } from '../../src/store/sqlite/index.ts';
import { makeEntry } from '../../src/store/suite.ts';
import { RUNTIME_FLAGS } from '../journeys/operator-ground.ts';
import { ROOT } from '../source-tree.ts';

/**
 * The journal's two segments take turns: killed at each moment around such a turn, and while the one that is left is sorted
 * in and wiped, again and again on the same state, nothing that was acknowledged is lost, and nothing is there twice.
 */

const MOMENTS = [
  'turn-before',
  'turn-after',
  'sort-before',
  'sort-after',
  'wipe-before',
  'wipe-half',
  'wipe-after',
];
/** Each moment at the first, third and fifth time; a start itself begins a segment. */
const TIMES = [1, 3, 5];

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanyard-turned-'));
});
afterEach(() => rmSync(directory, { recursive: true }));

/** Appends until it is killed there. Resolves to what it found at its start, and up to where it acknowledged. */
async function killedAt(path: string, moment: string, nth: number): Promise<{ open: number; kept: number }> {
  const preload = join(ROOT, 'tests/faults/killing-writes.mjs');
  const program = join(ROOT, 'tests/faults/appending-store.ts');
  const child = spawn(process.execPath, [...RUNTIME_FLAGS, '--import', preload, program, path], {
    env: { ...process.env, NODE_OPTIONS: '', KILL_AT: moment, KILL_NTH: String(nth) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (text) => {
    said.out += String(text);
  });
  child.stderr.on('data', (text) => {
    said.err += String(text);
  });
  expect([...(await once(child, 'close')), said.err]).toEqual([null, 'SIGKILL', '']);
  const numbers = (word: string) =>
    [...said.out.matchAll(new RegExp(`^${word} (\\d+)$`, 'gm'))].map(([, number]) => Number(number));
  return { open: numbers('open')[0] ?? -1, kept: Math.max(0, ...numbers('kept')) };
}

test('P7 killed at each moment around a turn of the journal, nothing acknowledged is lost or there twice', {
  timeout: 240_000,
}, async () => {
  const path = join(directory, 'log.db');
  let kept = 0;
  for (const nth of TIMES)
    for (const moment of MOMENTS) {
      const round = await killedAt(path, moment, nth);
      // A turn may come before it says what it found: the start begins a segment.
      if (round.open >= 0) expect([moment, round.open]).toEqual([moment, Math.max(round.open, kept)]);
      kept = Math.max(kept, round.kept);
    }
  const store = await openSqlite(path);
  const size = await store.size();
  expect(size).toBeGreaterThanOrEqual(kept);
  expect(kept).toBeGreaterThan(500);
  const texts: string[] = [];
  for await (const page of store.entries(0, size)) texts.push(...page.map(({ text }) => text));
  expect(texts).toEqual(Array.from({ length: size }, (_, seq) => makeEntry(seq).text));
  const newest = Number(await store.cell('newest', 'batch'));
  expect([newest < size, newest >= size - 3]).toEqual([true, true]);
  await store.close();
});
