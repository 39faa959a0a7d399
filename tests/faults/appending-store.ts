import { writeSync } from 'node:fs';
import { openSqlite } from '../../src/store/sqlite/index.ts';
import { makeBatch } from '../../src/store/suite.ts';

/**
 * Appends to a store as fast as it takes it, for ever: argv is its path. Says `open N` with the size that it found, and
 * `kept N` whenever the log is acknowledged up to there. Reads and expires bodies now and then: both make segments turn.
 */
const CALLERS = 4;
const LOOK_EVERY = 60;
const [, , path = ''] = process.argv;
const store = await openSqlite(path);
let next = await store.size();
writeSync(1, `open ${next}\n`);

async function appendOn(): Promise<void> {
  for (;;) {
    const [first, count] = [next, 1 + (next % 3)];
    next += count;
    const body = {
      action: `a${first}`,
      part: 'arguments',
      salt: new Uint8Array(16),
      text: '{}',
      expiresAtMs: first,
    } as const;
    const cells = [{ kind: 'newest', key: 'batch', value: String(first) }];
    await store.append({ ...makeBatch(first, count), bodies: [body], cells });
    writeSync(1, `kept ${first + count}\n`);
    if (first % LOOK_EVERY === 0) await store.expireBodies(first);
  }
}

await Promise.all(Array.from({ length: CALLERS }, appendOn));
