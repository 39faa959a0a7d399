import { err, ok, type Result } from '../base/result.ts';
import type { EntryFields, EntryKind } from '../contract/log-entry.ts';
import type { CellChange } from '../store/store.ts';
import type { Recorder } from './record.ts';

/**
 * The second corridor: what people do. Authenticated → authorised → recorded → applied. Each act tightens or widens;
 * what is not listed as tightening widens. A tightening act is applied first and recorded then, and never fails for
 * want of a record; a widening one is durable before it has any effect.
 */
export const ACTS = {
  stop: { direction: 'tightens', kind: 'containment.stopped' },
  revoke: { direction: 'tightens', kind: 'operator.revoked' },
  release: { direction: 'widens', kind: 'containment.released' },
  apply: { direction: 'widens', kind: 'operator.applied' },
  token: { direction: 'widens', kind: 'operator.token' },
  accept: { direction: 'widens', kind: 'operator.accepted' },
} as const satisfies Record<string, { direction: 'tightens' | 'widens'; kind: EntryKind }>;

export type ActName = keyof typeof ACTS;

/** Who acts. The socket proves only that a program of the same user acts: nobody's answer. */
export interface Operator {
  readonly by: 'socket' | 'start';
}

/** One operator's act, ready to be done. */
export interface OperatorAct<T> {
  readonly name: ActName;
  /** An `apply` that only adds forbids or lowers levels. */
  readonly tightens?: boolean;
  /** What the entry says, besides who and by what proof. */
  readonly fields: Omit<EntryFields, 'kind'>;
  readonly cells: readonly CellChange[];
  /** Refuses now, before anything is recorded; a sentence, or null. */
  readonly refuse?: () => Promise<string | null>;
  /** The effect in memory. Cannot fail. */
  apply(): T;
}

export interface Done<T> {
  readonly value: T;
  /** Set when a tightening act took effect and could not be recorded. */
  readonly unrecorded?: string;
}

export async function operate<T>(
  recorder: Recorder,
  operator: Operator,
  act: OperatorAct<T>,
): Promise<Result<Done<T>, string>> {
  const { direction, kind } = ACTS[act.name];
  const tightens = direction === 'tightens' || act.tightens === true;
  const refusal = (await act.refuse?.()) ?? null;
  if (refusal !== null) return err(refusal);

  const draft = {
    // No person can sign in yet: a widening act is recorded with what proved it, which is nothing.
    fields: { ...act.fields, kind, by: operator.by, ...(tightens ? {} : { proof: 'none' }) },
    cells: act.cells,
  };
  if (tightens) {
    const value = act.apply();
    try {
      await recorder.record(draft);
      return ok({ value });
    } catch (error) {
      recorder.owe(draft);
      return ok({ value, unrecorded: String(error) });
    }
  }
  try {
    await recorder.record(draft);
  } catch (error) {
    // Should the store have kept it all the same (S3), the log shows it, and the next start follows the log.
    return err(
      `It could not be recorded, so it was not done; look in the log before you repeat it: ${String(error)}`,
    );
  }
  return ok({ value: act.apply() });
}
