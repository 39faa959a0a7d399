import type { Message } from './message.ts';

/** Brings a message to one channel. Rejects with Undelivered, or with whatever its library throws. */
export interface Carrier {
  send(message: Message, signal: AbortSignal): Promise<void>;
}

/** A message did not arrive. `code` is in our own words (`http-404`), since it is kept and shown. */
export class Undelivered extends Error {
  override readonly name = 'Undelivered';
  readonly code: string;
  /** Trying again would not help. */
  readonly final: boolean;
  constructor(code: string, final: boolean) {
    super(code);
    this.code = code;
    this.final = final;
  }
}

/** Whatever went wrong, as a code and whether to try again, without a word of what the other side said. */
export function undelivered(error: unknown): Undelivered {
  if (error instanceof Undelivered) return error;
  const { code, responseCode } = (typeof error === 'object' && error !== null ? error : {}) as {
    code?: unknown;
    responseCode?: unknown;
  };
  // RFC 5321 4.2.1: 5yz is a permanent negative reply.
  if (typeof responseCode === 'number' && responseCode >= 200 && responseCode <= 599)
    return new Undelivered(`smtp-${responseCode}`, responseCode >= 500);
  if (typeof code === 'string' && /^[A-Z0-9_]{1,28}$/.test(code))
    return new Undelivered(code.toLowerCase().replaceAll('_', '-'), false);
  const name = error instanceof Error ? error.name : '';
  return new Undelivered(name === 'TimeoutError' || name === 'AbortError' ? 'timeout' : 'failed', false);
}
