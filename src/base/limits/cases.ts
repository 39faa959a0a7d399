/** Cases: what a stop leaves for people to look into. */
export const CASES = {
  /** Open at once; a stop beyond that is recorded, opens none, and is told in the log of the process. */
  casesOpen: 1000,
  /** Closed ones in a list. */
  casesClosed: 50,
  /** Actions that a case looks back on, the newest; stops and unknown ends that it names; targets that it lists. */
  caseActions: 2000,
  caseStops: 50,
  caseUnknown: 100,
  caseTargets: 100,
  /** How far it looks back where nobody had looked at the agent. */
  caseBackMs: 24 * 3600 * 1000,
  /** Entries behind it that are looked through where the scope is no agent, nor a session. */
  caseBacklog: 20_000,
  /** How often it is looked whether a page has gone unacknowledged for too long. */
  caseTurnMs: 2000,
} as const;
