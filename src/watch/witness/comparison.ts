import type { Checkpoint, VerifierKey } from '../../ledger/index.ts';
import { readWitnessed } from '../../ledger/index.ts';

/** The newest durable checkpoint of the state. */
export interface Here {
  readonly size: number;
  readonly root: Uint8Array;
  /** The signed note; empty where there is none yet. */
  readonly note: string;
}

/**
 * How what a witness has stands to the state. `ahead`: more of this log, or another root for the same size. `earlier`:
 * checkpoints that only reading the whole log can be held against.
 */
type Comparison =
  | {
      readonly kind: 'level';
      readonly earlier: readonly Checkpoint[];
      readonly strange: number;
      /** Whether it has the newest one. */
      readonly isUpToDate: boolean;
    }
  | { readonly kind: 'ahead'; readonly witnessed: number; readonly here: number };

/** A checkpoint goes to a witness only once it is durable here: whatever it has beyond the newest one here was lost here. */
export function compareWitnessed(text: string, key: VerifierKey, here: Here): Comparison {
  const { checkpoints, strange } = readWitnessed(text, key);
  const ahead = checkpoints.filter(
    ({ size, root }) => size > here.size || (size === here.size && !root.equals(here.root)),
  );
  if (ahead.length > 0)
    return { kind: 'ahead', witnessed: Math.max(...ahead.map(({ size }) => size)), here: here.size };
  return {
    kind: 'level',
    earlier: checkpoints.filter(({ size }) => size < here.size),
    strange,
    isUpToDate: checkpoints.some(({ size }) => size === here.size),
  };
}

/** What is wrong, by how much, and what to do: for the person who finds everything frozen. */
export function describeAhead(
  label: string,
  { witnessed, here }: { witnessed: number; here: number },
): string[] {
  const gone = witnessed - here;
  const what =
    gone > 0
      ? `The state is behind its witness ${label}: that has a signed checkpoint of ${witnessed} entries, and the state ended at ${here}. ${gone} entries are gone: the state was set back (an older copy of it put in place, say), or part of it was lost.`
      : `The state is not what its witness ${label} saw: for the first ${here} entries that has a signed checkpoint with another root. The log was set back and has gone on since, or was rewritten with its own key.`;
  return [
    what,
    "Everything is frozen. Put the newer state back and start again. ./lanyard log verify --against FILE (the witness's notes) says from which entry on they differ.",
    'If it is lost for good: keep what the witness has, name another witness in lanyard.yaml, ./lanyard apply, then ./lanyard release all --why "…" (docs/formats/witness.md).',
  ];
}
