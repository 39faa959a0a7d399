import { requestFor } from '../../base/http.ts';
import { LIMITS } from '../../base/limits.ts';
import { Undelivered } from './carrier.ts';

/**
 * One POST to a configured address. Redirects are not followed, since another address is one that nobody configured; what
 * comes back is thrown away unread, up to a bound. Rejects with Undelivered where the answer is no 2xx.
 */
export function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
  signal: AbortSignal,
): Promise<void> {
  const bytes = Buffer.from(body);
  return new Promise((resolve, reject) => {
    const make = requestFor(url);
    const all = { ...headers, 'content-length': String(bytes.length), 'user-agent': 'lanyard' };
    const sent = make(url, { method: 'POST', headers: all, agent: false, signal }, (response) => {
      const status = response.statusCode ?? 0;
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > LIMITS.noticeAnswerBytes) response.destroy();
      });
      response.on('error', () => undefined);
      if (status >= 200 && status < 300) resolve();
      else reject(new Undelivered(`http-${status}`, isFinal(status)));
    });
    sent.on('error', reject);
    sent.end(bytes);
  });
}

/** Of the 4xx only these may pass by themselves. A redirect stays one. */
const isFinal = (status: number): boolean =>
  status >= 300 && status < 500 && status !== 408 && status !== 425 && status !== 429;
