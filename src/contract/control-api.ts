/** The operator API on `control`, version 1, as JSON. Described in full by GET /v1/openapi.json; docs/formats/control.md. */

/** GET /v1/instance, for anyone. */
export interface ApiInstance {
  readonly version: string;
  /** Whether a passkey was ever enrolled. */
  readonly claimed: boolean;
}

/** GET /v1/session: who is signed in. */
export interface ApiSession {
  readonly person: string;
  readonly name: string;
  readonly roles: readonly string[];
  /** RFC 3339: then the session is over, whatever it does. */
  readonly expires: string;
  /** How many passkeys she has; with one only, the page asks for a second. */
  readonly passkeys: number;
}

/** POST /v1/sign-in: the bearer token of the session, once. The page holds it in memory; there are no cookies. */
export interface ApiSignedIn extends ApiSession {
  readonly token: string;
}

/** A session of a person that is open. Times are RFC 3339. */
export interface OpenSession {
  /** Names it without being its token. */
  readonly session: string;
  readonly person: string;
  readonly origin: string;
  /** Address of the connection that it was opened by; a proxy's own, where one stands before `control`. */
  readonly from: string;
  readonly opened: string;
  readonly used: string;
  readonly expires: string;
}

/** GET /v1/sessions: her own or, for an admin, anybody's. */
export interface ApiOpenSession extends OpenSession {
  /** Whether it is the one that asks. */
  readonly isThis: boolean;
}

/**
 * An act that widens and waits for a signature: the answer (202) of whatever asked for it. Sign it by
 * POST /v1/changes/ID/statement (what is signed) and POST /v1/changes/ID/sign (the assertion).
 */
export interface ApiChange {
  readonly id: string;
  /** The act's name: `apply`, `token`, `release`, … */
  readonly act: string;
  /** `socket`, or the id of the person who asked. */
  readonly asked: string;
  /** RFC 3339; not taken afterwards. */
  readonly expires: string;
  /** `sha256:` of what the log entry will say. */
  readonly change: string;
  /** What the log entry will say. */
  readonly fields: object;
  readonly state: 'waiting' | 'done' | 'dropped' | 'expired';
}
