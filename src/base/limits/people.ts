/** Operators: the socket, sign-in, sessions, passkeys, tokens. */
export const PEOPLE = {
  /** Operator acts by socket within so long that nobody is told of besides the log; from the next one on somebody is. */
  quietSocketActs: { most: 2, withinMs: 600_000 },
  /** What is left of an operator's conversation with the socket when an instance stops gets this long. */
  socketEndMs: 1000,
  /** Connections at the operator socket: commands that wait for a signature or run a program stay open. */
  socketConnections: 1024,
  /** `control`: a person's session at most, and without a request; sessions of one person; connections, streams included. */
  signedInMs: 8 * 3600 * 1000,
  signedInIdleMs: 30 * 60_000,
  sessionsPerPerson: 8,
  controlConnections: 2048,
  /** What waits for a person's signature: one challenge; challenges open for anybody and for one person; a change. */
  ceremonyMs: 300_000,
  openCeremonies: 1024,
  ceremoniesPerPerson: 32,
  changeMs: 600_000,
  changesPerAsker: 16,
  keptChanges: 200,
  /** A code for the first admin, an invitation, wrong tries at codes, recovery codes of one person, and how long a passkey made with one waits. */
  enrolCodeMs: 600_000,
  invitationMs: 72 * 3600 * 1000,
  openInvitations: 64,
  codeTriesPerMinute: 10,
  recoveryCodes: 8,
  recoveryWaitMs: 24 * 3600 * 1000,
  /** How long a token is good where nobody says, and at most: one that outlives whoever made it is never looked at again. */
  tokenTtlMs: 90 * 24 * 3600 * 1000,
  tokenTtlMostMs: 3650 * 24 * 3600 * 1000,
  /** Failed authentications from one address in a minute before further ones wait for the next minute. */
  authFailuresPerMinute: 60,
} as const;
