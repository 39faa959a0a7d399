import { keepSession, sessionToken } from './session.ts';

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

/** GET shows; everything that does something is a POST. Paths are the instance's own, so nothing leaves it. */
export async function ask<T>(path: `/v1/${string}`, body?: unknown): Promise<T> {
  const response = await send(path, body);
  return (await response.json()) as T;
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
    throw new Refused(0, 'The instance does not answer. Is it running?', null, []);
  }
  if (response.ok) return response;
  const refused = await refusalOf(response);
  // A session that has run out is dropped, so that the sign-in page comes back. A mere lack of rights drops nothing.
  if (response.status === 401 && token !== null && sessionToken() === token) keepSession(null);
  throw refused;
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
