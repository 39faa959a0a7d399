import { type Checkpoint, openCheckpoint } from '../../ledger/index.ts';
import { freezeEverything } from '../../pipeline/stop/freeze.ts';
import type { CheckpointRow } from '../../store/store.ts';
import type { Here } from '../../watch/witness/comparison.ts';
import type { House } from '../house.ts';
import { keyOf } from '../log/open-log.ts';

/**
 * Before anything is added to the log: asks every witness what it has, and freezes everything where one has what the
 * state has not. From then on sends them each checkpoint. Resolves to what reading the whole log must be held against.
 */
export async function meetWitnesses(house: House): Promise<readonly Checkpoint[]> {
  const { ahead, earlier } = await house.witnesses.begin(hereOf(house, house.found));
  for (const line of ahead ?? []) house.log(line);
  if (ahead !== null) freezeEverything(house.halt, house.recorder, 'the state is behind a witness');
  house.checkpoints.listen((row) => house.witnesses.offer(hereOf(house, row)));
  return earlier;
}

function hereOf(house: House, row: CheckpointRow | null): Here {
  const opened = row === null ? null : openCheckpoint(row.note, keyOf(house.signer));
  if (row === null || opened?.ok !== true) return { size: 0, root: new Uint8Array(32), note: '' };
  return { size: opened.value.size, root: opened.value.root, note: row.note };
}
