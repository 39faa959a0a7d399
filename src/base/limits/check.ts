/** The check door, and what was done elsewhere. */
export const CHECK = {
  /** Lines that `decide` asks for in one go. */
  decideBatch: 256,
  /** Evaluations in one request at the check door, and how many of them are asked at once. */
  evaluationsPerRequest: 256,
  evaluationsAtOnce: 64,
  /** Nobody told the outcome of what was done elsewhere for so long: it is `unknown`. */
  unreportedMs: 15 * 60_000,
  /** How often that is looked at. */
  unreportedSweepMs: 5000,
  /** Actions of one agent that wait for their outcome; beyond, its oldest is `unknown` early. The default limit on attempts gives 90,000 in that time. */
  unreportedPerAgent: 100_000,
  /** How many entries too far back a start may look for actions that wait for their outcome. */
  unreportedLag: 10_000,
} as const;
