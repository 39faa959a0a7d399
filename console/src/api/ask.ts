import { hearTime } from './clock.ts';
import { loseSession, sessionToken, type Undone } from './session.ts';

/** The instance said no: a sentence that a person can act on. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  readonly code: string | null;
  readonly details: readonly string[];
  constructor(status: number, sentence: string, code: string | null, details: readonly string[]) {
    super(sentence);
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/**
 * A network that is gone often says nothing: what was sent is then never answered, nor refused. What is only shown has to
 * come within this, and what is done within the other; what takes longer by its nature says so.
 */
const SHOWN_WITHIN_MS = 15_000;
const DONE_WITHIN_MS = 60_000;

/** Requests that only show something and wait for their answer. */
let reads = new AbortController();

/** Gives up what waits to be shown: a browser opens six connections to a place, and what stops must not queue behind those. */
export function dropReads(): void {
  reads.abort();
  reads = new AbortController();
}

/** GET shows; everything that does something is a POST. Paths are the instance's own, so nothing leaves it. */
export async function ask<T>(path: `/v1/${string}`, body?: unknown, withinMs?: number): Promise<T> {
  return (await answerOf<T>(path, body, withinMs)).value;
}

/** The whole answer within a time; without it, one that is `UNANSWERED`. */
export async function answerOf<T>(
  path: `/v1/${string}`,
  body?: unknown,
  withinMs: number = body === undefined ? SHOWN_WITHIN_MS : DONE_WITHIN_MS,
): Promise<{ readonly status: number; readonly value: T }> {
  const late = new AbortController();
  const timer = setTimeout(() => late.abort(), withinMs);
  const shows = body === undefined ? [reads.signal] : [];
  const given = AbortSignal.any([late.signal, ...shows]);
  try {
    const response = await send(path, body, given);
    return { status: response.status, value: (await response.json()) as T };
  } catch (fault) {
    if (!given.aborted) throw fault;
    throw late.signal.aborted ? unanswered(withinMs, body) : new Refused(0, NO_ANSWER, null, []);
  } finally {
    clearTimeout(timer);
  }
}

/** What is done goes on, but whoever waits for it is told after this long that she need not. */
export async function toldWithin<T>(ms: number, done: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(unanswered(ms, {})), ms);
  });
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
}

const NO_ANSWER = 'The instance does not answer. Is it running?';

/** A connection that breaks does not say whether what was sent had arrived; only a device that knows of no network sent nothing. */
const mayHaveArrived = (body: unknown): boolean => body !== undefined && navigator.onLine;

/** It may have been done all the same. */
export const isUnanswered = (error: Error | null): boolean =>
  error instanceof Refused && error.code === 'UNANSWERED';

function broken(body: unknown): Refused {
  if (!mayHaveArrived(body)) return new Refused(0, NO_ANSWER, null, []);
  const sentence = `${NO_ANSWER} What was sent may have arrived all the same: look before you do it again.`;
  return new Refused(0, sentence, 'UNANSWERED', []);
}

function unanswered(withinMs: number, body: unknown): Refused {
  const none = `No answer came within ${Math.round(withinMs / 1000)} s`;
  const sentence =
    body === undefined
      ? `${none}. Is the network there, and is the instance running?`
      : `${none}, so this page cannot tell whether it was done. Look before you do it again.`;
  return new Refused(0, sentence, 'UNANSWERED', []);
}

export async function send(
  path: `/v1/${string}` | `/log/${string}`,
  body?: unknown,
  signal?: AbortSignal,
): Promise<Response> {
  const token = sessionToken();
  const headers: Record<string, string> = { accept: 'application/json' };
  if (token !== null) headers['authorization'] = `Bearer ${token}`;
  if (body !== undefined) headers['content-type'] = 'application/json';
  let response: Response;
  try {
    response = await fetch(path, {
      method: body === undefined ? 'GET' : 'POST',
      headers,
      credentials: 'omit',
      redirect: 'error',
      cache: 'no-store',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (fault) {
    if (signal?.aborted === true) throw fault;
    throw broken(body);
  }
  hearTime(response.headers.get('date'));
  if (response.ok) return response;
  const refused = await refusalOf(response);
  // A session that has run out is dropped, so that the sign-in page comes back. A mere lack of rights drops nothing.
  if (response.status === 401 && token !== null) loseSession(token, undoneOf(path, body));
  throw refused;
}

function undoneOf(path: string, body: unknown): Undone {
  if (body === undefined) return 'show';
  return path === '/v1/stop' ? 'stop' : 'do';
}

async function refusalOf(response: Response): Promise<Refused> {
  const text = await response.text();
  try {
    const { error } = JSON.parse(text) as {
      error: { sentence: string; code?: string; details?: readonly string[] };
    };
    return new Refused(response.status, error.sentence, error.code ?? null, error.details ?? []);
  } catch {
    return new Refused(response.status, `The instance answered ${response.status}.`, null, []);
  }
}
