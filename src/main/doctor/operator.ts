import type { RequestOptions } from 'node:http';
import { request } from '../../base/http.ts';
import { isJsonObject, type JsonObject } from '../../base/json.ts';

/** What an instance answered. */
export interface Told {
  readonly status: number;
  readonly json: JsonObject;
  /** The same as it came, for what is a list. */
  readonly value: unknown;
}

/** One request to an operator socket: `POST /v1/stop`. Rejects where nobody answers. */
export function tell(socketPath: string, route: string, body: JsonObject = {}): Promise<Told> {
  const [method = 'GET', path = '/'] = route.split(' ');
  return exchange({ socketPath, method, path }, method === 'GET' ? undefined : body);
}

/** One request with JSON, answered with JSON. Rejects where nobody answers, or with anything else. */
export function exchange(options: RequestOptions, body: JsonObject | undefined): Promise<Told> {
  return new Promise((resolve, reject) => {
    const sent = request(options, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        try {
          const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
          resolve({ status: response.statusCode ?? 0, json: isJsonObject(value) ? value : {}, value });
        } catch (error) {
          reject(error);
        }
      });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
