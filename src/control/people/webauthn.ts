import { createPublicKey } from 'node:crypto';
import type { AuthenticationResponseJSON, RegistrationResponseJSON } from '@simplewebauthn/server';
import { messageOf } from '../../base/error-text.ts';
import type { JsonObject } from '../../base/json.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { StoredProof } from '../../contract/statement.ts';
import type { Passkey } from '../../pipeline/credentials/passkeys.ts';

/** What an authenticator made. */
export type NewKey = Pick<Passkey, 'credential' | 'publicKey' | 'cose' | 'rpId' | 'origin'>;

interface ExpectedAssertion {
  readonly challenge: string;
  readonly origin: string;
  readonly passkey: Passkey;
  /** The last one that this passkey showed. */
  readonly counter: number;
}

interface CheckedAssertion {
  readonly counter: number;
  readonly stored: Omit<StoredProof, 'statement'>;
}

/**
 * WebAuthn §7.2, by @simplewebauthn/server: type, challenge, origin, relying party, user presence and verification,
 * signature, counter. It is loaded with the first ceremony: most instances start without one.
 */
export async function verifyAssertion(
  response: JsonObject,
  { challenge, origin, passkey, counter }: ExpectedAssertion,
): Promise<Result<CheckedAssertion, string>> {
  const { verifyAuthenticationResponse } = await import('@simplewebauthn/server');
  // The library looks at every member itself and throws where one is not what it says.
  const given = response as JsonObject & AuthenticationResponseJSON;
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: given,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: passkey.rpId,
      credential: { id: passkey.credential, publicKey: bytesOf(passkey.cose), counter },
      requireUserVerification: true,
    });
    if (!verified) return err('the signature does not fit');
    const { authenticatorData, clientDataJSON, signature } = given.response;
    const stored = { credential: passkey.credential, authenticatorData, clientDataJSON, signature };
    return ok({ counter: authenticationInfo.newCounter, stored });
  } catch (error) {
    return err(reasonOf(error));
  }
}

/** WebAuthn §7.1. Attestation is not asked for: it would say which product it is, and is no proof of who holds it. */
export async function verifyRegistration(
  response: JsonObject,
  { challenge, origin }: Pick<ExpectedAssertion, 'challenge' | 'origin'>,
): Promise<Result<NewKey, string>> {
  const { verifyRegistrationResponse } = await import('@simplewebauthn/server');
  const rpId = rpIdOf(origin);
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: response as JsonObject & RegistrationResponseJSON,
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: [-7, -8, -257],
    });
    if (!verified) return err('the attestation does not hold');
    const { id, publicKey } = registrationInfo.credential;
    const cose = Buffer.from(publicKey).toString('base64url');
    return ok({ credential: id, publicKey: await spkiOf(publicKey), cose, rpId, origin });
  } catch (error) {
    return err(reasonOf(error));
  }
}

/** RFC 9052 §7 and RFC 9053 §7: the three kinds of key that are asked for, as SPKI DER in base64url. */
async function spkiOf(cose: Uint8Array<ArrayBuffer>): Promise<string> {
  const { decodeCredentialPublicKey } = await import('@simplewebauthn/server/helpers');
  const key = decodeCredentialPublicKey(cose) as Map<number, unknown>;
  const text = (label: number) => Buffer.from(key.get(label) as Uint8Array).toString('base64url');
  const jwk =
    key.get(1) === 2
      ? { kty: 'EC', crv: 'P-256', x: text(-2), y: text(-3) }
      : key.get(1) === 1
        ? { kty: 'OKP', crv: 'Ed25519', x: text(-2) }
        : { kty: 'RSA', n: text(-1), e: text(-2) };
  return createPublicKey({ key: jwk, format: 'jwk' })
    .export({ type: 'spki', format: 'der' })
    .toString('base64url');
}

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.from(text, 'base64url'));

function reasonOf(error: unknown): string {
  return messageOf(error);
}

/** A passkey belongs to the name that people reach this server by (WebAuthn §5.1.3: the effective domain). */
export const rpIdOf = (origin: string): string => new URL(origin).hostname;
