import { mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { LIMITS } from '../base/limits.ts';
import type { Levels, Scope } from '../containment/levels.ts';
import { StopReserve } from './stop-reserve.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lanyard-stops-'));
  path = join(directory, 'stops');
});
afterEach(() => rmSync(directory, { recursive: true }));

const FROZEN: Levels = new Map([['agent:a', 'frozen']]);
const KILLED: Levels = new Map([
  ['agent:a', 'frozen'],
  ['target:/w/ö', 'killed'],
]);
const HALF = LIMITS.stopReserveBytes / 2;

/** What the next start finds. */
function found(): [string, string][] | null {
  const { reserve, kept } = StopReserve.open(path);
  reserve.close();
  return kept === null ? null : [...kept];
}

function keep(...all: Levels[]): void {
  const { reserve } = StopReserve.open(path);
  for (const levels of all) reserve.keep(levels);
  reserve.close();
}

/** Writes over what stands in the slot that was written at this turn. */
function tear(turn: number): void {
  writeSync(openSync(path, 'r+'), 'torn', (turn % 2) * HALF + 70);
}

test('keeps with a kill that it revokes secrets', () => {
  const { reserve } = StopReserve.open(path);
  reserve.keep(KILLED, new Set(['target:/w/ö']));
  reserve.close();
  const again = StopReserve.open(path);
  again.reserve.close();
  expect([...(again.kept ?? [])]).toEqual([...KILLED]);
  expect([...again.proven]).toEqual(['target:/w/ö']);
});

test('is all there from the beginning, for its owner alone, and grows no more', () => {
  expect(found()).toEqual([]);
  const size = () => [statSync(path).size, statSync(path).blocks * 512 >= LIMITS.stopReserveBytes];
  expect(size()).toEqual([LIMITS.stopReserveBytes, true]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  keep(FROZEN, KILLED, FROZEN);
  expect(size()).toEqual([LIMITS.stopReserveBytes, true]);
});

test('holds what was written last, over any number of starts', () => {
  keep(FROZEN, KILLED);
  expect(found()).toEqual([...KILLED]);
  keep(FROZEN);
  expect(found()).toEqual([...FROZEN]);
  keep(new Map());
  expect(found()).toEqual([]);
});

test('what is torn leaves what stood before', () => {
  keep(FROZEN, KILLED);
  tear(2);
  expect(found()).toEqual([...FROZEN]);
});

test('where nothing can be read, it says so, and does not write over it', () => {
  keep(FROZEN, KILLED);
  tear(1);
  tear(2);
  expect(found()).toBeNull();
  expect(readFileSync(path).subarray(0, 4).toString()).not.toBe('\0\0\0\0');
});

test.each(['x', 'a'.repeat(HALF), '[["all","frozen"]]'])(
  'what somebody else wrote there counts as unreadable',
  (text) => {
    writeFileSync(path, text);
    expect(found()).toBeNull();
  },
);

test('keeps the newest where there is no room for all', () => {
  const many = new Map<Scope, 'frozen'>();
  for (let i = 0; i < 200; i++) many.set(`target:${i}${'x'.repeat(4000)}`, 'frozen');
  keep(many);
  const kept = found() ?? [];
  expect(kept.length).toBeGreaterThan(20);
  expect(kept).toEqual([...many].slice(-kept.length));
});
