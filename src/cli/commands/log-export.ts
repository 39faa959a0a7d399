import { createWriteStream } from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { bundleHeader, bundleLines } from '../../ledger/bundle.ts';
import { openLogFiles } from '../../main/offline.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { bringUpToDate } from '../log.ts';
import { configPath } from '../place.ts';
import type { Arguments } from '../read-arguments.ts';

/** `log export FILE`: a bundle of exactly the entries that the newest checkpoint covers. */
export async function run(args: Arguments): Promise<ExitCode> {
  const config = configPath(args);
  await bringUpToDate(config);
  const { store, signerOf, close } = await openLogFiles(config);
  try {
    const checkpoint = await store.lastCheckpoint();
    if (checkpoint === null)
      throw new CommandFailure(EXIT.failed, 'There is nothing to export yet: the log has no checkpoint.');
    const signer = signerOf();
    const lines = async function* () {
      yield bundleHeader(signer.name, signer.verifierKey, checkpoint.note);
      for await (const page of store.entries(0, checkpoint.size)) yield bundleLines(page);
    };
    const file = args.words[0] ?? '-';
    await pipeline(Readable.from(lines()), sinkOf(file), { end: file !== '-' });
    const behind = (await store.size()) - checkpoint.size;
    const tail = behind > 0 ? `; ${behind} newer entries have no checkpoint yet` : '';
    process.stderr.write(`exported ${checkpoint.size} entries${tail}; verifier key ${signer.verifierKey}\n`);
    return EXIT.done;
  } finally {
    await close();
  }
}

function sinkOf(file: string): Writable {
  return file === '-' ? process.stdout : createWriteStream(file, { mode: 0o600 });
}
