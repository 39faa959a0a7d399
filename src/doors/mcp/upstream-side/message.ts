import { isJsonObject } from '../../../base/json.ts';
import type { Message } from '../../../intake/message.ts';
import { readUpstreamMessage } from '../../../intake/upstream-message.ts';

/** One message of an upstream; `stray` is what cannot be read as one. */
export type UpstreamMessage =
  | Message
  /** `id`: the request of ours that it means to answer, as far as can be told. */
  | { readonly kind: 'stray'; readonly id: number | null; readonly what: string };

/**
 * Reads one message, as strictly as an agent's (intake/upstream-message.ts): what goes on is what was parsed there. A
 * message that is refused may still name the call it answers, so that this call fails now and not at its time-out.
 */
export function readMessage(bytes: Buffer, upstream: string): UpstreamMessage {
  const message = readUpstreamMessage(bytes, upstream);
  if (message.ok) return message.value;
  return { kind: 'stray', id: answeredId(bytes), what: 'its answer was refused' };
}

/** Read loosely, and good for nothing but telling which call has failed. */
function answeredId(bytes: Buffer): number | null {
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
  if (!isJsonObject(value) || Object.hasOwn(value, 'method')) return null;
  const id = value['id'];
  return typeof id === 'number' ? id : null;
}
