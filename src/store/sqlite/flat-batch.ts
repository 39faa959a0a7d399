import type { AppendBatch, Body, CellChange, CheckpointRow, NewEntry } from '../store.ts';

/**
 * A batch as it crosses to the writing thread: few large values in place of many small objects, since a structured
 * clone pays for every one of them. Texts hold no newline (canonical JSON escapes it), so one string carries them all.
 */
export interface FlatBatch {
  readonly first: number;
  readonly count: number;
  readonly texts: string;
  /** 32 bytes for each entry. */
  readonly leaves: Uint8Array;
  readonly kinds: readonly string[];
  readonly times: readonly number[];
  readonly actions: readonly (string | undefined)[];
  readonly agents: readonly (string | undefined)[];
  readonly sessions: readonly (string | undefined)[];
  readonly bodies: readonly Body[];
  readonly cells: readonly CellChange[];
  readonly checkpoint: CheckpointRow | undefined;
}

const LEAF_BYTES = 32;

/** Throws RangeError for an entry that would not come out as it went in. */
export function flatten(batch: AppendBatch): FlatBatch {
  const { entries } = batch;
  const leaves = new Uint8Array(entries.length * LEAF_BYTES);
  for (const [i, { leaf, text }] of entries.entries()) {
    if (leaf.length !== LEAF_BYTES) throw new RangeError('a leaf hash has 32 bytes');
    if (text.includes('\n')) throw new RangeError('the text of an entry holds no newline');
    leaves.set(leaf, i * LEAF_BYTES);
  }
  return {
    first: batch.first,
    count: entries.length,
    texts: entries.map((entry) => entry.text).join('\n'),
    leaves,
    kinds: entries.map((entry) => entry.kind),
    times: entries.map((entry) => entry.atMs),
    actions: entries.map((entry) => entry.action),
    agents: entries.map((entry) => entry.agent),
    sessions: entries.map((entry) => entry.session),
    // A view into a pooled buffer would carry the whole pool across.
    bodies: batch.bodies.map((body) => ({ ...body, salt: Uint8Array.from(body.salt) })),
    cells: batch.cells,
    checkpoint: batch.checkpoint && {
      ...batch.checkpoint,
      frontier: Uint8Array.from(batch.checkpoint.frontier),
    },
  };
}

export function unflatten(flat: FlatBatch): AppendBatch {
  const texts = flat.count === 0 ? [] : flat.texts.split('\n');
  const entries = texts.map((text, i): NewEntry => {
    const [action, agent, session] = [flat.actions[i], flat.agents[i], flat.sessions[i]];
    return {
      text,
      leaf: flat.leaves.subarray(i * LEAF_BYTES, (i + 1) * LEAF_BYTES),
      kind: flat.kinds[i] ?? '',
      atMs: flat.times[i] ?? 0,
      ...(action === undefined ? {} : { action }),
      ...(agent === undefined ? {} : { agent }),
      ...(session === undefined ? {} : { session }),
    };
  });
  const { first, bodies, cells, checkpoint } = flat;
  return { first, entries, bodies, cells, ...(checkpoint === undefined ? {} : { checkpoint }) };
}
