import type { ServerResponse } from 'node:http';

/** One whole JSON answer. `bytes`: the text in UTF-8, where it is long and was there already. */
interface JsonAnswer {
  readonly status: number;
  readonly text: string;
  readonly bytes?: Buffer;
}

/** Answers in one write. */
export function writeJson(
  res: ServerResponse,
  { status, text, bytes }: JsonAnswer,
  headers?: Readonly<Record<string, string>>,
): void {
  const body = bytes ?? text;
  res.writeHead(status, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    ...headers,
  });
  res.end(body);
}
