import { Telemetry } from '../../watch/telemetry/telemetry.ts';
import { openCoverage } from '../evidence/coverage.ts';
import type { House } from '../house.ts';
import { VERSION } from '../version.ts';
import type { Notifying } from './notifying.ts';

/** What follows the log of a house: coverage, which is said in it, telemetry and witnesses, which are told from it. */
export interface Watching {
  start(): Promise<void>;
  /** While entries can still be written. */
  sayLast(): Promise<void>;
  /** After the last checkpoint. */
  end(): Promise<void>;
}

export async function openWatching(house: House, notifying: Notifying): Promise<Watching> {
  const coverage = await openCoverage(house, notifying);
  const place = house.resolved().telemetry;
  const telemetry =
    place === null
      ? null
      : new Telemetry({ store: house.store, place, version: VERSION, log: (line) => house.log(line) });
  return {
    async start() {
      await telemetry?.start();
      await coverage.start();
    },
    sayLast: () => coverage.stop(),
    async end() {
      await Promise.all([house.witnesses.end(), telemetry?.stop()]);
    },
  };
}
