/** What agents have been through, budgets, breakers and cases. */
export const HISTORY = {
  /** Different targets of one agent counted within an hour, and owners of targets and audiences that it is known to have met. */
  distinctTargets: 10_000,
  knownPerAgent: 10_000,
  /** What is usual for an agent: from so many days back, and known from so many hours with work on. */
  usualDays: 14,
  usualHours: 20,
  /** After a release counts stand double for so long. */
  halfOpenMs: 3_600_000,
  /** So many agents an entry of a release names as half-open; where there are more, all are. */
  halfOpenNamed: 100,
  /** Budgets of one agent; targets that one counts apart; cells of a period that is over, dropped with one entry. */
  budgetsPerAgent: 32,
  budgetTargets: 10_000,
  budgetStale: 64,
  /** How many entries a start looks back for what the log says of a budget last. */
  budgetLookBack: 100_000,
  budgetPage: 1000,
} as const;
