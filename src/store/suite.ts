import { afterEach, beforeEach, describe } from 'vitest';
import { testAppending } from './suite/appending.ts';
import { testBodies, testCells, testCheckpoints } from './suite/beside.ts';
import { testCrash } from './suite/crash.ts';
import { testFinding } from './suite/finding.ts';
import { testClosing, testTwoOpeners } from './suite/life.ts';
import { testReading } from './suite/reading.ts';
import { type Keeper, Workbench } from './suite/workbench.ts';

export { type Keeper, makeBatch, makeBody, makeEntry } from './suite/workbench.ts';

/** Holds a keeper to every sentence of the contract (store.ts). Nothing here knows how a keeper works. */
export function describeStore(name: string, keeper: Keeper): void {
  describe(`${name} keeps the store contract`, () => {
    const bench = new Workbench(keeper);
    beforeEach(() => bench.setUp());
    afterEach(() => bench.tearDown());
    describe('appending', () => testAppending(bench));
    describe('reading', () => testReading(bench));
    describe('finding', () => testFinding(bench));
    describe('bodies', () => testBodies(bench));
    describe('cells', () => testCells(bench));
    describe('checkpoints', () => testCheckpoints(bench));
    if (keeper.shared) describe('two openers', () => testTwoOpeners(bench));
    describe('a crash', () => testCrash(bench));
    describe('closing', () => testClosing(bench));
  });
}
