import { createPublicKey, hash, type KeyObject, verify } from 'node:crypto';
import { MINUTE_MS } from '../../base/duration.ts';
import { isJsonObject, type Json, type JsonObject } from '../../base/json.ts';
import { Answers } from './answers.ts';
import { canonicalText } from './canonical.ts';
import type { Faults } from './report.ts';

/** Kinds that widen: once a passkey was enrolled, each carries a signature, for this purpose. */
const PURPOSES: ReadonlyMap<string, string> = new Map([
  ['alert.acknowledged', 'acknowledge'],
  ['approval.batch', 'approve-batch'],
  ['approval.tested', 'test-approval'],
  ['containment.release-signed', 'release-first'],
  ['containment.released', 'release'],
  ['containment.taken-over', 'take-over'],
  ['grant.given', 'grant'],
  ['operator.accepted', 'accept'],
  ['operator.applied', 'apply'],
  ['operator.confirmed', 'confirm'],
  ['operator.subscribed', 'subscribe'],
  ['operator.token', 'token'],
  ['operator.unsubscribed', 'unsubscribe'],
  ['person.codes', 'recovery-codes'],
  ['person.enrolled', 'enrol'],
  ['person.invited', 'invite'],
  ['person.removed', 'remove-passkey'],
  ['person.signed-in', 'sign-in'],
]);

/** Kinds for which a signed-in session may be enough. Where one is signed all the same, then for this purpose. */
const WHERE_SIGNED: ReadonlyMap<string, string> = new Map([
  ['approval.answered', 'approve'],
  ['case.closed', 'close-case'],
]);

/** What is no part of the change that was signed: where the entry stands, who acted, by what proof. */
const BESIDE_THE_CHANGE: ReadonlySet<string> = new Set(['seq', 'at', 'leaf', 'by', 'person', 'proof']);

/** WebAuthn §6.1: user present, user verified. */
const PRESENT_AND_VERIFIED = 0x05;
/** Between the check of a signature's time and the time of its entry lies one commit. */
const LATEST_MS = MINUTE_MS;

interface EnrolledKey {
  readonly person: string;
  readonly key: KeyObject;
  readonly rpId: string;
  readonly origin: string;
  readonly validFrom: string | null;
}

/**
 * What people signed, checked again from the log alone: each assertion against the entry that enrolled its passkey, and
 * that nothing widened without one since the first was enrolled. Entries come in order, from the first on.
 */
export class Proofs {
  readonly #faults: Faults;
  readonly #keys = new Map<string, EnrolledKey>();
  /** Invitations that are open, by id → whom they are for; recovery codes that are left, by person. */
  readonly #invited = new Map<string, string>();
  readonly #recovery = new Map<string, ReadonlySet<string>>();
  readonly #challenges = new Set<string>();
  readonly #counters = new Set<string>();
  readonly #answers: Answers;
  /** Origins that were applied, besides those that passkeys were enrolled at. */
  #origins: ReadonlySet<string> = new Set();
  #claimed = false;
  /** `sha256:` of the verifier key line; null where it is not known. */
  instance: string | null = null;

  constructor(faults: Faults) {
    this.#faults = faults;
    this.#answers = new Answers();
  }

  /** Whether an entry's text may concern this at all: every operator's act says `by` whom. */
  static concerns(text: string): boolean {
    return text.includes('"by":"') || text.includes('"kind":"approval.');
  }

  see(entry: JsonObject, seq: number): void {
    const kind = textOf(entry, 'kind');
    const proof = entry['proof'];
    if (isJsonObject(proof)) {
      const what = this.#whatIsWrong(entry, kind, proof);
      if (what !== null)
        this.#faults.add('bad-proof', seq, `the signature in entry ${seq} does not hold: ${what}`);
      else this.#answers.signed(entry);
    } else if (kind === 'approval.answered') {
      const what = this.#claimed ? this.#answers.whyUnproven(entry) : null;
      if (what !== null)
        this.#faults.add('unproven', seq, `the yes in entry ${seq} stands on nothing: ${what}`);
    } else if (this.#claimed && PURPOSES.has(kind) && !this.#mayBeUnsigned(entry, kind))
      this.#faults.add('unproven', seq, `entry ${seq} (${kind}) widens, and nobody signed it`);
    this.#follow(entry, kind);
  }

  #mayBeUnsigned(entry: JsonObject, kind: string): boolean {
    if (kind === 'operator.applied') return entry['tightens'] === true;
    if (kind !== 'person.enrolled') return false;
    const subject = textOf(entry, 'subject');
    const invitation = entry['invitation'];
    if (typeof invitation === 'string') return this.#invited.get(invitation) === subject;
    // A recovery code: there was one, and it is gone.
    const left = setOf(entry['recovery']);
    const before = this.#recovery.get(subject) ?? new Set();
    return entry['via'] === 'recovery' && [...before].filter((code) => !left.has(code)).length === 1;
  }

  #follow(entry: JsonObject, kind: string): void {
    this.#answers.follow(entry, kind);
    const subject = textOf(entry, 'subject');
    if (kind === 'operator.applied') this.#origins = setOf(entry['origins']);
    if (kind === 'person.invited') this.#invited.set(textOf(entry, 'invitation'), subject);
    if (kind === 'person.codes' || kind === 'person.enrolled')
      this.#recovery.set(subject, setOf(entry['recovery']));
    if (kind === 'person.removed') this.#keys.delete(textOf(entry, 'credential'));
    if (kind !== 'person.enrolled') return;
    this.#claimed = true;
    this.#invited.delete(textOf(entry, 'invitation'));
    const key = keyOf(textOf(entry, 'publicKey'));
    if (key === null) return;
    const validFrom = entry['validFrom'];
    this.#keys.set(textOf(entry, 'credential'), {
      person: subject,
      key,
      rpId: textOf(entry, 'rpId'),
      origin: textOf(entry, 'origin'),
      validFrom: typeof validFrom === 'string' ? validFrom : null,
    });
  }

  #whatIsWrong(entry: JsonObject, kind: string, proof: JsonObject): string | null {
    const { statement } = proof;
    if (!isJsonObject(statement)) return 'it says nothing that was signed';
    const enrolled = this.#keys.get(textOf(proof, 'credential'));
    if (enrolled === undefined) return 'no passkey of that id was enrolled, or it was removed';
    return (
      this.#wrongStatement(entry, kind, statement, enrolled) ??
      this.#wrongAssertion(proof, statement, enrolled)
    );
  }

  /** What was signed must be what the entry says. */
  #wrongStatement(
    entry: JsonObject,
    kind: string,
    statement: JsonObject,
    { person, validFrom }: EnrolledKey,
  ): string | null {
    if (entry['person'] !== person) return `the passkey is ${person}'s`;
    if (this.instance !== null && statement['instance'] !== this.instance)
      return 'it is for another instance';
    const purpose = PURPOSES.get(kind) ?? WHERE_SIGNED.get(kind);
    if (purpose !== undefined && statement['purpose'] !== purpose) return `it is not for ${purpose}`;
    const at = Date.parse(textOf(entry, 'at'));
    if (validFrom !== null && at < Date.parse(validFrom)) return 'the passkey was not good yet';
    if (purpose === 'sign-in') return null;
    if (statement['person'] !== person) return 'it names another person';
    if (at > Date.parse(textOf(statement, 'expiry')) + LATEST_MS) return 'it had expired';
    if (statement['change'] !== changeOf(entry)) return 'it is for another change';
    for (const member of ['approval', 'digest', 'answer'])
      if (statement[member] !== undefined && statement[member] !== entry[member])
        return `it has another ${member}`;
    return null;
  }

  /** WebAuthn §7.2, as far as it can be done afterwards. */
  #wrongAssertion(proof: JsonObject, statement: JsonObject, enrolled: EnrolledKey): string | null {
    const [clientBytes, authData, signature] = ['clientDataJSON', 'authenticatorData', 'signature'].map(
      (member) => Buffer.from(textOf(proof, member), 'base64url'),
    ) as [Buffer, Buffer, Buffer];
    const client = objectIn(clientBytes);
    const challenge = hash('sha256', canonicalText(statement), 'base64url');
    if (client['challenge'] !== challenge) return 'the challenge is not that of the statement';
    if (client['type'] !== 'webauthn.get' || client['crossOrigin'] === true)
      return 'it is no assertion of this page';
    const origin = textOf(client, 'origin');
    if (origin !== enrolled.origin && !this.#origins.has(origin)) return `it was made at ${origin}`;
    if (authData.length < 37) return 'the authenticator data is cut short';
    const rpIdHash = authData.subarray(0, 32).toString('hex');
    if (rpIdHash !== hash('sha256', enrolled.rpId, 'hex')) return 'it is for another relying party';
    if (((authData[32] ?? 0) & PRESENT_AND_VERIFIED) !== PRESENT_AND_VERIFIED)
      return 'the user was not verified';
    const signed = Buffer.concat([authData, hash('sha256', clientBytes, 'buffer')]);
    if (!isSignedBy(enrolled.key, signed, signature)) return 'it was not made with that passkey';
    if (this.#challenges.has(challenge)) return 'it stands in the log twice';
    this.#challenges.add(challenge);
    const counter = authData.readUInt32BE(33);
    const counted = `${textOf(proof, 'credential')} ${counter}`;
    if (counter > 0 && this.#counters.has(counted))
      return 'its counter was there before: the passkey was copied';
    this.#counters.add(counted);
    return null;
  }
}

function changeOf(entry: JsonObject): string {
  const change = Object.fromEntries(
    Object.entries(entry).filter(([member]) => !BESIDE_THE_CHANGE.has(member)),
  );
  return `sha256:${hash('sha256', canonicalText(change as JsonObject), 'hex')}`;
}

function isSignedBy(key: KeyObject, data: Buffer, signature: Buffer): boolean {
  try {
    return verify(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', data, key, signature);
  } catch {
    return false;
  }
}

function keyOf(spki: string): KeyObject | null {
  try {
    return createPublicKey({ key: Buffer.from(spki, 'base64url'), format: 'der', type: 'spki' });
  } catch {
    return null;
  }
}

function objectIn(bytes: Buffer): JsonObject {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

function setOf(value: Json | undefined): ReadonlySet<string> {
  return new Set(Array.isArray(value) ? value.map(String) : []);
}

function textOf(object: JsonObject, member: string): string {
  const value = object[member];
  return typeof value === 'string' ? value : '';
}
