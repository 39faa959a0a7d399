/** Owner leases: how long agents act by themselves between two looks. */
export const LEASES = {
  /** How often an owner looks: `agents[].cadence`; the shorter one where an agent may reach people or services outside. */
  leaseCadenceMs: 7 * 24 * 3600 * 1000,
  leaseCadenceOutsideMs: 24 * 3600 * 1000,
  /** The part of a cadence, at its end, in which owner and backup are warned; cadences until `watched` becomes `frozen`. */
  leaseWarnPart: 0.25,
  leaseFrozenCadences: 2,
  /** A look that lies so far in the future was written by another clock, and counts for nothing. */
  leaseClockToleranceMs: 600_000,
  /** How often it is looked what has run out, so that people are told and what runs is cut; what is decided is exact. */
  leaseTurnMs: 2000,
  /** Actions in a sample, and those it is drawn from: the newest since the last look. */
  leaseSample: 5,
  leaseSampledFrom: 2000,
  /** How long a sample that was shown may be confirmed, and how many wait for that. */
  leaseOfferMs: 3_600_000,
  leaseOffers: 512,
} as const;
