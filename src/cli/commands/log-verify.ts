import { createReadStream, readFileSync } from 'node:fs';
import { parseVerifierKey, type VerifierKey } from '../../ledger/index.ts';
import { type Report, verifyBundle, verifyStored } from '../../ledger/verify/index.ts';
import { openLogFiles } from '../../main/offline.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { configPath } from '../place.ts';
import { print } from '../print.ts';
import { type Arguments, flag, option } from '../read-arguments.ts';

/** `log verify`: of a bundle with nothing but its bytes and a key, or of the log itself. Exits 3 where it does not hold. */
export async function run(args: Arguments): Promise<ExitCode> {
  const key = readKey(option(args, 'key'));
  const deep = flag(args, 'deep');
  const bundle = option(args, 'bundle');
  const report =
    bundle === undefined ? await verifyOwn(args, key, deep) : await verifyFile(bundle, key, deep);
  if (flag(args, 'json')) print(report);
  else describe(report);
  return report.holds ? EXIT.done : EXIT.denied;
}

function readKey(file: string | undefined): VerifierKey | undefined {
  if (file === undefined) return undefined;
  let line: string;
  try {
    line = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new CommandFailure(
      EXIT.failed,
      `The key cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  const key = parseVerifierKey(line);
  if (!key.ok) throw new CommandFailure(EXIT.failed, `${file} holds no verifier key: ${key.error}.`);
  return key.value;
}

async function verifyFile(file: string, key: VerifierKey | undefined, deep: boolean): Promise<Report> {
  try {
    return await verifyBundle(createReadStream(file), { ...(key === undefined ? {} : { key }), deep });
  } catch (error) {
    throw new CommandFailure(
      EXIT.failed,
      `The bundle cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

async function verifyOwn(args: Arguments, given: VerifierKey | undefined, deep: boolean): Promise<Report> {
  const { store, signerOf, close } = await openLogFiles(configPath(args));
  try {
    const signer = signerOf();
    const own = parseVerifierKey(signer.verifierKey);
    const key = given ?? (own.ok ? own.value : undefined);
    if (key === undefined)
      throw new CommandFailure(EXIT.failed, 'The checkpoint key of this state cannot be read.');
    const checkpoint = await store.lastCheckpoint();
    return await verifyStored(store.entries(0, await store.size()), {
      checkpoint,
      key,
      origin: signer.name,
      alwaysSigned: true,
      deep,
    });
  } finally {
    await close();
  }
}

function describe(report: Report): void {
  const say = (line: string) => process.stdout.write(`${line}\n`);
  if (report.key !== null && !report.key.given) {
    say(
      `The key came with the log itself: this proves integrity, not origin. Its fingerprint: ${report.key.fingerprint}`,
    );
  }
  if (report.holds) {
    const tail =
      report.tail > 0
        ? `; ${report.tail} newer ones hold in themselves and are covered by no checkpoint yet`
        : '';
    say(
      `The log holds: ${report.entries} entries, ${report.covered} of them covered by a signed checkpoint${tail}.`,
    );
  } else {
    say(
      `The log does not hold${report.brokenFrom === null ? '' : ` from entry ${report.brokenFrom} on`}: ${report.faultCount} faults.`,
    );
    for (const fault of report.faults) say(`  ${fault.code}: ${fault.what}`);
  }
  for (const open of report.open ?? [])
    say(`  open: action ${open.action}, allowed by entry ${open.seq}, has no outcome`);
}
