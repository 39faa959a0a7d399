import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';

/**
 * Hands on each line that comes through a socket, and says when no more will. Who owns the socket listens for its
 * errors: a reader of lines repeats them, and an error that nobody hears ends the whole process.
 */
export function readLines(socket: Readable, line: (text: string) => void, end: () => void = () => {}): void {
  const reader = createInterface({ input: socket });
  reader.on('error', () => reader.close());
  reader.on('line', line);
  reader.on('close', end);
}
