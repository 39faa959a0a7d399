/** Suggestions and `doctor`. */
export const TOOLS = {
  /** Denied actions that a suggestion is made of, different calls that one suggested rule names, and one text in it. */
  suggestedActions: 5000,
  /** How far is looked back for what a rule that asks less would have let pass, and how many of those are named. */
  lessBackMs: 30 * 24 * 3600 * 1000,
  lessActions: 100,
  /** Answers of people that are counted by rule, and how many of them at a time. */
  answersLooked: 20_000,
  answersPage: 1000,
  suggestedCases: 50,
  suggestedTextLength: 4000,
  /** Action ids that are named beside a suggested rule; further ones are counted. */
  suggestedEvidence: 20,
  /** `doctor`: waiting for a sibling to be ready, for one answer, for an address, and for a sibling to end. */
  doctorStartMs: 60_000,
  /** Siblings that start at the same time. */
  doctorStarts: 2,
  doctorCallMs: 15_000,
  doctorProbeMs: 1500,
  doctorEndMs: 3000,
  /** Servers that one run of `doctor` mirrors, pairs of agent and server that it tries, and how many of them over stdio. */
  doctorServers: 24,
  doctorPairs: 64,
  doctorFullPairs: 8,
} as const;
