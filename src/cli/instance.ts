import { existsSync, readFileSync } from 'node:fs';
import { request } from '../base/http.ts';
import { isJsonObject, type Json, type JsonObject } from '../base/json.ts';
import { changeInWords } from '../contract/change-words.ts';
import { StateOutOfReach, stateOf } from '../main/log/state-of.ts';
import type { StateDirectory } from '../main/state-directory.ts';
import { CommandFailure, EXIT } from './exit-code.ts';
import { plain } from './print.ts';

/** The state of an instance that is to be asked; one that this user cannot enter cannot be reached (exit 4). */
export function stateAsked(config: string): StateDirectory {
  try {
    return stateOf(config);
  } catch (error) {
    throw error instanceof StateOutOfReach ? new CommandFailure(EXIT.unreachable, error.message) : error;
  }
}

/** The operator socket of a running instance, or null when none answers. */
export function socketOf(config: string): string | null {
  const state = stateAsked(config);
  // Inside the state first: the name of another place may be left over from when the path was longer.
  if (existsSync(state.socket)) return state.socket;
  return existsSync(state.socketName) ? readFileSync(state.socketName, 'utf8').trim() : null;
}

export class NotRunning extends CommandFailure {
  constructor() {
    super(
      EXIT.unreachable,
      'No instance is running on this state. Start one with ./lanyard up (or npm start).',
    );
  }
}

/** It answered that it does not do this (4xx), or that it cannot (5xx). */
export class Refused extends CommandFailure {
  readonly status: number;

  constructor(status: number, sentence: string, details: readonly string[]) {
    super(EXIT.failed, sentence, details);
    this.status = status;
  }
}

/** Asks the running instance. Throws NotRunning (exit 4) where there is none, Refused (exit 1) where it refuses. */
export async function ask(
  config: string,
  route: string,
  body: JsonObject = {},
  signal?: AbortSignal,
): Promise<Json> {
  const socketPath = socketOf(config);
  if (socketPath === null) throw new NotRunning();
  const [method, path] = route.split(' ');
  const { status, text, lines } = await send(
    socketPath,
    method ?? 'GET',
    path ?? '/',
    JSON.stringify(body),
    signal,
  );
  const answer = readAnswer(lines ? lastLine(text) : text);
  if (!lines) {
    if (status === 200) return answer;
    throw refusalOf(status, answer);
  }
  const { status: ended, value = null } = isJsonObject(answer) ? answer : {};
  if (ended === 200) return value;
  throw refusalOf(typeof ended === 'number' ? ended : status, value);
}

/** An answer of several lines: what waited for a signature, and at the end how it ended. */
const lastLine = (text: string): string => text.trimEnd().split('\n').at(-1) ?? '';

/** Says on stderr what waits for a person, and where she signs it. */
function tellWaiting(line: string): void {
  const said = readAnswer(line);
  const waiting = isJsonObject(said) ? said['waiting'] : undefined;
  if (!isJsonObject(waiting)) return;
  const { act, link, expires, fields } = waiting;
  const words = isJsonObject(fields) ? changeInWords(String(act), fields) : null;
  const why =
    act === 'test-approval'
      ? `A test question waits until ${String(expires)}; nothing is done, whatever the answer. It opens from the message, or at:`
      : `${words ?? `This is an act of the kind "${String(act)}".`}\nA person signs that with a passkey, until ${String(expires)}:`;
  process.stderr.write(
    `${why.split('\n').map(plain).join('\n')}\n\n    ${plain(String(link))}\n\nWaiting … (Ctrl-C drops it)\n`,
  );
}

function readAnswer(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw new CommandFailure(EXIT.unreachable, 'What answers on the operator socket is no Lanyard.');
  }
}

function refusalOf(status: number, answer: Json): Refused {
  const error = isJsonObject(answer) ? answer['error'] : undefined;
  const { sentence, details } = isJsonObject(error) ? error : {};
  return new Refused(
    status,
    typeof sentence === 'string' ? sentence : `The instance answered ${status}.`,
    Array.isArray(details) ? details.map(String) : [],
  );
}

function send(
  socketPath: string,
  method: string,
  path: string,
  body: string,
  signal: AbortSignal | undefined,
): Promise<{ status: number; text: string; lines: boolean }> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        socketPath,
        method,
        path,
        headers: { 'content-type': 'application/json' },
        ...(signal === undefined ? {} : { signal }),
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        const lines = response.headers['content-type'] === 'application/x-ndjson';
        let told = 0;
        response.on('data', (chunk: string) => {
          text += chunk;
          const whole = text.lastIndexOf('\n') + 1;
          if (lines && whole > told)
            for (const line of text.slice(told, whole).trimEnd().split('\n')) tellWaiting(line);
          told = whole;
        });
        response.on('end', () => resolve({ status: response.statusCode ?? 0, text, lines }));
        response.on('error', (error) => reject(signal?.aborted === true ? error : goneMeanwhile()));
      },
    );
    sent.on('error', (error: NodeJS.ErrnoException) => reject(unreachable(socketPath, error)));
    sent.end(method === 'GET' ? undefined : body);
  });
}

/** Its answer had begun: what was asked for may have been done. */
function goneMeanwhile(): CommandFailure {
  return new CommandFailure(
    EXIT.unreachable,
    'The instance went before it had answered. Whether this was done stands in the log (./lanyard log show); ask again once it runs.',
  );
}

function unreachable(socketPath: string, error: NodeJS.ErrnoException): CommandFailure {
  if (error.code === 'ENOENT' || error.code === 'ECONNREFUSED') return new NotRunning();
  const why = error.code === 'EACCES' ? 'it belongs to another user' : error.message;
  return new CommandFailure(EXIT.unreachable, `The operator socket ${socketPath} cannot be reached: ${why}.`);
}
