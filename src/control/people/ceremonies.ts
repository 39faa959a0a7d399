import { randomBytes } from 'node:crypto';
import { canonicalize } from '../../base/canonical.ts';
import { type Clock, toInstant } from '../../base/clock.ts';
import { type Problem, problem } from '../../base/errors.ts';
import { sha256 } from '../../base/hash.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { LIMITS } from '../../base/limits.ts';
import { err, ok, type Result } from '../../base/result.ts';
import type { Statement } from '../../contract/statement.ts';
import type { Passkey, Passkeys } from '../../pipeline/credentials/passkeys.ts';
import { issueProof, type Proof } from '../../pipeline/credentials/proof.ts';
import { type NewKey, rpIdOf, verifyAssertion, verifyRegistration } from './webauthn.ts';

/** What is asked to be signed, besides what every statement says. */
type Asked = Omit<Statement, 'instance' | 'expiry' | 'nonce'>;

/** What the page hands to `navigator.credentials`, as WebAuthn's JSON forms (WebAuthn 3 §5.1.8 to §5.1.9). */
export interface Begun {
  readonly statement: Statement;
  readonly options: JsonObject;
}

interface Signed {
  readonly proof: Proof;
  readonly passkey: Passkey;
}

interface Open {
  readonly statement: Statement;
  readonly origin: string;
}

interface CeremonyParts {
  readonly clock: Clock;
  /** `sha256:` of the log's verifier key line. */
  readonly instance: string;
  readonly passkeys: Passkeys;
}

/**
 * WebAuthn ceremonies. Each challenge is SHA-256 of the RFC 8785 text of a statement, kept here until it is answered or
 * over, and taken once, whatever becomes of it. So a signature is good for one purpose, person, change and instance.
 */
export class Ceremonies {
  readonly #parts: CeremonyParts;
  readonly #open = new Map<string, Open>();

  constructor(parts: CeremonyParts) {
    this.#parts = parts;
  }

  /** Something to be signed with a passkey that exists: of this person, or of whoever it turns out to be. */
  begin(origin: string, asked: Asked): Begun {
    const { statement, challenge } = this.#openOne(origin, asked);
    const mine = asked.person === undefined ? [] : this.#usable(asked.person, origin);
    const options = {
      challenge,
      rpId: rpIdOf(origin),
      timeout: LIMITS.ceremonyMs,
      userVerification: 'required',
      allowCredentials: mine.map(({ credential }) => ({ type: 'public-key', id: credential })),
    };
    return { statement, options };
  }

  /** A passkey to be made. `known`: her other ones, so that one authenticator is not taken for two. */
  beginEnrolment(origin: string, asked: Asked & { readonly person: string }, name: string): Begun {
    const { statement, challenge } = this.#openOne(origin, asked);
    const known = this.#parts.passkeys.of(asked.person);
    const options = {
      challenge,
      rp: { id: rpIdOf(origin), name: 'Lanyard' },
      user: { id: Buffer.from(asked.person).toString('base64url'), name: asked.person, displayName: name },
      pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: 'public-key', alg })),
      timeout: LIMITS.ceremonyMs,
      attestation: 'none',
      authenticatorSelection: {
        residentKey: 'required',
        requireResidentKey: true,
        userVerification: 'required',
      },
      excludeCredentials: known.map(({ credential }) => ({ type: 'public-key', id: credential })),
    };
    return { statement, options };
  }

  /** Checks an assertion for this purpose: and, where given, for exactly what is `expected` of the statement. */
  async finish(
    origin: string,
    purpose: string,
    expected: Partial<Statement>,
    response: JsonObject,
  ): Promise<Result<Signed, Problem>> {
    const taken = this.#take(origin, purpose, expected, response);
    if (!taken.ok) return taken;
    const { statement, challenge } = taken.value;
    const passkey = this.#parts.passkeys.find(String(response['id']));
    if (passkey === undefined || (statement.person !== undefined && statement.person !== passkey.person))
      return refused('it is by no passkey of this person');
    if (!this.#parts.passkeys.isValid(passkey))
      return refused(`this passkey was made with a recovery code and is good from ${passkey.validFrom} on`);
    const counter = this.#parts.passkeys.counterOf(passkey.credential);
    const checked = await verifyAssertion(response, { challenge, origin, passkey, counter });
    if (!checked.ok) return refused(checked.error);
    this.#parts.passkeys.count(passkey.credential, checked.value.counter);
    return ok({ passkey, proof: issueProof({ statement, ...checked.value.stored }) });
  }

  async finishEnrolment(
    origin: string,
    person: string,
    response: JsonObject,
  ): Promise<Result<NewKey, Problem>> {
    const taken = this.#take(origin, 'enrol', { person }, response);
    if (!taken.ok) return taken;
    const checked = await verifyRegistration(response, { challenge: taken.value.challenge, origin });
    if (!checked.ok) return refused(checked.error);
    if (this.#parts.passkeys.find(checked.value.credential) !== undefined)
      return refused('this passkey is enrolled already');
    return checked;
  }

  #usable(person: string, origin: string): Passkey[] {
    return this.#parts.passkeys.of(person).filter(({ rpId }) => rpId === rpIdOf(origin));
  }

  #openOne(origin: string, asked: Asked): { statement: Statement; challenge: string } {
    const { clock, instance } = this.#parts;
    const statement: Statement = {
      ...asked,
      instance,
      expiry: toInstant(clock.now() + LIMITS.ceremonyMs),
      nonce: randomBytes(16).toString('base64url'),
    };
    const challenge = challengeOf(statement);
    // Whoever floods the sign-in pushes out other sign-ins, and nothing that a signed-in person began.
    const anybody = [...this.#open].filter(([, one]) => one.statement.person === undefined);
    if (asked.person === undefined && anybody.length >= LIMITS.openCeremonies)
      this.#open.delete(anybody[0]?.[0] ?? '');
    const hers = [...this.#open].filter(([, one]) => one.statement.person === asked.person);
    if (asked.person !== undefined && hers.length >= LIMITS.ceremoniesPerPerson)
      this.#open.delete(hers[0]?.[0] ?? '');
    this.#open.set(challenge, { statement, origin });
    return { statement, challenge };
  }

  #take(
    origin: string,
    purpose: string,
    expected: Partial<Statement>,
    response: JsonObject,
  ): Result<{ statement: Statement; challenge: string }, Problem> {
    const challenge = challengeIn(response);
    const open = challenge === null ? undefined : this.#open.get(challenge);
    if (challenge === null || open === undefined) return err(problem('CEREMONY_UNKNOWN'));
    this.#open.delete(challenge);
    const { statement } = open;
    if (Date.parse(statement.expiry) <= this.#parts.clock.now()) return err(problem('CEREMONY_UNKNOWN'));
    if (open.origin !== origin) return refused('it was asked for at another origin');
    if (statement.purpose !== purpose)
      return refused(`it was asked for ${statement.purpose}, and not for ${purpose}`);
    for (const [member, value] of Object.entries(expected))
      if (statement[member as keyof Statement] !== value)
        return refused(`what was signed has another ${member}`);
    return ok({ statement, challenge });
  }
}

const refused = (what: string) => err(problem('PROOF_REFUSED', { what }));

/** base64url, as clientDataJSON has it. */
export function challengeOf(statement: Statement): string {
  return sha256(canonicalize(statement as Json & Statement)).toString('base64url');
}

function challengeIn(response: JsonObject): string | null {
  const inner = response['response'];
  const encoded = isJsonObject(inner) ? inner['clientDataJSON'] : undefined;
  if (typeof encoded !== 'string') return null;
  try {
    const data: unknown = JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8'));
    return isJsonObject(data) && typeof data['challenge'] === 'string' ? data['challenge'] : null;
  } catch {
    return null;
  }
}
