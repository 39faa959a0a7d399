import type { ApiChange } from '../../../src/contract/control-api.ts';
import { answerOf, ask } from './ask.ts';

/** What is signed, and what the browser is asked for it. */
interface Begun<Options> {
  readonly options: Options;
}

/**
 * Asks for something that widens and signs it with a passkey where the instance wants that (202): first the statement
 * is fetched, then the authenticator asks the person, then the assertion goes back. Answers what was asked for.
 */
export async function signed<T>(path: `/v1/${string}`, body: unknown): Promise<T> {
  const { status, value } = await answerOf<unknown>(path, body);
  return status === 202 ? signChange<T>(value as ApiChange) : (value as T);
}

export async function signChange<T>(change: Pick<ApiChange, 'id'>): Promise<T> {
  const place = `/v1/changes/${encodeURIComponent(change.id)}` as const;
  const { options } = await ask<Begun<PublicKeyCredentialRequestOptionsJSON>>(`${place}/statement`, {});
  return ask<T>(`${place}/sign`, { response: await assertion(options) });
}

/** Fetches what is to be signed from `start`, has a passkey sign it, and sends the signature to `end`. */
export async function signedBetween<T>(start: `/v1/${string}`, end: `/v1/${string}`): Promise<T> {
  const { options } = await ask<Begun<PublicKeyCredentialRequestOptionsJSON>>(start, {});
  return ask<T>(end, { response: await assertion(options) });
}

/** Fetches options from `start`, has a passkey made, and answers it. */
export async function madeFrom(start: `/v1/${string}`, body: object): Promise<unknown> {
  const { options } = await ask<Begun<PublicKeyCredentialCreationOptionsJSON>>(start, body);
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
  const made = await navigator.credentials.create({ publicKey }).catch(sayWhy);
  return (made as PublicKeyCredential).toJSON();
}

/** Asks the authenticator. The dialogue is the browser's; where it ends in a no, that becomes a sentence here. */
async function assertion(options: PublicKeyCredentialRequestOptionsJSON): Promise<unknown> {
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  const got = await navigator.credentials.get({ publicKey }).catch(sayWhy);
  return (got as PublicKeyCredential).toJSON();
}

function sayWhy(fault: unknown): never {
  if (fault instanceof DOMException && fault.name === 'NotAllowedError')
    throw new Error(
      'The passkey was not used: the dialogue was closed, or it took too long. Nothing was done.',
    );
  if (fault instanceof DOMException && fault.name === 'InvalidStateError')
    throw new Error('This authenticator has a passkey of yours here already. Take another one.');
  throw fault;
}
