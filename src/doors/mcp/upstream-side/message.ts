import type { Problem } from '../../../base/errors.ts';
import { looseMessage, looseRequestId } from '../../../intake/loose-message.ts';
import type { Message, RequestId } from '../../../intake/message.ts';
import { readUpstreamMessage } from '../../../intake/upstream-message.ts';

/** One message of an upstream; `stray` is what cannot be read as one. */
export type UpstreamMessage =
  | Message
  | {
      readonly kind: 'stray';
      /** The request of ours that it means to answer, as far as can be told. */
      readonly id: number | null;
      /** The id of what it means to ask. */
      readonly asks: RequestId | null;
      /** What is wrong with it. */
      readonly why: Problem;
    };

/**
 * Reads one message, as strictly as an agent's (intake/upstream-message.ts): what goes on is what was parsed there. A
 * message that is refused may still name the call it answers, or that it asks something, so that nobody waits for a time-out.
 */
export function readMessage(bytes: Buffer, upstream: string): UpstreamMessage {
  const message = readUpstreamMessage(bytes, upstream);
  if (message.ok) return withOurId(message.value);
  return { kind: 'stray', id: answeredId(bytes), asks: looseRequestId(bytes), why: message.error };
}

/** Our ids are integers. Some servers answer with the digits as a string, and clients in the field read them so. */
function withOurId(message: Message): Message {
  if ((message.kind !== 'result' && message.kind !== 'error') || typeof message.id !== 'string')
    return message;
  return DIGITS.test(message.id) ? { ...message, id: Number(message.id) } : message;
}

const DIGITS = /^[1-9]\d{0,14}$/;
/** An answer of no call of ours is nobody's: our ids are integers. */
function answeredId(bytes: Buffer): number | null {
  const message = looseMessage(bytes);
  if (message === null || Object.hasOwn(message, 'method')) return null;
  const { id } = message;
  return typeof id === 'number' ? id : null;
}
