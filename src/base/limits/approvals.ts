/** Questions to people. */
export const APPROVALS = {
  /** How long a question to people stays open where no rule says (`@within`), and how long a rule may keep one open. */
  approvalMs: 15 * 60_000,
  approvalMostMs: 30 * 24 * 3600 * 1000,
  /** Questions of one agent that wait for an answer. */
  approvalsPerAgent: 10,
  /** Questions of one agent that ran out or were denied and are kept to be seen; and for how long. */
  endedApprovalsPerAgent: 50,
  endedApprovalMs: 7 * 24 * 3600 * 1000,
  newcomerMs: 7 * 24 * 3600 * 1000,
  /** How often it is looked what has run out. */
  approvalSweepMs: 1000,
  /** What a person waits for the version of another target that she makes it about. */
  editReadMs: 10_000,
  /** A call is held so long for an answer (`approvals.hold` of the configuration), and its client told every so often that it waits. */
  approvalHoldMs: 40_000,
  approvalHoldMostMs: 600_000,
  approvalTickMs: 5000,
  /** Keys of access requests that are remembered for one caller at the check door. */
  requestKeys: 100,
  /** How often one call is decided anew because something moved while it was held. */
  approvalTurns: 64,
  /** What a person is shown beside a question: a file that would be replaced, and what the agent did lately. */
  shownFileBytes: 256 * 1024,
  recentMs: 10 * 60_000,
  recentActions: 20,
  /** How long a person's no is looked back on, and how many of them (targets) of one agent; questions that wait meanwhile. */
  refusalsLastMs: 90 * 24 * 3600 * 1000,
  refusalsPerAgent: 10_000,
  followedQuestions: 20_000,
  /** A standing approval: for so many actions, for so long, and so many of one agent. */
  grantTimes: 100,
  grantMostMs: 7 * 24 * 3600 * 1000,
  grantsPerAgent: 32,
  /** How much of the log is looked through for what became of one question, and by how much its id may be older than its entry. */
  fateEntries: 5000,
  fateSlackMs: 60_000,
  /** Questions that one signature answers at once. */
  answersAtOnce: 50,
} as const;
