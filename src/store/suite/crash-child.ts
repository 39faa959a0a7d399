import { createHash } from 'node:crypto';
import type { Store } from '../store.ts';

/**
 * The child process of the suite's crash test: opens the store that the module in argv[2] keeps in the directory
 * argv[3] and appends batches of argv[4] entries until it is killed, saying the size of the log after each append
 * that was acknowledged.
 */
const [, , moduleUrl = '', dir = '', count = ''] = process.argv;
const batchEntries = Number(count);
const keeper = (await import(moduleUrl)) as { open(dir: string): Promise<Store> };
const store = await keeper.open(dir);
let size = await store.size();
for (;;) {
  const first = size;
  size += batchEntries;
  await store.append({
    first,
    entries: Array.from({ length: batchEntries }, (_, i) => {
      const text = `{"kind":"instance.gap","pad":"${'x'.repeat(400)}","seq":${first + i}}`;
      const leaf = createHash('sha256').update(`\0${text}`).digest();
      return { text, leaf, kind: 'instance.gap', atMs: first + i, agent: 'writer' };
    }),
    bodies: [
      { action: `A${first}`, part: 'result', salt: new Uint8Array(16), text: `body ${size}`, expiresAtMs: 1 },
    ],
    cells: [{ kind: 'crash', key: 'size', value: String(size) }],
    checkpoint: { size, note: `note ${size}`, frontier: new Uint8Array(32), open: [] },
  });
  process.stdout.write(`${size}\n`);
}
