import { canonicalize } from '../../base/canonical.ts';
import { digestOf } from '../../base/hash.ts';
import type { StopCodes } from '../credentials/stop-codes.ts';
import type { StopKey, StopKeys } from '../credentials/stop-keys.ts';
import type { OperatorAct } from '../operate.ts';

/**
 * The acts about keys that stop. Neither widens what agents can do, so a signed-in person needs no passkey for her own;
 * taking one away is no tightening either: whoever wants to act undisturbed would begin with it.
 */
export function makeStopKey(keys: StopKeys, record: StopKey): OperatorAct<void> {
  const kept = JSON.stringify(record);
  const { id, person } = record;
  return {
    name: 'stop-key',
    about: { person },
    unsigned: true,
    fields: { subject: person, key: id, verifier: digestOf(kept) },
    cells: [{ kind: 'stop-key', key: id, value: kept }],
    apply: () => keys.put(record),
  };
}

/** `own`: by whoever it belongs to. Another's is taken away with a passkey. */
export function revokeStopKey(keys: StopKeys, { id, person }: StopKey, own: boolean): OperatorAct<void> {
  return {
    name: 'revoke-stop-key',
    about: { person },
    unsigned: own,
    fields: { subject: person, key: id },
    cells: [{ kind: 'stop-key', key: id, value: null }],
    apply: () => keys.remove(id),
  };
}

/** The codes of a person from here on: what was good before and is not among them is good no more. */
export function setStopCodes(
  codes: StopCodes,
  person: string,
  digests: readonly string[],
): OperatorAct<void> {
  return {
    name: 'stop-codes',
    about: { person },
    unsigned: true,
    fields: { subject: person, codes: digests },
    cells: [{ kind: 'stop-codes', key: person, value: canonicalize(digests) }],
    apply: () => codes.set(person, digests),
  };
}
