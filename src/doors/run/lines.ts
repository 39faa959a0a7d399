import type { Duplex } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';

/** Messages between `./lanyard run` and its instance: one JSON object a line, either way. */
export function tell(socket: Duplex, message: JsonObject): void {
  if (!socket.destroyed) socket.write(`${JSON.stringify(message)}\n`);
}

/** `then` gets each message; a line that is too long or none cuts the connection. */
export function hear(socket: Duplex, then: (message: JsonObject) => void): void {
  let rest = '';
  // The other side says nothing more once it has ended; an HTTP server would keep its own half open.
  socket.on('end', () => socket.destroy());
  const decoder = new StringDecoder('utf8');
  socket.on('data', (chunk: Buffer) => {
    rest += decoder.write(chunk);
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    if (rest.length > LIMITS.runLineBytes) socket.destroy();
    for (const line of lines) {
      const message = read(line);
      if (message === null) socket.destroy();
      else then(message);
    }
  });
}

function read(line: string): JsonObject | null {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}
