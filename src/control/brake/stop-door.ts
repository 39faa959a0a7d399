import type { IncomingMessage, ServerResponse } from 'node:http';
import { ERRORS, type ErrorCode, problem } from '../../base/errors.ts';
import { answerRefused } from '../../base/http-refusals.ts';
import { pathOf } from '../../base/url-path.ts';
import { unknownIn } from '../../containment/known.ts';
import { looksLikeStopKey } from '../../pipeline/credentials/stop-keys.ts';
import type { StopDesk, Stopped } from './stop-desk.ts';
import { askPage, STOP_SCRIPT, STOP_STYLE, showPage, stoppedPage } from './stop-page.ts';
import { readStopRequest } from './stop-request.ts';

/**
 * No script or style but our own two files; forms go here and nowhere else. The referrer policy is same-origin, for
 * with none a browser sends its own form with `Origin: null` (Fetch, "append a request Origin header").
 */
const HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
  'cache-control': 'no-store',
};

const FILES: Readonly<Record<string, { readonly type: string; readonly text: string }>> = {
  '/stop.css': { type: 'text/css; charset=utf-8', text: STOP_STYLE },
  '/stop.js': { type: 'text/javascript; charset=utf-8', text: STOP_SCRIPT },
};

/** Whether a path is one of the stop page's. */
export const isStopPath = (path: string): boolean => path === '/stop' || path in FILES;

/** Answers what is at /stop: shows the page on GET, stops on POST. `secure`: it came over TLS. */
export async function answerStop(
  desk: StopDesk,
  request: IncomingMessage,
  response: ServerResponse,
  secure: boolean,
): Promise<void> {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
  if (secure) response.setHeader('strict-transport-security', 'max-age=31536000');
  const path = pathOf(request.url ?? '/');
  const { method } = request;
  if (method === 'GET' || method === 'HEAD') {
    request.resume();
    const file = FILES[path] ?? { type: 'text/html; charset=utf-8', text: askPage() };
    response.writeHead(200, { 'content-type': file.type }).end(method === 'HEAD' ? undefined : file.text);
  } else if (method === 'POST' && path === '/stop') await answerPost(desk, request, response);
  else {
    request.resume();
    response.setHeader('allow', path === '/stop' ? 'GET, HEAD, POST' : 'GET, HEAD');
    refuse(response, 405, 'METHOD_NOT_ALLOWED', 'A GET shows the page, a POST stops.', false);
  }
}

async function answerPost(desk: StopDesk, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const read = await readStopRequest(request);
  if ('wrong' in read) {
    const { code, sentence } = read.wrong;
    return refuse(response, ERRORS[code].http, code, sentence, read.form);
  }
  const { form, bearer, asked } = read;
  const holder = desk.holderOf(bearer);
  if (holder === null) {
    if (bearer.startsWith('lyd_') || bearer.startsWith('lys_')) {
      desk.refused(bearer);
      const what = bearer.startsWith('lyd_') ? "An agent's token" : 'A session';
      return refuse(response, 403, 'AGENT_TOKEN', `${what} stops nothing here; this takes a stop key.`, form);
    }
    const known = looksLikeStopKey(bearer);
    const sentence = known
      ? 'This stop key is not good (any more).'
      : 'A stop key is needed: make one at the console, or use ./lanyard stop.';
    return refuse(response, known ? 403 : 401, 'TOKEN_REFUSED', sentence, form);
  }
  if (asked === null) return sendPage(response, 200, showPage(bearer, holder.person, desk.news()));
  const news = desk.news();
  // Told at once, and loudly: a stop of nobody would look like one.
  const unknown = news.atMs === 0 ? null : unknownIn(asked.scope, news);
  if (unknown !== null) {
    const { kind, id, guess } = unknown;
    const hint = guess === undefined ? '' : ` (did you mean "${guess}"?)`;
    const { code, sentence } = problem('SCOPE_UNKNOWN', { kind, id, hint, verb: 'stopped' });
    if (form) return sendPage(response, 404, showPage(bearer, holder.person, news, sentence));
    return refuse(response, 404, code, sentence, false);
  }
  const stopped = await desk.stop(holder, asked);
  if (form) sendPage(response, 200, stoppedPage(bearer, stopped, desk.news()));
  else sendJson(response, 200, describe(stopped));
}

/** As a program reads it. `recorded` is null while the main thread has not got to it. */
const describe = ({ scope, level, atMs, kept, report }: Stopped): object => ({
  scope,
  level,
  inEffect: true,
  at: new Date(atMs).toISOString(),
  kept,
  recorded: report?.recorded ?? null,
  cut: report?.cut ?? [],
});

export function refuse(
  response: ServerResponse,
  status: number,
  code: ErrorCode,
  sentence: string,
  form: boolean,
): void {
  if (form) sendPage(response, status, askPage(sentence));
  else answerRefused(response, { code, sentence }, status);
}

function sendPage(response: ServerResponse, status: number, text: string): void {
  response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(text);
}

export function sendJson(response: ServerResponse, status: number, value: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(`${JSON.stringify(value)}\n`);
}
