import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requestFor } from '../base/http.ts';
import { isJsonObject, type JsonObject, objectIn } from '../base/json.ts';
import { LIMITS } from '../base/limits.ts';
import { SENTINEL } from '../control/brake/sentinel.ts';
import { brakeOf, isHeld } from '../main/log/state-of.ts';
import { ask, NotRunning, Refused, stateAsked } from './instance.ts';

/** Which way a stop went, and what came of it. */
type Went =
  | { readonly way: 'socket' | 'brake'; readonly answer: JsonObject }
  /** It freezes everything, whatever was asked for. `refused`: what the brake said of the stop key. */
  | { readonly way: 'file'; readonly path: string; readonly refused?: string };

/** What a stop asks for, as the operator socket takes it. */
interface Wanted {
  readonly scope: string;
  readonly level: string;
  readonly why?: string;
}

/**
 * The operator socket; where it does not answer within a second, or cannot do it (5xx), the brake, with a stop key; where
 * that does not answer or take the key, the file STOP. A refusal of what was asked for is an answer, and throws Refused:
 * nothing is stopped then. Throws NotRunning where nothing runs on this state.
 */
export async function stopSomehow(config: string, wanted: Wanted, key: string | undefined): Promise<Went> {
  const socket = await bySocket(config, wanted);
  if (socket !== null) return { way: 'socket', answer: socket };
  const brake = brakeOf(config);
  const said = key === undefined || brake === null ? null : await byBrake(brake, wanted, key);
  if (said?.status === 200 && said.body !== null) return { way: 'brake', answer: said.body };
  const refused = said === null ? null : refusalIn(said);
  if (refused !== null && !KEY_REFUSED.has(refused.status)) throw refused;
  const path = join(stateAsked(config).path, SENTINEL);
  writeSentinel(path);
  return { way: 'file', path, ...(refused === null ? {} : { refused: refused.message }) };
}

/** Its name is what stops: a full disk that has room for that and for no byte of it is no failure. */
function writeSentinel(path: string): void {
  try {
    writeFileSync(path, 'written by ./lanyard stop\n', { mode: 0o600, flag: 'a', flush: true });
  } catch (error) {
    if (!existsSync(path)) throw error;
  }
}

/** null: it does not answer. One that says how it is in time, and takes longer to stop, is waited for. */
async function bySocket(config: string, wanted: Wanted): Promise<JsonObject | null> {
  const gone = new AbortController();
  try {
    return await untilSilent(config, wanted, gone.signal);
  } finally {
    gone.abort();
  }
}

async function untilSilent(config: string, wanted: Wanted, signal: AbortSignal): Promise<JsonObject | null> {
  const asked = ask(config, 'POST /v1/stop', { ...wanted }, signal).then(
    (answer) => (isJsonObject(answer) ? answer : null),
    (error: unknown) => unlessSilent(config, error),
  );
  const first = await within(asked, LIMITS.stopSocketMs);
  if (first !== LATE) return first;
  const alive = await within(
    ask(config, 'GET /v1/status', {}, signal).then(
      () => true,
      () => false,
    ),
    LIMITS.stopSocketMs,
  );
  if (alive !== true) return null;
  const second = await within(asked, LIMITS.stopSettleMs + LIMITS.stopBrakeMs);
  return second === LATE ? null : second;
}

/** What refuses has answered; what is broken has not. Nobody at the socket while somebody holds the state is silence. */
function unlessSilent(config: string, error: unknown): null {
  if (error instanceof NotRunning && !isHeld(config)) throw error;
  if (error instanceof Refused && error.status < 500) throw error;
  return null;
}

interface BrakeSaid {
  readonly status: number;
  readonly body: JsonObject | null;
}

/** The key is not good (any more): the stop is not lost for that. */
const KEY_REFUSED: ReadonlySet<number> = new Set([401, 403]);

/** What refuses what was asked for; null: it has not answered as the brake does, or cannot do it now. */
function refusalIn({ status, body }: BrakeSaid): Refused | null {
  const error = isJsonObject(body) ? body['error'] : undefined;
  if (status < 400 || status >= 500 || status === 429 || !isJsonObject(error)) return null;
  return new Refused(status, `The brake refused it: ${String(error['sentence'])}`, []);
}

async function byBrake(brake: string, { scope, level, why }: Wanted, key: string): Promise<BrakeSaid | null> {
  const make = requestFor(brake);
  const body = JSON.stringify({ what: scope, level, ...(why === undefined ? {} : { why }) });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(LIMITS.stopBrakeMs);
    const sent = make(`${brake}/stop`, { method: 'POST', headers, signal, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('error', () => resolve(null));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: objectIn(text) }));
    });
    sent.on('error', () => resolve(null));
    sent.end(body);
  });
}

const LATE = Symbol('late');

async function within<T>(promise: Promise<T>, ms: number): Promise<T | typeof LATE> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<typeof LATE>((resolve) => {
    timer = setTimeout(() => resolve(LATE), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
