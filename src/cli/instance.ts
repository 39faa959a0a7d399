import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:http';
import type { Json, JsonObject } from '../base/json.ts';
import { stateOf } from '../main/state-of.ts';
import { CommandFailure, EXIT } from './exit-code.ts';

/** The operator socket of a running instance, or null when none answers. */
export function socketOf(config: string): string | null {
  const state = stateOf(config);
  if (existsSync(state.socketName)) return readFileSync(state.socketName, 'utf8').trim();
  return existsSync(state.socket) ? state.socket : null;
}

export class NotRunning extends CommandFailure {
  constructor() {
    super(
      EXIT.unreachable,
      'No instance is running on this state. Start one with ./lanyard up (or npm start).',
    );
  }
}

/** Asks the running instance. Throws NotRunning (exit 4) where there is none, CommandFailure (exit 1) where it refuses. */
export async function ask(config: string, route: string, body: JsonObject = {}): Promise<Json> {
  const socketPath = socketOf(config);
  if (socketPath === null) throw new NotRunning();
  const [method, path] = route.split(' ');
  const { status, text } = await send(socketPath, method ?? 'GET', path ?? '/', JSON.stringify(body));
  const answer = JSON.parse(text) as { error?: { sentence: string; details?: string[] } } & JsonObject;
  if (status === 200) return answer;
  throw new CommandFailure(
    EXIT.failed,
    answer.error?.sentence ?? `The instance answered ${status}.`,
    answer.error?.details ?? [],
  );
}

function send(
  socketPath: string,
  method: string,
  path: string,
  body: string,
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { socketPath, method, path, headers: { 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
        response.on('error', reject);
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) => {
      reject(error.code === 'ENOENT' || error.code === 'ECONNREFUSED' ? new NotRunning() : error);
    });
    sent.end(method === 'GET' ? undefined : body);
  });
}
