import { request } from 'node:http';

/** A header that is undefined is left out. */
export type Headers = Readonly<Record<string, string | undefined>>;

/** A stream of a door, byte by byte. */
export interface Stream {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  /** What has come by now. */
  text(): string;
  /** Resolves when what has come holds this. */
  holds(part: string): Promise<void>;
  readonly ended: Promise<void>;
  close(): void;
}

export function openStream(
  port: number,
  headers: Headers,
  path = '/mcp/files',
  /** The body of a POST; absent: a GET. */
  post?: string,
): Promise<Stream> {
  const all = { authorization: 'Bearer token-writer', accept: 'text/event-stream', ...headers };
  const given = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
  return new Promise((resolve, reject) => {
    const method = post === undefined ? 'GET' : 'POST';
    const req = request({ port, host: '127.0.0.1', method, path, headers: given, agent: false });
    req.on('error', reject);
    req.on('response', (res) => {
      let text = '';
      const looks = new Set<() => void>();
      res.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        for (const look of [...looks]) look();
      });
      res.on('error', () => undefined);
      resolve({
        status: res.statusCode ?? 0,
        headers: res.headers,
        text: () => text,
        holds: (part) =>
          new Promise((done) => {
            const look = () => {
              if (!text.includes(part)) return;
              looks.delete(look);
              done();
            };
            looks.add(look);
            look();
          }),
        ended: new Promise((done) => res.on('close', () => done())),
        close: () => req.destroy(),
      });
    });
    req.end(post);
  });
}

/** Headers of a request in a session of 2025-11-25. */
export const inSession = (session: string, more: Readonly<Record<string, string>> = {}) => ({
  'mcp-session-id': session,
  'mcp-protocol-version': '2025-11-25',
  ...more,
});
/** The event ids that stand in what has come. */
export const idsIn = (text: string) => [...text.matchAll(/^id: (\S+)$/gm)].map(([, id]) => id ?? '');
