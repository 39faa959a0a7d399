/** What agents put before people in their own words: questions, requests for permission, what they hand over. */
export const APPEALS = {
  /** Of one agent: how many may wait, and how many it may make within an hour. */
  appealsPerAgent: 10,
  appealsPerHour: 20,
  /** How long one waits, and how long one that was answered or ran out is kept: until then the same words get the same answer. */
  appealMs: 7 * 24 * 3600 * 1000,
  endedAppealMs: 24 * 3600 * 1000,
  appealSweepMs: 30_000,
  /** Its texts, its options and their length, in UTF-16 code units. */
  appealTextLength: 4000,
  appealOptions: 8,
  appealOptionLength: 200,
  /** How long a rule may be asked for, in hours. */
  appealHours: 24 * 365,
} as const;
