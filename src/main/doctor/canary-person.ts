import { isJsonObject, type JsonObject } from '../../base/json.ts';
import { CanaryPasskey } from './canary-passkey.ts';
import { exchange, type Told } from './operator.ts';
import type { Sibling } from './sibling.ts';

/** The person of a sibling, at its door for people, with a passkey of her own. Throws where the door does not let her. */
export class CanaryPerson {
  readonly #port: number;
  readonly #origin: string;
  readonly #passkey: CanaryPasskey;
  #session = '';

  constructor(port: number) {
    this.#port = port;
    this.#origin = `http://localhost:${port}`;
    this.#passkey = new CanaryPasskey(this.#origin);
  }

  /** Claims the sibling, signs in, confirms what was done before and releases what the claim froze. */
  async claim(sibling: Sibling): Promise<void> {
    const { json } = await sibling.tell('POST /v1/enrol-code', { person: 'doctor' });
    const code = String(json['code']);
    const enrolling = await this.#must('POST', '/v1/enrol/start', { code });
    const made = this.#passkey.create(optionsOf(enrolling) as Parameters<CanaryPasskey['create']>[0]);
    await this.#must('POST', '/v1/enrol', { code, response: made as JsonObject });
    const signingIn = await this.#must('POST', '/v1/sign-in/start', {});
    const response = this.#passkey.get(optionsOf(signingIn) as Parameters<CanaryPasskey['get']>[0]);
    const signedIn = await this.#must('POST', '/v1/sign-in', { response: response as JsonObject });
    this.#session = String(signedIn.json['token']);
    const { value } = await this.#must('GET', '/v1/unconfirmed');
    const entries = (Array.isArray(value) ? value : []).filter(isJsonObject).map(({ seq }) => Number(seq));
    await this.do('/v1/unconfirmed/confirm', { entries });
    await this.release('all');
  }

  /** Asks for something and signs it where that is asked. */
  async do(path: string, body: JsonObject = {}): Promise<JsonObject> {
    const asked = await this.#must('POST', path, body);
    if (asked.status !== 202) return asked.json;
    const change = `/v1/changes/${String(asked.json['id'])}`;
    const stated = await this.#must('POST', `${change}/statement`, {});
    const response = this.#passkey.get(optionsOf(stated) as Parameters<CanaryPasskey['get']>[0]);
    return (await this.#must('POST', `${change}/sign`, { response: response as JsonObject })).json;
  }

  release(scope: string): Promise<JsonObject> {
    return this.do('/v1/release', { scope, why: 'doctor goes on' });
  }

  async #must(method: string, path: string, body?: JsonObject): Promise<Told> {
    const told = await this.#send(method, path, body);
    if (told.status >= 300) throw new Error(`${path} answered ${told.status}: ${JSON.stringify(told.json)}`);
    return told;
  }

  #send(method: string, path: string, body: JsonObject | undefined): Promise<Told> {
    return sendJson(this.#port, method, path, body, {
      origin: this.#origin,
      ...(this.#session === '' ? {} : { authorization: `Bearer ${this.#session}` }),
    });
  }
}

const optionsOf = ({ json }: Told): object => (isJsonObject(json['options']) ? json['options'] : {});

/** One request with JSON to a port of this machine, as `localhost`. */
export function sendJson(
  port: number,
  method: string,
  path: string,
  body: JsonObject | undefined,
  headers: Readonly<Record<string, string>>,
): Promise<Told> {
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const named = { host: `localhost:${port}`, ...type, ...headers };
  return exchange({ host: '127.0.0.1', port, method, path, headers: named }, body);
}
