import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Store } from '../store.ts';
import { seqs, type Workbench } from './workbench.ts';

const CRASHER = fileURLToPath(new URL('./crash-child.ts', import.meta.url));
/** Each batch of the crashing child: so many entries, a body and a cell, and a checkpoint over all of it. */
const CRASH_BATCH = 7;

export function testCrash(bench: Workbench): void {
  test('S1 S2 a writer killed while it appends leaves whole batches and all that were acknowledged', async () => {
    for (const acknowledgedAtLeast of [1, 5, 40]) {
      const before = await bench.store.size();
      await bench.store.close();
      const acknowledged = await killWhileAppending(bench, before, acknowledgedAtLeast);
      await bench.openAnother();
      const size = await bench.store.size();
      expect(size).toBeGreaterThanOrEqual(acknowledged);
      await expectWholeBatches(bench.store, size);
    }
  });
}

/** Resolves to the size of the log that the child last heard acknowledged, once it is dead. */
async function killWhileAppending(bench: Workbench, before: number, batches: number): Promise<number> {
  const child = spawn(process.execPath, [CRASHER, bench.keeper.module.href, bench.dir, String(CRASH_BATCH)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  let acknowledged = before;
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged = Number(line);
    if (acknowledged >= before + batches * CRASH_BATCH) child.kill('SIGKILL');
  }
  await exited;
  expect(child.signalCode).toBe('SIGKILL');
  return acknowledged;
}

async function expectWholeBatches(store: Store, size: number): Promise<void> {
  expect(size % CRASH_BATCH).toBe(0);
  expect(await seqs(store.entries(0, size + 100))).toEqual(Array.from({ length: size }, (_, i) => i));
  expect(await store.cell('crash', 'size')).toBe(String(size));
  expect(await store.lastCheckpoint()).toMatchObject({ size, note: `note ${size}` });
  expect(await store.body(`A${size - CRASH_BATCH}`, 'result')).toMatchObject({ text: `body ${size}` });
  expect(await store.body(`A${size}`, 'result')).toBeNull();
}
