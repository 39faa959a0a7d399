import type { OpenReads } from '../../control/port.ts';
import { healthOf } from '../health.ts';
import type { House } from '../house.ts';
import { LogTiles } from '../log/log-tiles.ts';
import { Counts, metricsText } from '../metrics.ts';

/** What is shown to programs that have not signed in: figures, and the hashes of the log. */
export function openReads(house: House, undelivered: () => number): OpenReads {
  const counts = new Counts();
  house.checkpoints.listenToEntries((entries) => counts.see(entries));
  const tiles = new LogTiles(house.store);
  return {
    whyUnwell: healthOf(house),
    metrics: () => metricsText(house, counts, undelivered()),
    checkpoint: () => tiles.checkpoint(),
    tile: (name) => tiles.tile(name),
  };
}
