/**
 * What a person signs with a passkey. The challenge of the assertion is SHA-256 of the RFC 8785 text of the statement
 * (docs/formats/control.md); what does not apply is absent.
 */
export type Statement = {
  /** What the signature is good for, and for nothing else: `sign-in`, `enrol`, or the name of an operator's act. */
  readonly purpose: string;
  /** `sha256:` of the log's verifier key line: no other instance takes it. */
  readonly instance: string;
  /** Who signs. Absent only where it is asked who that is: `sign-in`. */
  readonly person?: string;
  /** RFC 3339; not taken afterwards. */
  readonly expiry: string;
  /** 16 random bytes, base64url: single use. */
  readonly nonce: string;
  /** Digest of what the log entry will say of the change (pipeline/acts/change.ts). */
  readonly change?: string;
  /** Of an answer to an approval: which one, the action's digest, the policy it was asked under, and what is answered. */
  readonly approval?: string;
  readonly digest?: string;
  readonly rules?: string;
  readonly answer?: string;
};

/** An assertion as the log keeps it in `proof`: enough to verify it offline against the entry that enrolled the passkey. */
export type StoredProof = {
  readonly statement: Statement;
  /** The passkey's id, base64url; `person.enrolled` has its key. */
  readonly credential: string;
  /** As WebAuthn names them, base64url. */
  readonly authenticatorData: string;
  readonly clientDataJSON: string;
  readonly signature: string;
};
