/** What an upstream asks of its client, calls that pause for it, and tasks. */
export const ASKS = {
  /** What one upstream may ask of its client: a request's whole length, its message to a person, how often in one call. */
  askLength: 1024 * 1024,
  askMessageLength: 8192,
  asksPerCall: 32,
  /** Asks of one upstream session that wait for their answer; in all fewer than its connections, so that answers get through. */
  asksPerSession: { ofOneAgent: 16, inAll: 48 },
  /** Addresses that one upstream session has sent people to and not said to be done with. */
  elicitationsPerSession: 64,
  /** A `requestState` of ours, and the upstream's own that travels inside it (as JSON, in base64url). */
  requestStateLength: 512 * 1024,
  upstreamStateBytes: 48 * 1024,
  /** Paused calls of one agent that wait to go on, and how often one call may pause. */
  pausesPerAgent: 32,
  roundsPerCall: 32,
  /** What is kept of the answer of a call that ended while its client was away, as JSON text; beyond, it is not given out. */
  heldAnswerLength: 1024 * 1024,
  /** Tasks of one agent that run; all that are kept until their time is over, with the JSON text of their results; a page of a list. */
  tasks: { running: 64, kept: 256, resultsLength: 64 * 1024 * 1024, page: 100 },
  /** How long a task is kept from its creation, where its upstream does not say and at most; what runs then is cancelled. */
  taskTtlMs: { usual: 3_600_000, most: 24 * 3600 * 1000 },
  /** How often an upstream is asked how a task is, and how long one answer about a task may take. */
  taskPollMs: { least: 100, usual: 1000, most: 10_000 },
  taskLookMs: 5000,
  /** Answers in a row from which no task can be read until it is given up. */
  taskUnreadableLooks: 5,
  /** An upstream's id of a task, and its words about one that are passed on. */
  taskTexts: { id: 1024, message: 1024 },
  /** How long a client, and the person behind it, is waited for. */
  askMs: 600_000,
} as const;
