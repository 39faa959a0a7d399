import type { IncomingMessage } from 'node:http';
import { type Problem, problem } from '../../base/errors.ts';
import { isJsonObject, type Json } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { isScope } from '../../containment/levels.ts';
import { isLevel } from '../../model/level.ts';
import { bearerOf } from '../gate.ts';
import type { AskedStop } from './stop-desk.ts';

/** A POST to /stop, as a program sends it (JSON and a bearer) or as the page does (a form, key included). */
interface StopRequest {
  readonly form: boolean;
  readonly bearer: string;
  /** null: only what would be stopped is asked for. */
  readonly asked: AskedStop | null;
}

/** The request, or what is wrong with it. */
export async function readStopRequest(
  request: IncomingMessage,
): Promise<StopRequest | { readonly wrong: Problem; readonly form: boolean }> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  const form = type === 'application/x-www-form-urlencoded';
  if (!form && type !== 'application/json')
    return { wrong: { code: 'UNSUPPORTED_MEDIA_TYPE', sentence: NO_FORM }, form };
  const body = await readBody(request);
  if (body === null) return { wrong: problem('BODY_TOO_LARGE', { limit: LIMITS.brakeBodyBytes }), form };
  const given = form ? new URLSearchParams(body) : readJson(body);
  if (given === null) return { wrong: unreadable('The body is no JSON object.'), form };
  const of = (name: string): string | undefined =>
    given instanceof URLSearchParams ? (given.get(name) ?? undefined) : textOf(given[name]);
  const bearer = bearerOf(request) ?? (form ? of('key')?.trim() : undefined) ?? '';
  if (form && of('show') !== undefined) return { form, bearer, asked: null };
  const [what, level = 'frozen', why] = [of('what') ?? '', of('level') || 'frozen', of('why')];
  if (!isScope(what))
    return {
      wrong: unreadable(
        `"${what.slice(0, 100)}" cannot be stopped; say all, agent:ID, owner:ID, session:ID, operation:NAME, upstream:ID or target:ID.`,
      ),
      form,
    };
  if (!isLevel(level) || level === 'live') return { wrong: unreadable(ONLY_STOPS), form };
  return {
    form,
    bearer,
    asked: {
      scope: what,
      level,
      ...(why === undefined || why === '' ? {} : { why: why.slice(0, 500).toWellFormed() }),
    },
  };
}

const NO_FORM = 'The body must be JSON, or the form of this page.';
const ONLY_STOPS = 'This stops and does nothing else: the level is watched, frozen or killed.';

const unreadable = (sentence: string): Problem => ({ code: 'BAD_REQUEST', sentence });

const textOf = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

function readJson(body: string): Readonly<Record<string, Json>> | null {
  try {
    const value = JSON.parse(body) as Json;
    return isJsonObject(value) ? value : null;
  } catch {
    return null;
  }
}

async function readBody(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += (chunk as Buffer).length;
    if (bytes > LIMITS.brakeBodyBytes) return null;
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}
