import type { Clock } from '../../base/clock.ts';
import type { Entry } from '../../contract/log-entry.ts';
import { parseVerifierKey, type Signer, signCheckpoint, type VerifierKey } from '../../ledger/index.ts';
import { type Report, verifyTail } from '../../ledger/verify/index.ts';
import { Recorder } from '../../pipeline/record.ts';
import { findOpen } from '../../pipeline/recover.ts';
import type { Store } from '../../store/store.ts';
import { StartFailure } from '../start-failure.ts';

/** The log does not hold: nothing starts on it. */
class BrokenLog extends StartFailure {
  constructor(report: Report) {
    super(describeBroken(report));
  }
}

/** What is broken, from which entry on, and the command that helps. */
export function describeBroken(report: Report): string[] {
  const from = report.brokenFrom === null ? '' : ` from entry ${report.brokenFrom} on`;
  return [
    `The log does not hold${from}; nothing runs on it.`,
    ...report.faults.map((fault) => `  ${fault.code}: ${fault.what}`),
    'See the whole report with ./lanyard log verify --deep. Keep the state directory as it is for whoever looks into it; go on with another state.',
  ];
}

export function keyOf(signer: Signer): VerifierKey {
  const key = parseVerifierKey(signer.verifierKey);
  if (!key.ok) throw new Error(`our own verifier key cannot be read: ${key.error}`);
  return key.value;
}

/**
 * Verifies the end of the log (the signed checkpoint, the tree's frontier, every entry after it) and opens it for
 * writing. Throws BrokenLog with what is broken and from which entry on; nothing is repaired silently.
 */
export async function openLog(
  store: Store,
  signer: Signer,
  clock: Clock,
  onFoundKept: (entries: readonly Entry[]) => void,
): Promise<Recorder> {
  const size = await store.size();
  const checkpoint = await store.lastCheckpoint();
  const pages = store.entries(checkpoint?.size ?? 0, size);
  const tail = await verifyTail(pages, {
    checkpoint,
    size,
    key: keyOf(signer),
    origin: signer.name,
    alwaysSigned: true,
  });
  if (!tail.ok) throw new BrokenLog(tail.error);
  const open = await findOpen(store, checkpoint);
  return new Recorder(
    { store, clock, onFoundKept, sign: (at, root) => signCheckpoint(signer, signer.name, at, root) },
    { tree: tail.value.tree, open, checkpointSize: checkpoint?.size ?? 0 },
  );
}
