/** Against floods: what one agent may have at once, and in a minute; `limits` of the configuration. Budgets are containment's. */
export const FLOODS = {
  /** Attempts of one agent in flight; `limits.inFlight` of the configuration. */
  inFlightPerAgent: 256,
  /** `limits.attemptsPerMinute` of the configuration. */
  attemptsPerMinute: 6000,
  /**
   * Requests of one agent in a minute that are no attempts (lists, beginnings of sessions, pings), and as many that are
   * refused; for an agent that may make more attempts than that, as many as those.
   */
  asidesPerMinute: 6000,
  /** `limits.logBytesPerDay` of the configuration. */
  logBytesPerDay: 2e9,
} as const;
