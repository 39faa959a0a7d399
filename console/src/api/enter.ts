import type { ApiInstance, ApiSignedIn } from '../../../src/contract/control-api.ts';
import { ask } from './ask.ts';
import { keepSession } from './session.ts';
import { madeFrom, signed, signedBetween } from './sign.ts';

export const instance = () => ask<ApiInstance>('/v1/instance');

/** Signs in with a passkey of this device, which says who it is. */
export async function signIn(): Promise<void> {
  const { token } = await signedBetween<ApiSignedIn>('/v1/sign-in/start', '/v1/sign-in');
  keepSession(token);
}

export interface Enrolled {
  readonly person: string;
  /** `via`: `code`, `invitation` or `recovery`. */
  readonly passkey: { readonly via: string };
  /** Shown once; empty where she has some. */
  readonly recoveryCodes: readonly string[];
}

/** Makes a first passkey with a code: a claim's, an invitation's or one for recovery. */
export async function enrol(code: string): Promise<Enrolled> {
  return ask<Enrolled>('/v1/enrol', { code, response: await madeFrom('/v1/enrol/start', { code }) });
}

/** Makes another passkey of whoever is signed in; one that she has signs it. */
export async function enrolSecond(): Promise<void> {
  await signed('/v1/passkeys', { response: await madeFrom('/v1/passkeys/start', {}) });
}
