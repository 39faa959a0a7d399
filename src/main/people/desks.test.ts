import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { problem } from '../../base/errors.ts';
import { createIds } from '../../base/ids.ts';
import { Changes } from '../../control/people/changes.ts';
import { createTree } from '../../ledger/tree.ts';
import type { OperatorAct } from '../../pipeline/operate.ts';
import { Recorder } from '../../pipeline/record.ts';
import { openSqlite } from '../../store/sqlite/index.ts';
import { createSocketDesk } from './desks.ts';

const MINUTE = 60_000;

/** Which of the acts made at these minutes somebody was told of. */
async function told(minutes: readonly number[], act: Partial<OperatorAct<string>> = {}): Promise<number[]> {
  let now = 0;
  let current = 0;
  const heard: number[] = [];
  const directory = mkdtempSync(join(tmpdir(), 'lanyard-desk-'));
  const store = await openSqlite(join(directory, 'log.sqlite'));
  const recorder = new Recorder(
    { store, clock: systemClock, onFoundKept: () => undefined, sign: () => 'a note' },
    { tree: createTree(0), open: [], checkpointSize: 0 },
  );
  const clock = { now: () => now, monotonicMs: () => now };
  const ground = { clock, recorder, instance: 'sha256:', claimed: () => false };
  const changes = new Changes(ground, createIds(clock));
  const operate = createSocketDesk(ground, changes, () => heard.push(current))();
  for (const minute of minutes) {
    now = minute * MINUTE;
    current = minute;
    await operate({ name: 'stop', fields: {}, cells: [], apply: () => 'done', ...act });
  }
  await recorder.close();
  await store.close();
  rmSync(directory, { recursive: true });
  return heard;
}

describe('acts by socket', () => {
  it('are told of from the third within ten minutes on', async () => {
    expect(await told([0, 1, 2, 3])).toEqual([2, 3]);
  });

  it('are not told of where they are few', async () => {
    expect(await told([0, 5, 11, 16, 22])).toEqual([]);
  });

  it('are told of again after a quiet time', async () => {
    expect(await told([0, 1, 2, 60, 61, 62])).toEqual([2, 62]);
  });

  it('do not count where they were refused', async () => {
    expect(
      await told([0, 1, 2, 3], { name: 'release', refuse: async () => problem('STOPPED_MEANWHILE') }),
    ).toEqual([]);
  });
});
