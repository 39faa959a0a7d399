import { start } from '../../src/main/start.ts';
import { openSqlite } from '../../src/store/sqlite/index.ts';
import type { AppendBatch } from '../../src/store/store.ts';

/**
 * An instance that kills itself at an append: argv is the configuration; the kind of entry that the append writes, or
 * `checkpoint`; `before` or `after` the commit; the how manieth such append (1); and a kind of which the first append
 * fails (none). Everything in it is the product's own but the wrapper around the store.
 */
const [, , configPath = '', kind = '', when = '', nth = '1', failing = ''] = process.argv;
let left = Number(nth);
let toFail = failing;

const writes = ({ entries }: AppendBatch, what: string) => entries.some((entry) => entry.kind === what);

function isTheOne(batch: AppendBatch): boolean {
  if (kind === 'checkpoint' ? batch.checkpoint === undefined : !writes(batch, kind)) return false;
  left--;
  return left === 0;
}

const openStore = async (path: string) => {
  const store = await openSqlite(path);
  const append = store.append.bind(store);
  store.append = async (batch) => {
    if (toFail !== '' && writes(batch, toFail)) {
      toFail = '';
      throw new Error('the planned fault');
    }
    const here = isTheOne(batch);
    if (here && when === 'before') process.kill(process.pid, 'SIGKILL');
    await append(batch);
    if (here) process.kill(process.pid, 'SIGKILL');
  };
  return store;
};
const log = (line: string) => process.stderr.write(`lanyard: ${line}\n`);
const instance = await start({ configPath, environment: process.env, openStore, log });
process.stdout.write(`ready ${instance.url}\n`);
process.on('SIGTERM', () => void instance.stop());
