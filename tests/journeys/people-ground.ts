import { Authenticator, type CreationOptions, type Lies, type RequestOptions } from '../authenticator.ts';

export { freePort } from '../../src/main/doctor/free-port.ts';

// biome-ignore lint/suspicious/noExplicitAny: what a server answered, looked at by tests
export type Body = any;
export interface Answered {
  readonly status: number;
  readonly body: Body;
}

/** A person at a browser, with an authenticator of her own. */
export class PersonAtBrowser {
  readonly origin: string;
  key: Authenticator;
  token: string | null = null;
  recoveryCodes: string[] = [];

  constructor(origin: string) {
    this.origin = origin;
    this.key = new Authenticator(origin);
  }

  async send(method: string, path: string, body?: object, token = this.token): Promise<Answered> {
    const response = await fetch(`${this.origin}${path}`, {
      method,
      headers: {
        origin: this.origin,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  }

  get(path: string): Promise<Answered> {
    return this.send('GET', path);
  }

  post(path: string, body: object = {}): Promise<Answered> {
    return this.send('POST', path, body);
  }

  /** Makes a passkey with a code: of `./lanyard enrol`, an invitation, or for recovery. */
  async enrol(code: string, lies: Lies = {}): Promise<Answered> {
    const begun = await this.send('POST', '/v1/enrol/start', { code }, null);
    if (begun.status !== 200) return begun;
    const response = this.key.create(begun.body.options as CreationOptions, lies);
    const done = await this.send('POST', '/v1/enrol', { code, response }, null);
    if (done.status === 200) this.recoveryCodes = done.body.recoveryCodes;
    return done;
  }

  async signIn(lies: Lies = {}): Promise<Answered> {
    const begun = await this.send('POST', '/v1/sign-in/start', {}, null);
    const response = this.key.get(begun.body.options as RequestOptions, lies);
    const done = await this.send('POST', '/v1/sign-in', { response }, null);
    if (done.status === 200) this.token = done.body.token;
    return done;
  }

  /** Signs a change that waits. */
  async sign(change: string, lies: Lies = {}): Promise<Answered> {
    const begun = await this.post(`/v1/changes/${change}/statement`);
    if (begun.status !== 200) return begun;
    const response = this.key.get(begun.body.options as RequestOptions, lies);
    return this.post(`/v1/changes/${change}/sign`, { response });
  }

  /** Asks for something and signs it. */
  async do(path: string, body: object = {}): Promise<Answered> {
    const asked = await this.post(path, body);
    return asked.status === 202 ? this.sign(asked.body.id) : asked;
  }

  /** Makes another passkey of hers, as she is asked to: on a device with an authenticator of its own. */
  async onOtherDevice(): Promise<PersonAtBrowser> {
    const begun = await this.post('/v1/passkeys/start');
    const other = new PersonAtBrowser(this.origin);
    const response = other.key.create(begun.body.options as CreationOptions);
    const made = await this.do('/v1/passkeys', { response });
    if (made.status !== 200) throw new Error(JSON.stringify(made.body));
    return other;
  }

  /** Confirms all that was done before the claim, and releases everything. */
  async settle(): Promise<void> {
    const { body } = await this.get('/v1/unconfirmed');
    const entries = (body as { seq: number }[]).map(({ seq }) => seq);
    const confirmed = await this.do('/v1/unconfirmed/confirm', { entries });
    if (confirmed.status !== 200) throw new Error(JSON.stringify(confirmed.body));
    const released = await this.do('/v1/release', { scope: 'all', why: 'claimed and looked at' });
    if (released.status !== 200) throw new Error(JSON.stringify(released.body));
  }
}
