import { createWriteStream } from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { problem } from '../../base/errors.ts';
import { fileFault } from '../../base/file-fault.ts';
import { entryIn } from '../../contract/log-entry.ts';
import { bundleHeader, bundleLines, type LogRow } from '../../ledger/bundle.ts';
import { printEntry } from '../../ledger/index.ts';
import { openFiles } from '../../main/lab/offline.ts';
import { openLogFiles } from '../../main/log/log-files.ts';
import { StartFailure } from '../../main/start-failure.ts';
import { VERSION } from '../../main/version.ts';
import { type OcsfSource, ocsfOf } from '../../watch/ocsf/ocsf.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { bringUpToDate } from '../log.ts';
import { configPath } from '../place.ts';
import { type Arguments, option } from '../read-arguments.ts';

/** `log export FILE`: exactly the entries that the newest checkpoint covers, as a bundle or as OCSF events, a line each. */
export async function run(args: Arguments): Promise<ExitCode> {
  const format = option(args, 'format') ?? 'bundle';
  if (format !== 'bundle' && format !== 'ocsf')
    throw new CommandFailure(EXIT.usage, `There is no format "${format}"; say bundle or ocsf.`);
  const config = configPath(args);
  await bringUpToDate(config);
  const { store, signerOf, close } = await openLogFiles(config);
  try {
    const checkpoint = await store.lastCheckpoint();
    if (checkpoint === null)
      throw new CommandFailure(EXIT.failed, 'There is nothing to export yet: the log has no checkpoint.');
    const signer = signerOf();
    const source: OcsfSource | null =
      format === 'ocsf'
        ? { origin: signer.name, version: VERSION, effectsOf: await effectsIn(config) }
        : null;
    const lines = async function* () {
      if (source === null) yield bundleHeader(signer.name, signer.verifierKey, checkpoint.note);
      for await (const page of store.entries(0, checkpoint.size))
        yield source === null ? bundleLines(page) : ocsfLines(page, source);
    };
    const file = args.words[0] ?? '-';
    const sink = sinkOf(file);
    await pipeline(Readable.from(lines()), sink, { end: file !== '-' }).catch((error: unknown) => {
      throw sink.errored === error ? unwritable(file, error) : error;
    });
    const behind = (await store.size()) - checkpoint.size;
    const tail = behind > 0 ? `; ${behind} newer entries have no checkpoint yet` : '';
    process.stderr.write(`exported ${checkpoint.size} entries${tail}; verifier key ${signer.verifierKey}\n`);
    return EXIT.done;
  } finally {
    await close();
  }
}

function ocsfLines(page: readonly LogRow[], source: OcsfSource): string {
  return page
    .map(({ text, leaf }) => ocsfOf(entryIn(text), printEntry(text, leaf), source))
    .map((event) => `${JSON.stringify(event)}\n`)
    .join('');
}

/** What operations do, by the catalogs in force now; a set that cannot be built here names none. */
async function effectsIn(config: string): Promise<OcsfSource['effectsOf']> {
  try {
    const { inForce, close } = await openFiles(config, process.env);
    await close();
    return (operation) => {
      const [, upstream = '', name = ''] = /^mcp:([^/]+)\/(.+)$/.exec(operation) ?? [];
      return inForce.upstreams.get(upstream)?.entryOf(name)?.effect ?? [];
    };
  } catch (error) {
    if (error instanceof StartFailure) return () => [];
    throw error;
  }
}

function unwritable(file: string, error: unknown): CommandFailure {
  const why = fileFault(error, 'write');
  return new CommandFailure(EXIT.failed, problem('EXPORT_UNWRITABLE', { file, why }).sentence);
}

function sinkOf(file: string): Writable {
  return file === '-' ? process.stdout : createWriteStream(file, { mode: 0o600 });
}
