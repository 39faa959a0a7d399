import type { Problem } from '../../../base/errors.ts';
import { isJsonObject } from '../../../base/json.ts';
import type { Message } from '../../../intake/message.ts';
import { readUpstreamMessage } from '../../../intake/upstream-message.ts';

/** One message of an upstream; `stray` is what cannot be read as one. */
export type UpstreamMessage =
  | Message
  /** `id`: the request of ours that it means to answer, as far as can be told; `why`: what is wrong with it. */
  | { readonly kind: 'stray'; readonly id: number | null; readonly why: Problem };

/**
 * Reads one message, as strictly as an agent's (intake/upstream-message.ts): what goes on is what was parsed there. A
 * message that is refused may still name the call it answers, so that this call fails now and not at its time-out.
 */
export function readMessage(bytes: Buffer, upstream: string): UpstreamMessage {
  const message = readUpstreamMessage(bytes, upstream);
  if (message.ok) return withOurId(message.value);
  return { kind: 'stray', id: answeredId(bytes), why: message.error };
}

/** Our ids are integers. Some servers answer with the digits as a string, and clients in the field read them so. */
function withOurId(message: Message): Message {
  if ((message.kind !== 'result' && message.kind !== 'error') || typeof message.id !== 'string')
    return message;
  return DIGITS.test(message.id) ? { ...message, id: Number(message.id) } : message;
}

const DIGITS = /^[1-9]\d{0,14}$/;
/** What Python's writer of JSON makes of numbers that JSON does not have. */
const NO_NUMBERS = /\b(?:NaN|Infinity)\b/g;

/** Read loosely, and good for nothing but telling which call has failed. */
function answeredId(bytes: Buffer): number | null {
  const text = bytes.toString('utf8').replace(/^\ufeff/, '');
  const read = looselyRead(text) ?? looselyRead(text.replace(NO_NUMBERS, '0'));
  const value: unknown = Array.isArray(read) ? read[0] : read;
  if (!isJsonObject(value) || Object.hasOwn(value, 'method')) return null;
  const id = value['id'];
  return typeof id === 'number' ? id : null;
}

function looselyRead(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
