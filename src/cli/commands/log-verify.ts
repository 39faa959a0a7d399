import { createReadStream, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileFault } from '../../base/file-fault.ts';
import { LIMITS } from '../../base/limits.ts';
import { parseVerifierKey, readWitnessed, splitNotes, type VerifierKey } from '../../ledger/index.ts';
import { type CoverageReport, type Report, verifyBundle, verifyStored } from '../../ledger/verify/index.ts';
import { openLogFiles } from '../../main/log/log-files.ts';
import { CommandFailure, EXIT, type ExitCode } from '../exit-code.ts';
import { configPath } from '../place.ts';
import { print, printLine } from '../print.ts';
import { type Arguments, flag, option } from '../read-arguments.ts';

/** What a verification goes by, besides the log. */
interface Means {
  readonly key: VerifierKey | undefined;
  /** The text of notes that were kept elsewhere. */
  readonly against: string | undefined;
  readonly deep: boolean;
}

/** `log verify`: of a bundle with nothing but its bytes and a key, or of the log itself. Exits 3 where it does not hold. */
export async function run(args: Arguments): Promise<ExitCode> {
  // Before the log: one that goes on must not be behind what is read afterwards.
  const means = {
    key: readKey(option(args, 'key')),
    against: readNotes(option(args, 'against')),
    deep: flag(args, 'deep'),
  };
  const bundle = option(args, 'bundle');
  const report = bundle === undefined ? await verifyOwn(args, means) : await verifyFile(bundle, means);
  if (flag(args, 'json')) print(report);
  else describe(report);
  return report.holds ? EXIT.done : EXIT.denied;
}

function read(file: string, what: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw unreadable(what, file, error);
  }
}

const unreadable = (what: string, file: string, error: unknown) =>
  new CommandFailure(EXIT.failed, `The ${what} ${file} cannot be read: ${fileFault(error, 'read')}.`);

function readKey(file: string | undefined): VerifierKey | undefined {
  if (file === undefined) return undefined;
  const key = parseVerifierKey(read(file, 'key').trim());
  // Somebody may have touched the key as well as the log: by what is none, nothing holds.
  if (!key.ok) throw new CommandFailure(EXIT.denied, `${file} holds no verifier key: ${key.error}.`);
  return key.value;
}

/** Of a file, or of a witness's directory, which has one for each log: those of others are passed over by their keys. */
function readNotes(place: string | undefined): string | undefined {
  if (place === undefined) return undefined;
  const text = notesIn(place)
    .map((file) => read(file, 'checkpoint'))
    .join('\n\n');
  if (splitNotes(text).length > 0) return text;
  throw new CommandFailure(EXIT.denied, `${place} holds no signed note (see docs/formats/witness.md).`);
}

function notesIn(place: string): string[] {
  if (statSync(place, { throwIfNoEntry: false })?.isDirectory() !== true) return [place];
  const names = readdirSync(place).filter((name) => name.endsWith('.notes'));
  return names.map((name) => join(place, name));
}

async function verifyFile(file: string, { key, against, deep }: Means): Promise<Report> {
  const given = {
    ...(key === undefined ? {} : { key }),
    ...(against === undefined ? {} : { against }),
    deep,
  };
  try {
    return await verifyBundle(createReadStream(file), given);
  } catch (error) {
    throw unreadable('bundle', file, error);
  }
}

async function verifyOwn(args: Arguments, { key: given, against, deep }: Means): Promise<Report> {
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
      ...(against === undefined ? {} : { against: readWitnessed(against, key).checkpoints }),
      deep,
    });
  } finally {
    await close();
  }
}

function describe(report: Report): void {
  const say = printLine;
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
      `The log holds: ${counted(report.entries, 'entry', 'entries')}, ${report.covered} of them covered by a signed checkpoint${tail}.`,
    );
    if (report.against !== undefined)
      say(`It agrees with ${counted(report.against, 'checkpoint', 'checkpoints')} kept elsewhere.`);
  } else {
    say(
      `The log does not hold${report.brokenFrom === null ? '' : ` from entry ${report.brokenFrom} on`}: ${counted(report.faultCount, 'fault', 'faults')}.`,
    );
    for (const fault of report.faults) say(`  ${fault.code}: ${fault.what}`);
  }
  const open = report.open ?? [];
  for (const { action, seq } of open.slice(0, LIMITS.reportedFaults))
    say(`  open: action ${action}, allowed by entry ${seq}, has no outcome`);
  if (open.length > LIMITS.reportedFaults)
    say(`  … and ${open.length - LIMITS.reportedFaults} more; --json has all of them`);
  if (report.coverage !== undefined) describeCoverage(report.coverage);
}

const counted = (count: number, one: string, many: string): string => `${count} ${count === 1 ? one : many}`;

function describeCoverage({ entries, governed, holes, stretches, stretchCount }: CoverageReport): void {
  if (entries === 0) {
    printLine('Nothing in it says what was governed, so a missing record cannot be told from a quiet day.');
    return;
  }
  printLine(`What was governed is said ${entries} times; by the last: ${JSON.stringify(governed)}`);
  for (const { hole, about, since, what } of holes)
    printLine(
      `  hole: ${hole}${about === undefined ? '' : ` (${about})`} since ${since}${what === undefined ? '' : `: ${what}`}`,
    );
  for (const { kind, from, to, after } of stretches)
    printLine(`  ${SAID[kind]} from ${from} to ${to}, behind entry ${after}`);
  if (stretchCount > stretches.length)
    printLine(`  … and ${stretchCount - stretches.length} more such times`);
}

const SAID = {
  stopped: 'stopped, as announced:',
  'cut-off': 'cut off, and not running until the next start:',
  silent: 'silent, though an entry was due (the clock was set, the machine slept, or records are missing):',
} as const;
