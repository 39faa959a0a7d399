/** The stop. */
export const CONTAINMENT = {
  /** How long a stop is watched until all that it cut has ended, before its entry says which had not. */
  stopSettleMs: 2000,
  /** Then so many turns of the loop more: a busy one hears late of what has ended long ago. */
  stopHeardTurns: 4,
  /** How long a stop lets an upstream answer that it has heard of a task's end. */
  stopWordMs: 500,
  /** What was killed: how long the first word of two stands, and how far apart the two are where one person gives both. */
  firstWordMs: 24 * 3600 * 1000,
  secondWordMs: 600_000,
  /** What is kept free on the disk for stops: two slots, each with room for some thousand of them. */
  stopReserveBytes: 256 * 1024,
  /** The very same stop again within so long is counted in one entry, for so many different ones at a time. */
  stopRepeatMs: 1000,
  stopsRemembered: 256,
  /** Of what a stop cut its entry and its answer name so many, the slowest first; the rest is counted. */
  stopNamed: 100,
  /** Of a stop of more than one agent so many owners are told, and so many backups. */
  stopTold: 20,
  /** So many pages about such stops are open at once: who stops by the hundred is paged about for that already. */
  stoppedWideOpen: 100,
  /** Revoking a secret after a kill: how long one step may take where the configuration does not say, and at most. */
  revokeStepMs: 10_000,
  revokeStepMostMs: 60_000,
  /** How often it is tried, and the read that proves it; each wait in between is twice the one before. */
  /** The read that is to be refused afterwards has to work before: how long the kill waits for that. */
  revokeBaselineMs: 3000,
  revokeTries: 4,
  revokeGapMs: 500,
  /** Of what a failing step says: what is read, and what of that the log keeps, scrubbed. */
  revokeReadBytes: 16_384,
  revokeSaidLength: 300,
} as const;
