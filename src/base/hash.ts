import { hash, timingSafeEqual } from 'node:crypto';

/** SHA-256 as 32 bytes. As a string of bytes first: node makes that in a third of the time of a Buffer of its own (measured). */
export function sha256(data: string | Uint8Array): Buffer {
  return Buffer.from(hash('sha256', data, 'binary'), 'latin1');
}

/** `sha256:` and lower-case hex: the form of every digest in the log and in answers. */
export function digestOf(data: string | Uint8Array): string {
  return `sha256:${hash('sha256', data, 'hex')}`;
}

/** Whether two byte strings are equal, in time that depends on their lengths alone. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
